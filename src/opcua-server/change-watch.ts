import type { Clock } from '../shared/clock.ts';
import { createLocalDays } from '../shared/local-time.ts';
import type { Change, FacingView, Queries, Subscribe } from '../store/views.ts';
import { coldValues, doorValues, emptyFacings, facingValue } from './store-nodes.ts';
import type { NodeValue } from './thread-messages.ts';

/** Notes what changed and reads it once, when it is asked for. */
export interface ChangeWatch {
  start(): void;
  stop(): void;
  /** Every value as it is now. */
  everything(): readonly NodeValue[];
  /** Values that may have changed since the last call. */
  take(): readonly NodeValue[];
}

interface WatchOptions {
  readonly queries: Queries;
  readonly subscribe: Subscribe;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly store: { readonly timeZone: string };
}

/** What may change how a cold unit stands: its limits are policies. */
const COLD: ReadonlySet<string> = new Set(['cold_alarm', 'temperature', 'device', 'configuration']);

const DAY_MINUTES = 24 * 60;

export function createChangeWatch({ queries, subscribe, clock, store }: WatchOptions): ChangeWatch {
  const dayOf = createLocalDays(store.timeZone);
  const items = new Set<string>();
  const empty = new Set<string>();
  const changed = { shelves: false, cold: false, doors: false };
  let day = '';
  let unsubscribe = () => {};

  function note(change: Change): void {
    if (change.kind === 'values') {
      changed.cold ||= change.values.some(({ point }) => point === 'air_temperature');
      changed.doors ||= change.values.some(({ point }) => point.startsWith('people_'));
      return;
    }
    for (const { fact } of change.entries) {
      if (fact.type === 'movement') items.add(fact.gtin);
      // A silent shelf changes what its facings' counts are worth, without any movement.
      changed.shelves ||= fact.type === 'device' || fact.type === 'plate_trouble';
      changed.cold ||= COLD.has(fact.type);
      changed.doors ||= fact.type === 'footfall';
    }
  }

  const cold = () => queries.coldUnits().flatMap(unit => coldValues(unit, clock.nowMs()));

  function doors(): NodeValue[] {
    const nowMs = clock.nowMs();
    const names = queries.devices().flatMap(({ kind, boundTo }) => (kind === 'footfall' ? [boundTo] : []));
    const { startMs } = dayOf(nowMs);
    return doorValues([...new Set(names)], queries.footfall(startMs, DAY_MINUTES), nowMs);
  }

  function shelves(facings: readonly FacingView[]): NodeValue[] {
    for (const { facing, quantity } of facings) {
      if (quantity > 0) empty.delete(facing);
      else empty.add(facing);
    }
    return [...facings.map(facingValue), emptyFacings(empty.size, clock.nowMs())];
  }

  function reset(): void {
    items.clear();
    Object.assign(changed, { shelves: false, cold: false, doors: false });
  }

  return {
    start() {
      unsubscribe = subscribe(note);
    },
    stop() {
      unsubscribe();
    },
    everything() {
      reset();
      empty.clear();
      return [...shelves(queries.facings()), ...cold(), ...doors()];
    },
    take() {
      const today = dayOf(clock.nowMs()).day;
      const values: NodeValue[] = [];
      if (changed.shelves) values.push(...shelves(queries.facings()));
      else if (items.size > 0) values.push(...shelves([...items].flatMap(gtin => queries.facingsOf(gtin))));
      if (changed.cold) values.push(...cold());
      if (changed.doors || today !== day) values.push(...doors());
      day = today;
      reset();
      return values;
    },
  };
}
