import type { Clock, Timer } from '../shared/clock.ts';
import type { Part } from '../shared/part.ts';
import type { Change, Queries, Subscribe } from '../store/views.ts';

interface AnnounceOptions {
  readonly clock: Clock;
  readonly queries: Pick<Queries, 'stock' | 'stockOf'>;
  readonly subscribe: Subscribe;
  /** Publishes a retained message to whoever listens in the store. */
  readonly publish: (topic: string, payload: string) => Promise<unknown>;
}

const COALESCE_MS = 100;

/** Tells the store's other systems over MQTT what stock there is: `aisle/v1/store/stock/{gtin}`, retained. */
export function createAnnouncer({ clock, queries, subscribe, publish }: AnnounceOptions): Part {
  const changed = new Set<string>();
  let timer: Timer | null = null;
  let unsubscribe: (() => void) | null = null;

  const flush = () => {
    timer = null;
    for (const gtin of changed) {
      const view = queries.stockOf(gtin);
      if (view) void publish(`aisle/v1/store/stock/${gtin}`, JSON.stringify(view));
    }
    changed.clear();
  };
  const listen = (change: Change) => {
    if (change.kind !== 'facts') return;
    for (const { fact } of change.entries) {
      if (fact.type === 'movement') changed.add(fact.gtin);
      else if (fact.type === 'reservation') for (const { gtin } of fact.lines) changed.add(gtin);
      // A policy may change what of every item can be promised.
      else if (fact.type === 'configuration') for (const { gtin } of queries.stock()) changed.add(gtin);
    }
    if (changed.size > 0) timer ??= clock.after(COALESCE_MS, flush);
  };
  return {
    name: 'announcer',
    start: async () => {
      unsubscribe = subscribe(listen);
    },
    stop: async () => {
      unsubscribe?.();
      unsubscribe = null;
      timer?.cancel();
    },
    health: () => ({ state: unsubscribe ? 'ok' : 'stopped' }),
  };
}
