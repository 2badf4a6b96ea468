import type { HubDatabase, Sql } from './database.ts';

/** Partitions that are there before they are needed, so that a long lock on the table delays nothing. */
const DAYS_AHEAD = 3;
/** A partition is made or dropped under a lock on the whole table: rather later than with everybody waiting. */
const LOCK_TIMEOUT = '2s';
const DAY_MS = 24 * 60 * 60_000;

interface EventDay {
  /** Name of its table. */
  readonly name: string;
  /** The first day after it, `2026-01-05`. */
  readonly endsOn: string;
}

/** Makes the tables of today and of the next days. The database's clock says what today is, as it does for each event. */
export async function makeEventDays(database: HubDatabase): Promise<void> {
  const rows = await database.query<{ day: string }>(
    `SELECT ((now() AT TIME ZONE 'utc')::date + n)::text AS day FROM generate_series(0, ${DAYS_AHEAD}) AS n`,
  );
  const until = (await eventDays(database)).at(-1)?.endsOn ?? null;
  const missing = rows.filter(({ day }) => until !== null && day >= until);
  for (const { day } of missing) {
    await underLock(database, sql =>
      sql.script(
        `CREATE TABLE IF NOT EXISTS event_${day.replaceAll('-', '')} PARTITION OF event
         FOR VALUES FROM ('${day}') TO ('${dayAfter(day)}')`,
      ),
    );
  }
}

/** Deletes whole days that ended before this moment (Unix ms). Returns where what is left begins; null when nothing was deleted. */
export async function dropEventDays(database: HubDatabase, beforeMs: number): Promise<number | null> {
  const before = new Date(beforeMs).toISOString().slice(0, 10);
  const days = await eventDays(database);
  const old = days.filter(({ endsOn }) => endsOn <= before);
  for (const { name } of old) await underLock(database, sql => sql.script(`DROP TABLE IF EXISTS ${name}`));
  const last = old.at(-1);
  if (last) return Date.parse(last.endsOn);
  return days.length > 0 ? null : deleteRows(database, before);
}

const dayAfter = (day: string) => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

/** The tables of the events, oldest first; none where the database does not divide them. */
async function eventDays(sql: Sql): Promise<readonly EventDay[]> {
  const rows = await sql.query<{ name: string; bound: string }>(
    `SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
     WHERE p.relname = 'event'`,
  );
  return rows
    .map(({ name, bound }) => ({
      name,
      endsOn: /TO \('(\d{4}-\d\d-\d\d)'\)/.exec(bound)?.[1] ?? '9999-12-31',
    }))
    .toSorted((a, b) => (a.endsOn < b.endsOn ? -1 : 1));
}

const underLock = (database: HubDatabase, work: (sql: Sql) => Promise<void>): Promise<void> =>
  database.transaction(async sql => {
    await sql.script(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    await sql.query(`SELECT pg_advisory_xact_lock(hashtext('aisle hub days'))`);
    await work(sql);
  });

/** One store's day at a time, so that no transaction is large. */
async function deleteRows(sql: Sql, before: string): Promise<number | null> {
  const rows = await sql.query<{ day: string; store: string }>(
    'SELECT DISTINCT day::text AS day, store FROM event WHERE day < $1::date ORDER BY 1, 2',
    [before],
  );
  for (const { day, store } of rows)
    await sql.query('DELETE FROM event WHERE day = $1::date AND store = $2', [day, store]);
  return rows.length > 0 ? Date.parse(before) : null;
}
