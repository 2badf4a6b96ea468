import type { LogEntry } from '../store/fact.ts';
import type { Change, FootfallBinView, MovementView, Queries, ValueView } from '../store/views.ts';

export interface LiveEvent {
  readonly event: string;
  readonly view: unknown;
}

export interface LiveChanges {
  note(change: Change): void;
  /** The events of everything noted since the last call: each view once, as it is now. */
  take(): readonly LiveEvent[];
  forget(): void;
}

/**
 * Collects what changed and reads the views only when they are told: ten picks of one item within a
 * turn are ten movements, but one stock and one facing.
 */
export function createLiveChanges(queries: Queries): LiveChanges {
  const items = new Set<string>();
  const labels = new Set<string>();
  const devices = new Set<string>();
  const coldUnits = new Set<string>();
  const reservations = new Set<string>();
  const values = new Map<string, ValueView>();
  const footfall = new Map<string, FootfallBinView>();
  const plain: LiveEvent[] = [];
  const troubles = new Map<string, string | null>();

  const noteFact = (entry: LogEntry) => {
    const { fact } = entry;
    switch (fact.type) {
      case 'movement':
        items.add(fact.gtin);
        plain.push({ event: 'movement', view: movementOf(entry, fact) });
        break;
      case 'reservation':
        for (const line of fact.lines) items.add(line.gtin);
        reservations.add(fact.reservation);
        break;
      case 'label':
        labels.add(fact.label);
        items.add(fact.gtin);
        break;
      case 'device':
        devices.add(fact.device);
        break;
      case 'cold_alarm':
        coldUnits.add(fact.unit);
        plain.push({ event: 'alarm', view: alarmOf(fact) });
        break;
      case 'temperature':
        coldUnits.add(fact.unit);
        break;
      case 'footfall':
        footfall.set(`${fact.door} ${fact.minuteMs}`, {
          door: fact.door,
          startMs: fact.minuteMs,
          in: fact.in,
          out: fact.out,
        });
        break;
    }
  };

  // A facing is in trouble because its shelf is, so a shelf's state may change facings that nobody touched.
  const facingsInNewTrouble = () =>
    queries.facings().filter(view => {
      const changed = troubles.has(view.facing) ? troubles.get(view.facing) !== view.trouble : true;
      troubles.set(view.facing, view.trouble);
      return changed && !items.has(view.gtin);
    });

  const forget = () => {
    for (const each of [items, labels, devices, coldUnits, reservations, values, footfall]) each.clear();
    plain.length = 0;
  };

  return {
    note(change) {
      if (change.kind === 'facts') for (const entry of change.entries) noteFact(entry);
      else for (const value of change.values) values.set(`${value.device} ${value.point}`, value);
    },
    take() {
      const deviceViews = views(devices, queries.deviceOf);
      const shelfChanged = deviceViews.some(view => view.kind === 'shelf');
      const facings = [...items].flatMap(gtin => queries.facingsOf(gtin));
      if (shelfChanged) facings.push(...facingsInNewTrouble());
      const units = coldUnits.size > 0 ? queries.coldUnits().filter(view => coldUnits.has(view.unit)) : [];
      const events = [
        ...plain,
        ...named('stock', views(items, queries.stockOf)),
        ...named('facing', facings),
        ...named('value', [...values.values()]),
        ...named('cold', units),
        ...named('footfall', [...footfall.values()]),
        ...named('label', views(labels, queries.labelOf)),
        ...named('device', deviceViews),
        ...named('reservation', views(reservations, queries.reservation)),
      ];
      forget();
      return events;
    },
    forget,
  };
}

const named = (event: string, list: readonly unknown[]): LiveEvent[] => list.map(view => ({ event, view }));

const views = <T>(ids: ReadonlySet<string>, find: (id: string) => T | null): T[] =>
  [...ids].map(id => find(id)).filter(view => view !== null);

function movementOf(entry: LogEntry, fact: Extract<LogEntry['fact'], { type: 'movement' }>): MovementView {
  const { type: _, ...movement } = fact;
  const { seq, eventTimeMs, receivedTimeMs } = entry;
  return { seq, ...movement, eventTimeMs, receivedTimeMs };
}

function alarmOf(fact: Extract<LogEntry['fact'], { type: 'cold_alarm' }>): object {
  const { type: _, ...alarm } = fact;
  return alarm;
}
