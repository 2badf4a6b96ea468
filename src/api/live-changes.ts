import type { LogEntry } from '../store/fact.ts';
import type { Change, ColdUnitView, FacingView, MovementView, Queries, ValueView } from '../store/views.ts';

export interface LiveEvent {
  readonly event: string;
  readonly view: unknown;
}

export interface LiveChanges {
  note(change: Change): void;
  /** The events of everything noted since the last call: each view once, as it is now. */
  take(): readonly LiveEvent[];
  /** Forgets what was noted; what is so now counts as known. */
  reset(): void;
}

interface Pending {
  readonly items: Set<string>;
  readonly labels: Set<string>;
  readonly devices: Set<string>;
  readonly coldUnits: Set<string>;
  readonly reservations: Set<string>;
  readonly tasks: Set<string>;
  readonly values: Map<string, ValueView>;
  /** Start of the first minute in which people were counted; null when nobody was. */
  footfallSinceMs: number | null;
  /** Policies changed: what can be promised of every item, and the limits of every cold unit. */
  policies: boolean;
  /** Told one by one, in the order of the log. */
  readonly single: LiveEvent[];
}

const nothing = (): Pending => ({
  items: new Set(),
  labels: new Set(),
  devices: new Set(),
  coldUnits: new Set(),
  reservations: new Set(),
  tasks: new Set(),
  values: new Map(),
  footfallSinceMs: null,
  policies: false,
  single: [],
});

const MINUTE_MS = 60_000;

/**
 * Collects what changed and reads the views only when they are told: ten picks of one item within a
 * turn are ten movements, but one stock and one facing.
 */
export function createLiveChanges(queries: Queries): LiveChanges {
  let pending = nothing();
  let troubles = new Map<string, FacingView['trouble']>();

  const troublesOf = (facings: readonly FacingView[]) =>
    new Map(facings.map(({ facing, trouble }) => [facing, trouble]));

  // A facing is in trouble because its shelf is, so a shelf's state may change facings that nobody touched.
  const facingsInNewTrouble = () => {
    const before = troubles;
    const facings = queries.facings();
    troubles = troublesOf(facings);
    return facings.filter(({ facing, trouble }) => before.get(facing) !== trouble);
  };

  return {
    note(change) {
      if (change.kind === 'facts') for (const entry of change.entries) noteFact(pending, entry);
      else for (const value of change.values) noteValue(pending, value);
    },
    take() {
      const { items, labels, devices, coldUnits, reservations, tasks, values, footfallSinceMs, single } =
        pending;
      const { policies } = pending;
      pending = nothing();
      const deviceViews = views(devices, queries.deviceOf);
      const silent = deviceViews.some(view => view.kind === 'shelf') ? facingsInNewTrouble() : [];
      const touched = [...items].flatMap(gtin => queries.facingsOf(gtin));
      const isTold = (view: ColdUnitView) => policies || coldUnits.has(view.unit);
      const units = policies || coldUnits.size > 0 ? queries.coldUnits().filter(isTold) : [];
      const stock = policies ? queries.stock() : views(items, queries.stockOf);
      return [
        ...single,
        ...named('stock', stock),
        ...named('facing', [...touched, ...silent.filter(view => !items.has(view.gtin))]),
        ...named('value', [...values.values()]),
        ...named('cold', units),
        ...named('footfall', footfallSinceMs === null ? [] : queries.footfall(footfallSinceMs, 1)),
        ...named('label', views(labels, queries.labelOf)),
        ...named('device', deviceViews),
        ...named('reservation', views(reservations, queries.reservation)),
        ...named('task', views(tasks, queries.taskOf)),
      ];
    },
    reset() {
      pending = nothing();
      troubles = troublesOf(queries.facings());
    },
  };
}

const named = (event: string, list: readonly unknown[]): LiveEvent[] => list.map(view => ({ event, view }));

const views = <T>(ids: ReadonlySet<string>, find: (id: string) => T | null): T[] =>
  [...ids].map(id => find(id)).filter(view => view !== null);

function noteValue(pending: Pending, value: ValueView): void {
  pending.values.set(`${value.device} ${value.point}`, value);
  if (value.point === 'people_in_total' || value.point === 'people_out_total') {
    noteFootfall(pending, value.eventTimeMs - (value.eventTimeMs % MINUTE_MS));
  }
}

function noteFootfall(pending: Pending, minuteMs: number): void {
  pending.footfallSinceMs = Math.min(pending.footfallSinceMs ?? minuteMs, minuteMs);
}

function noteFact(pending: Pending, entry: LogEntry): void {
  const { fact } = entry;
  switch (fact.type) {
    case 'movement':
      pending.items.add(fact.gtin);
      pending.single.push({ event: 'movement', view: movementOf(entry, fact) });
      break;
    case 'reservation':
      for (const line of fact.lines) pending.items.add(line.gtin);
      pending.reservations.add(fact.reservation);
      break;
    case 'task':
      pending.tasks.add(fact.task);
      break;
    case 'label':
      pending.labels.add(fact.label);
      pending.items.add(fact.gtin);
      break;
    case 'device':
      pending.devices.add(fact.device);
      break;
    case 'cold_alarm':
      pending.coldUnits.add(fact.unit);
      pending.single.push({ event: 'alarm', view: withoutType(fact) });
      break;
    case 'temperature':
      pending.coldUnits.add(fact.unit);
      break;
    case 'footfall':
      noteFootfall(pending, fact.minuteMs);
      break;
    case 'configuration':
      pending.policies = true;
      break;
  }
}

function withoutType<T extends { readonly type: string }>({ type: _, ...rest }: T): Omit<T, 'type'> {
  return rest;
}

function movementOf(entry: LogEntry, fact: Extract<LogEntry['fact'], { type: 'movement' }>): MovementView {
  const { seq, eventTimeMs, receivedTimeMs } = entry;
  return { seq, ...withoutType(fact), eventTimeMs, receivedTimeMs };
}
