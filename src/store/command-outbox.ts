import type { Database } from './database.ts';
import type { Store, StoredCommand } from './store.ts';

interface CommandRow {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly body: string;
  readonly attempts: number;
}

/**
 * Orders to devices that wait for an answer. The orders are a fold of the log; when each is tried next lives in
 * memory, so that pacing costs no disk write and a restart tries them all again at once.
 */
export function createCommandOutbox({
  connection,
}: Database): Pick<Store, 'dueCommands' | 'postponeCommand'> {
  connection.exec(`
    CREATE TEMP TABLE command_pace (
      id TEXT PRIMARY KEY, attempts INTEGER NOT NULL, next_attempt_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TEMP TRIGGER command_settled AFTER DELETE ON main.command_outbox
    BEGIN DELETE FROM command_pace WHERE id = old.id; END;`);
  const due = connection.prepare<[number, number], CommandRow>(`
    SELECT id, device, name, body, coalesce(attempts, 0) AS attempts
    FROM command_outbox LEFT JOIN command_pace USING (id)
    WHERE coalesce(next_attempt_ms, 0) <= ? ORDER BY seq LIMIT ?`);
  const postpone = connection.prepare(`
    INSERT INTO command_pace SELECT id, 1, ? FROM command_outbox WHERE id = ?
    ON CONFLICT DO UPDATE SET attempts = attempts + 1, next_attempt_ms = excluded.next_attempt_ms`);
  return {
    dueCommands: (nowMs, limit) => due.all(nowMs, Math.max(0, limit)).map(commandOf),
    postponeCommand(id, nextAttemptMs) {
      postpone.run(Math.round(nextAttemptMs), id);
    },
  };
}

const commandOf = (row: CommandRow): StoredCommand => ({
  ...row,
  body: JSON.parse(row.body) as StoredCommand['body'],
});
