import type { Database } from './database.ts';
import { type EventRow, entryOf } from './event-log.ts';
import type { DeadLetter, Outbox } from './outbox.ts';

interface LetterRow extends EventRow {
  readonly reason: string;
  readonly at_ms: number;
}

/** Copies of the events that the cloud could not use: they outlive the log's trimming. */
export function createDeadLetters(
  database: Database,
): Pick<Outbox, 'putAside' | 'deadLetters' | 'deadLetterCount' | 'deadLetterOf' | 'takenBack'> {
  const { connection } = database;
  const keep = connection.prepare(`
    INSERT OR REPLACE INTO dead_letter (seq, event_time_ms, received_time_ms, fact, reason, at_ms)
    SELECT seq, event_time_ms, received_time_ms, fact, ?, ? FROM event WHERE seq = ?`);
  const oldest = connection.prepare<[number], LetterRow>('SELECT * FROM dead_letter ORDER BY seq LIMIT ?');
  const one = connection.prepare<[number], LetterRow>('SELECT * FROM dead_letter WHERE seq = ?');
  const count = connection.prepare<[], number>('SELECT count(*) FROM dead_letter').pluck();
  const forget = connection.prepare('DELETE FROM dead_letter WHERE seq = ?');
  return {
    putAside: (rejected, nowMs) =>
      database.reclaim(() => {
        for (const { seq, reason } of rejected) keep.run(reason, Math.round(nowMs), seq);
        return true;
      }) ?? false,
    deadLetters: limit => oldest.all(limit).map(letterOf),
    deadLetterCount: () => count.get() ?? 0,
    deadLetterOf(seq) {
      const row = one.get(seq);
      return row ? letterOf(row) : null;
    },
    takenBack(seqs) {
      database.reclaim(() => {
        for (const seq of seqs) forget.run(seq);
      });
    },
  };
}

const letterOf = (row: LetterRow): DeadLetter => ({
  entry: entryOf(row),
  reason: row.reason,
  atMs: row.at_ms,
});
