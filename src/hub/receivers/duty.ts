import type { Sql } from '../database.ts';

/**
 * Whether this receiver is the one that does this work for all, for the next `lastsMs`. Ask before every round, with time for at
 * least two rounds: who has it keeps it, and another takes over when it has died. Work that must not be done twice at
 * the same moment still needs its own lock, because a process may stand still for longer than it thinks.
 */
export async function hasDuty(sql: Sql, duty: string, receiver: string, lastsMs: number): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO duty (duty, receiver, until) VALUES ($1, $2, now() + make_interval(secs => $3))
     ON CONFLICT (duty) DO UPDATE SET receiver = excluded.receiver, until = excluded.until
     WHERE duty.receiver = excluded.receiver OR duty.until <= now() RETURNING duty`,
    [duty, receiver, lastsMs / 1000],
  );
  return rows.length > 0;
}
