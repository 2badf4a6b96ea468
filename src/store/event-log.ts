import type { Database } from './database.ts';
import type { Fact, LogEntry, NewEntry } from './fact.ts';

/** What an event is about; decides what is kept to the last when space runs out. */
export type EventClass = 'stock' | 'cold' | 'price' | 'footfall' | 'device' | 'sync';

const CLASS_OF: Record<Fact['type'], EventClass> = {
  movement: 'stock',
  sale: 'stock',
  count: 'stock',
  goods: 'stock',
  shelf_event: 'stock',
  unexplained_weight: 'stock',
  unit_weight: 'stock',
  plate_trouble: 'stock',
  reservation: 'stock',
  shortage: 'stock',
  notice: 'stock',
  discrepancy: 'stock',
  lease: 'stock',
  task: 'stock',
  item_day: 'stock',
  temperature: 'cold',
  cold_alarm: 'cold',
  price: 'price',
  label: 'price',
  price_list: 'price',
  footfall: 'footfall',
  device: 'device',
  discarded: 'sync',
  outage_receipt: 'sync',
  configuration: 'sync',
  backlog_level: 'sync',
};

/** The one list of what happened. Everything else in the database that is not the site is a fold of it. */
export interface EventLog {
  /** The next `limit` entries after `seq`, in order. */
  after(seq: number, limit: number): LogEntry[];
  /** Entries whose event time is at or after this, in log order. */
  since(eventTimeMs: number): LogEntry[];
  stockSince(eventTimeMs: number): LogEntry[];
  /** 0 while nothing was ever logged. */
  lastSeq(): number;
  /** The oldest entry that is still here; 0 when there is none. */
  firstSeq(): number;
}

export interface EventRow {
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
  const columns = 'seq, event_time_ms, received_time_ms, fact';
  const after = connection.prepare<[number, number], EventRow>(
    `SELECT ${columns} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`,
  );
  const since = connection.prepare<[number], EventRow>(
    `SELECT ${columns} FROM event WHERE event_time_ms >= ? ORDER BY seq`,
  );
  const stockSince = connection.prepare<[number], EventRow>(
    `SELECT ${columns} FROM event WHERE event_time_ms >= ? AND class = 'stock' ORDER BY seq`,
  );
  const lastSeq = connection.prepare<[], number | null>('SELECT max(seq) FROM event').pluck();
  const firstSeq = connection.prepare<[], number | null>('SELECT min(seq) FROM event').pluck();
  return {
    after: (seq, limit) => after.all(seq, limit).map(entryOf),
    since: eventTimeMs => since.all(eventTimeMs).map(entryOf),
    stockSince: eventTimeMs => stockSince.all(eventTimeMs).map(entryOf),
    lastSeq: () => lastSeq.get() ?? 0,
    firstSeq: () => firstSeq.get() ?? 0,
  };
}

/** The log's one writer. */
export interface Appender {
  /** Gives the entry the next sequence number. Inside a transaction, before the entry is folded. */
  append(entry: NewEntry): LogEntry;
  /** To be called when that transaction was rolled back. */
  rolledBack(): void;
}

export function createAppender({ connection }: Database): Appender {
  const insert = connection.prepare(`
    INSERT INTO event (type, class, event_time_ms, received_time_ms, previous_seq, fact) VALUES (?, ?, ?, ?, ?, ?)`);
  const findNewest = connection
    .prepare<[string], number | null>('SELECT max(seq) FROM balance WHERE gtin = ?')
    .pluck();
  // The newest movement of each GTIN that moved since the start: one number per item, saves a read per movement.
  const newest = new Map<string, number>();
  const previousOf = (gtin: string) => newest.get(gtin) ?? findNewest.get(gtin) ?? null;
  return {
    append({ fact, ...times }) {
      // Whole milliseconds, so that the entry handed on is the entry that is read back.
      const eventTimeMs = Math.round(times.eventTimeMs);
      const receivedTimeMs = Math.round(times.receivedTimeMs);
      const previous = fact.type === 'movement' ? previousOf(fact.gtin) : null;
      const text = JSON.stringify(fact);
      const added = insert.run(fact.type, CLASS_OF[fact.type], eventTimeMs, receivedTimeMs, previous, text);
      const seq = Number(added.lastInsertRowid);
      if (fact.type === 'movement') newest.set(fact.gtin, seq);
      return { fact, eventTimeMs, receivedTimeMs, seq };
    },
    rolledBack: () => newest.clear(),
  };
}
