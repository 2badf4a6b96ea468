import type { Database } from './database.ts';
import type { Fact, LogEntry, NewEntry } from './fact.ts';

/** What an event is about; decides what is kept to the last when space runs out. */
export type EventClass = 'stock' | 'cold' | 'price' | 'footfall' | 'device';

const CLASS_OF: Record<Fact['type'], EventClass> = {
  movement: 'stock',
  sale: 'stock',
  count: 'stock',
  goods: 'stock',
  shelf_event: 'stock',
  unexplained_weight: 'stock',
  reservation: 'stock',
  shortage: 'stock',
  temperature: 'cold',
  cold_alarm: 'cold',
  price: 'price',
  label: 'price',
  footfall: 'footfall',
  device: 'device',
};

/** The one list of what happened. Everything else in the database that is not the site is a fold of it. */
export interface EventLog {
  /** Gives the entry the next sequence number. Inside a transaction. */
  append(entry: NewEntry): LogEntry;
  /** The next `limit` entries after `seq`, in order. */
  after(seq: number, limit: number): LogEntry[];
  /** Entries whose event time is at or after this, in log order. */
  since(eventTimeMs: number): LogEntry[];
  /** 0 while nothing was ever logged. */
  lastSeq(): number;
  /** The oldest entry that is still here; 0 when there is none. */
  firstSeq(): number;
}

interface EventRow {
  readonly seq: number;
  readonly event_time_ms: number;
  readonly received_time_ms: number;
  readonly fact: string;
}

export function entryOf(row: EventRow): LogEntry {
  return {
    fact: JSON.parse(row.fact) as Fact,
    eventTimeMs: row.event_time_ms,
    receivedTimeMs: row.received_time_ms,
    seq: row.seq,
  };
}

export function createEventLog({ connection }: Database): EventLog {
  const insert = connection.prepare(
    `INSERT INTO event (type, class, event_time_ms, received_time_ms, gtin, fact) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const columns = 'seq, event_time_ms, received_time_ms, fact';
  const after = connection.prepare<[number, number], EventRow>(
    `SELECT ${columns} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const since = connection.prepare<[number], EventRow>(
    `SELECT ${columns} FROM event WHERE event_time_ms >= ? ORDER BY seq`,
  );
  const lastSeq = connection.prepare<[], number | null>('SELECT max(seq) FROM event').pluck();
  const firstSeq = connection.prepare<[], number | null>('SELECT min(seq) FROM event').pluck();
  return {
    append(entry) {
      const { fact } = entry;
      // Whole milliseconds, so that the entry handed on is the entry that is read back.
      const eventTimeMs = Math.round(entry.eventTimeMs);
      const receivedTimeMs = Math.round(entry.receivedTimeMs);
      const gtin = fact.type === 'movement' ? fact.gtin : null;
      const row = [fact.type, CLASS_OF[fact.type], eventTimeMs, receivedTimeMs, gtin, JSON.stringify(fact)];
      const seq = Number(insert.run(...row).lastInsertRowid);
      return { fact, eventTimeMs, receivedTimeMs, seq };
    },
    after: (seq, limit) => after.all(seq, limit).map(entryOf),
    since: eventTimeMs => since.all(eventTimeMs).map(entryOf),
    lastSeq: () => lastSeq.get() ?? 0,
    firstSeq: () => firstSeq.get() ?? 0,
  };
}
