import type { Place } from '../../src/domain/stock/facts.ts';
import type { TaskDocument } from '../../src/readings/documents.ts';
import { bad, GOOD } from '../../src/readings/quality.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { Fact, LogEntry } from '../../src/store/fact.ts';
import type {
  Change,
  FacingView,
  MovementView,
  ReservationView,
  TaskView,
  ValueView,
} from '../../src/store/views.ts';

export type DemoState = ReturnType<typeof demoState>;

/** What the store in memory knows, and the two ways in which it changes: units move, values arrive. */
export function demoState(clock: Clock) {
  const places = new Map<string, Partial<Record<Place, number>>>();
  const changedAt = new Map<string, number>();
  const movements: MovementView[] = [];
  const values = new Map<string, ValueView>();
  const tasks = new Map<string, TaskView>();
  const listeners = new Set<(change: Change) => void>();
  const log = { seq: 0 };

  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  const record = (fact: Fact): LogEntry => {
    log.seq += 1;
    return { seq: log.seq, fact, eventTimeMs: clock.nowMs(), receivedTimeMs: clock.nowMs() };
  };

  return {
    startMs: clock.nowMs(),
    log,
    places,
    changedAt,
    movements,
    values,
    tasks,
    changeTask: (document: TaskDocument) => record(taskChanged(tasks, document, clock.nowMs())),
    reservations: new Map<string, ReservationView>(),
    minutes: new Map<string, { minuteMs: number; celsius: number | null }[]>(),
    troubles: new Map<string, FacingView['trouble']>(),
    tell,
    record,
    subscribe(listener: (change: Change) => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    move(gtin: Gtin, from: Place, to: Place, quantity: number, evidence: MovementView['evidence']) {
      const confidence = evidence.kind === 'weights' ? 0.998 : 1;
      const movement = { gtin, from, to, quantity, cause: causeOf(from, to), confidence, evidence };
      const entry = record({ type: 'movement', ...movement });
      const { seq, eventTimeMs, receivedTimeMs } = entry;
      const of = places.get(gtin) ?? {};
      of[from] = (of[from] ?? 0) - quantity;
      of[to] = (of[to] ?? 0) + quantity;
      places.set(gtin, of);
      movements.unshift({ seq, ...movement, eventTimeMs, receivedTimeMs });
      for (const place of [from, to]) changedAt.set(`${gtin} ${place}`, eventTimeMs);
      tell({ kind: 'facts', entries: [entry] });
      return entry;
    },
    setValue(device: string, point: string, unit: string, value: number | boolean | null) {
      const nowMs = clock.nowMs();
      const before = values.get(`${device} ${point}`)?.lastGood ?? null;
      const view: ValueView = {
        device,
        point,
        unit,
        value,
        quality: value === null ? bad('comms') : GOOD,
        eventTimeMs: nowMs,
        receivedTimeMs: nowMs,
        lastGood: value === null ? before : { value, eventTimeMs: nowMs },
      };
      values.set(`${device} ${point}`, view);
      tell({ kind: 'values', values: [view] });
    },
  };
}

function causeOf(from: Place, to: Place): MovementView['cause'] {
  if (to === 'cart') return 'pick';
  if (from === 'cart') return to === 'customer' ? 'sale' : 'put';
  if (from === 'supplier') return 'delivery';
  return from === 'backroom' ? 'restock' : 'count';
}

function taskChanged(
  tasks: Map<string, TaskView>,
  { task, action, note }: TaskDocument,
  changedAtMs: number,
): Fact {
  const state = ({ take: 'taken', done: 'done', dismiss: 'dismissed' } as const)[action];
  const changed = { ...tasks.get(task)!, state, note, by: 'staff' as const, changedAtMs };
  tasks.set(task, changed);
  return { type: 'task', ...changed, gtin: changed.gtin as Gtin };
}
