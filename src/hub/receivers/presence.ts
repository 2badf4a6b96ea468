import type { Sql } from '../database.ts';

/** Where one stream of a store ends. */
export interface Seat {
  readonly receiver: string;
  /** Names the stream among all that the store ever opened. */
  readonly stream: string;
}

/** A receiver that says nothing for this long has died: its stores count as away, its duties are free. */
export const RECEIVER_LASTS_S = 12;

/** True when the stream of `store` (a column) ends at a receiver that lives. */
export const onlineSql = (store: string): string =>
  `EXISTS (SELECT 1 FROM store_link k JOIN receiver v ON v.receiver = k.receiver
    WHERE k.store = ${store} AND v.until > now())`;

/** The receiver at which the store's stream ends; null while it is not connected. */
export async function receiverOf(sql: Sql, store: string): Promise<string | null> {
  const rows = await sql.query<{ receiver: string }>(
    `SELECT k.receiver FROM store_link k JOIN receiver v ON v.receiver = k.receiver
     WHERE k.store = $1 AND v.until > now()`,
    [store],
  );
  return rows[0]?.receiver ?? null;
}

/** The stream has ended, unless a newer one took its place already. */
export async function leaveSeat(sql: Sql, store: string, { stream }: Seat): Promise<void> {
  await sql.query('DELETE FROM store_link WHERE store = $1 AND stream = $2', [store, stream]);
}

/** Streams of this receiver, by store. */
export async function seatsOf(sql: Sql, receiver: string): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query<{ store: string; stream: string }>(
    'SELECT store, stream FROM store_link WHERE receiver = $1',
    [receiver],
  );
  return new Map(rows.map(({ store, stream }) => [store, stream]));
}

/** The receiver lives; times are the database's, because receivers' clocks differ. */
export async function beat(sql: Sql, receiver: string): Promise<void> {
  await sql.query(
    `INSERT INTO receiver (receiver, until) VALUES ($1, now() + make_interval(secs => $2))
     ON CONFLICT (receiver) DO UPDATE SET until = excluded.until`,
    [receiver, RECEIVER_LASTS_S],
  );
}

/** The receiver goes, and with it what it held. */
export async function sayGoodbye(sql: Sql, receiver: string): Promise<void> {
  await sql.query('DELETE FROM store_link WHERE receiver = $1', [receiver]);
  await sql.query('DELETE FROM duty WHERE receiver = $1', [receiver]);
  await sql.query('DELETE FROM receiver WHERE receiver = $1', [receiver]);
}

const DEAD_AFTER_S = 24 * 60 * 60;

/** Forgets receivers that died long ago, and commands that nobody waits for any more. */
export async function clearAway(sql: Sql): Promise<void> {
  const dead = await sql.query<{ receiver: string }>(
    'SELECT receiver FROM receiver WHERE until < now() - make_interval(secs => $1)',
    [DEAD_AFTER_S],
  );
  for (const { receiver } of dead) await sayGoodbye(sql, receiver);
  await sql.query(`DELETE FROM passed_command WHERE until < now() - interval '1 minute'`);
}
