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
): Pick<Outbox, 'putAside' | 'deadLetters' | 'takenBack'> {
  const { connection } = database;
  const keep = connection.prepare(`
    INSERT OR REPLACE INTO dead_letter (seq, event_time_ms, received_time_ms, fact, reason, at_ms)
    SELECT seq, event_time_ms, received_time_ms, fact, ?, ? FROM event WHERE seq = ?`);
  const all = connection.prepare<[], LetterRow>('SELECT * FROM dead_letter ORDER BY seq');
  const forget = connection.prepare('DELETE FROM dead_letter WHERE seq = ?');
  return {
    putAside: (rejected, nowMs) =>
      database.reclaim(() => {
        for (const { seq, reason } of rejected) keep.run(reason, Math.round(nowMs), seq);
        return true;
      }) ?? false,
    deadLetters: () =>
      all.all().map((row): DeadLetter => ({ entry: entryOf(row), reason: row.reason, atMs: row.at_ms })),
    takenBack(seqs) {
      database.reclaim(() => {
        for (const seq of seqs) forget.run(seq);
      });
    },
  };
}
