import type { HubDatabase, Sql } from '../database.ts';
import type { Position } from './position.ts';
import { sequence } from './sequencer.ts';

/** A reader that was not seen for so long holds nothing back any more. */
export const FORGOTTEN_AFTER_MS = 7 * 24 * 60 * 60_000;
/** An event is stored somewhat before it gets its place, and a reader has stored what it was sent somewhat after. */
const SLACK_MS = 60 * 60_000;

/** Remembers how far a reader that gave a name has come. */
export async function noteConsumer(
  sql: Sql,
  consumer: string,
  { run, seq }: Position,
  nowMs: number,
): Promise<void> {
  await sql.query(
    `INSERT INTO feed_consumer (consumer, position, seq, seen_at) VALUES ($1, $2, $3, to_timestamp($4::float8))
     ON CONFLICT (consumer) DO UPDATE SET position = excluded.position, seq = excluded.seq, seen_at = excluded.seen_at`,
    [consumer, run, seq, nowMs / 1000],
  );
}

/**
 * The moment (Unix ms) from which on stored events must be kept, because a reader that gave a name has not had them; null when
 * none holds anything back. Retention deletes nothing that was received at or after it.
 */
export async function feedFloorMs(database: HubDatabase, nowMs: number): Promise<number | null> {
  await sequence(database, nowMs);
  await database.query('DELETE FROM feed_consumer WHERE seen_at < to_timestamp($1::float8)', [
    (nowMs - FORGOTTEN_AFTER_MS) / 1000,
  ]);
  const rows = await database.query<{ floor: unknown }>(
    `SELECT extract(epoch FROM coalesce(
       (SELECT f.since FROM feed f WHERE f.position > c.least ORDER BY f.position LIMIT 1),
       (SELECT looked_at FROM feed_head WHERE one = 1))) * 1000 AS floor
     FROM (SELECT min(position) AS least FROM feed_consumer) c WHERE c.least IS NOT NULL`,
  );
  return rows[0] ? Number(rows[0].floor) - SLACK_MS : null;
}

/**
 * Forgets the places of events that retention has deleted (everything received before `beforeMs`), and what is told of them as
 * EPCIS events.
 */
export async function trimFeed(database: HubDatabase, beforeMs: number): Promise<void> {
  await database.transaction(async sql => {
    const gone = await sql.query<{ position: unknown }>(
      'DELETE FROM feed WHERE noted_at < to_timestamp($1::float8) RETURNING position',
      [beforeMs / 1000],
    );
    const last = gone.reduce((most, row) => Math.max(most, Number(row.position)), 0);
    await sql.query('UPDATE feed_head SET trimmed = greatest(trimmed, $1::bigint) WHERE one = 1', [last]);
    await sql.query(
      'DELETE FROM epcis_event WHERE store IS NOT NULL AND record_time < to_timestamp($1::float8)',
      [beforeMs / 1000],
    );
  });
}

/** Places up to here are forgotten. */
export async function trimmedRun(sql: Sql): Promise<number> {
  const rows = await sql.query<{ trimmed: unknown }>('SELECT trimmed FROM feed_head WHERE one = 1');
  return Number(rows[0]?.trimmed ?? 0);
}
