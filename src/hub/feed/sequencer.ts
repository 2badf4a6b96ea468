import type { HubDatabase, Sql } from '../database.ts';

/** Runs that one look takes in; the next look takes the rest. */
const RUNS_PER_LOOK = 1000;
/** While nothing happens the time of the last look is kept this fresh, because retention leans on it. */
const LOOK_AGAIN_MS = 60_000;

interface Run {
  readonly store: string;
  readonly epoch: string;
  readonly lastSeq: unknown;
}

/**
 * Gives what was committed since the last look its place in the feed, and returns the place of the last run. Readers go by
 * these places, so a transaction that commits late is late in the feed and never skipped. Any receiver may look: one at a
 * time does it, and the others leave it to that one.
 */
export async function sequence(database: HubDatabase, nowMs: number): Promise<number> {
  for (;;) {
    const { head, isIdle } = await look(database, nowMs);
    if (isIdle) return head;
    const taken = await database.transaction(sql => take(sql, nowMs));
    if (taken < RUNS_PER_LOOK) return await headOf(database);
  }
}

const UNFED = `FROM watermark w LEFT JOIN feed_mark m ON m.store = w.store AND m.epoch = w.epoch
  WHERE w.acked_seq > coalesce(m.fed_seq, 0)`;

export async function headOf(sql: Sql): Promise<number> {
  const rows = await sql.query<{ position: unknown }>('SELECT position FROM feed_head WHERE one = 1');
  return Number(rows[0]?.position ?? 0);
}

async function look(sql: Sql, nowMs: number): Promise<{ head: number; isIdle: boolean }> {
  const rows = await sql.query<{ position: unknown; idle: boolean }>(
    `SELECT h.position, NOT EXISTS (SELECT 1 ${UNFED}) AND NOT EXISTS (SELECT 1 FROM feed_late)
       AND h.looked_at > to_timestamp($1::float8) AS idle
     FROM feed_head h WHERE h.one = 1`,
    [(nowMs - LOOK_AGAIN_MS) / 1000],
  );
  return { head: Number(rows[0]?.position ?? 0), isIdle: rows[0]?.idle ?? true };
}

async function take(sql: Sql, nowMs: number): Promise<number> {
  const heads = await sql.query<{ position: unknown; looked: unknown }>(
    `SELECT position, extract(epoch FROM looked_at) AS looked FROM feed_head WHERE one = 1 FOR UPDATE SKIP LOCKED`,
  );
  const head = heads[0];
  if (!head) return 0;
  const times = [Number(head.looked), nowMs / 1000];
  const from = Number(head.position);
  // Of two logs of one store, the one that was heard last is the newer.
  const runs = await sql.query<Run>(
    `INSERT INTO feed (position, store, epoch, first_seq, last_seq, since, noted_at)
     SELECT $1::bigint + row_number() OVER (ORDER BY w.heard_at, w.store, w.epoch), w.store, w.epoch,
       coalesce(m.fed_seq, 0) + 1, w.acked_seq, to_timestamp($2::float8), to_timestamp($3::float8)
     ${UNFED} ORDER BY w.heard_at, w.store, w.epoch LIMIT ${RUNS_PER_LOOK}
     RETURNING store, epoch, last_seq AS "lastSeq"`,
    [from, ...times],
  );
  await sql.query(
    `INSERT INTO feed_mark (store, epoch, fed_seq) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ON CONFLICT (store, epoch) DO UPDATE SET fed_seq = excluded.fed_seq`,
    [runs.map(run => run.store), runs.map(run => run.epoch), runs.map(run => String(run.lastSeq))],
  );
  const late = await sql.query<Run>('DELETE FROM feed_late RETURNING store, epoch, seq AS "lastSeq"');
  await sql.query(
    `INSERT INTO feed (position, store, epoch, first_seq, last_seq, since, noted_at)
     SELECT $1::bigint + l.nth, l.store, l.epoch, l.seq, l.seq, to_timestamp($2::float8), to_timestamp($3::float8)
     FROM unnest($4::text[], $5::text[], $6::bigint[]) WITH ORDINALITY AS l (store, epoch, seq, nth)`,
    [
      from + runs.length,
      ...times,
      late.map(run => run.store),
      late.map(run => run.epoch),
      late.map(run => String(run.lastSeq)),
    ],
  );
  await sql.query('UPDATE feed_head SET position = $1, looked_at = to_timestamp($2::float8) WHERE one = 1', [
    from + runs.length + late.length,
    nowMs / 1000,
  ]);
  return runs.length;
}
