import type { Database } from './database.ts';

/** An outage whose events are all acknowledged. */
export interface EndedOutage {
  readonly id: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** The times without a link, in the database, so that a restart in the middle of one does not hide it. */
export interface Outages {
  /** The link is gone. An outage whose events still wait goes on. */
  begin(nowMs: number, firstSeq: number): void;
  /** The link is back. An outage in which nothing happened is none. */
  linkIsUp(lastSeq: number): void;
  /** Everything up to `ackedSeq` is acknowledged. Returns the oldest outage that waits for its receipt. */
  ended(nowMs: number, ackedSeq: number): EndedOutage | null;
  /** It has its receipt, or will never have one. */
  close(id: number): void;
  /** Events were answered for by a snapshot, or the log is another one: no receipt can be given. */
  forget(): void;
  /** The first event that a receipt still needs; null when none does. */
  neededFromSeq(): number | null;
}

interface Row {
  readonly id: number;
  readonly from_ms: number;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly to_ms: number;
}

export function createOutages(database: Database): Outages {
  const { connection } = database;
  const begin = connection.prepare('INSERT INTO outage (from_ms, first_seq) VALUES (?, ?)');
  const goOn = connection.prepare('UPDATE outage SET last_seq = NULL WHERE to_ms IS NULL');
  const up = connection.prepare('UPDATE outage SET last_seq = ? WHERE to_ms IS NULL');
  const dropEmpty = connection.prepare('DELETE FROM outage WHERE to_ms IS NULL AND last_seq < first_seq');
  const openLast = connection
    .prepare<[], number | null>('SELECT last_seq FROM outage WHERE to_ms IS NULL')
    .pluck();
  const end = connection.prepare('UPDATE outage SET to_ms = ? WHERE to_ms IS NULL');
  const oldest = connection.prepare<[], Row>(
    'SELECT * FROM outage WHERE to_ms IS NOT NULL ORDER BY id LIMIT 1',
  );
  const close = connection.prepare('DELETE FROM outage WHERE id = ?');
  const first = connection.prepare<[], number | null>('SELECT min(first_seq) FROM outage').pluck();
  const write = (work: () => void) => void database.reclaim(work);
  return {
    begin: (nowMs, firstSeq) =>
      write(() => {
        if (goOn.run().changes === 0) begin.run(Math.round(nowMs), firstSeq);
      }),
    linkIsUp: lastSeq =>
      write(() => {
        up.run(lastSeq);
        dropEmpty.run();
      }),
    ended(nowMs, ackedSeq) {
      const last = openLast.get() ?? null;
      if (last !== null && ackedSeq >= last) write(() => void end.run(Math.round(nowMs)));
      const row = oldest.get();
      if (!row) return null;
      return {
        id: row.id,
        fromMs: row.from_ms,
        toMs: row.to_ms,
        firstSeq: row.first_seq,
        lastSeq: row.last_seq,
      };
    },
    close: id => write(() => void close.run(id)),
    forget: () => write(() => void connection.exec('DELETE FROM outage')),
    neededFromSeq: () => first.get() ?? null,
  };
}
