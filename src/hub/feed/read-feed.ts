import type { Sql } from '../database.ts';
import type { Position } from './position.ts';
import { headOf } from './sequencer.ts';

export interface FedEvent {
  readonly store: string;
  readonly epoch: string;
  readonly seq: number;
  /** The `Event` message as it came. */
  readonly body: Uint8Array;
}

export interface FeedPage {
  readonly events: readonly FedEvent[];
  /** Behind the last event, or behind all that there is now. */
  readonly position: Position;
}

/** What one page holds at most; the memory of a reader, however slow. */
const PAGE_RUNS = 200;
const PAGE_EVENTS = 500;
const PAGE_BYTES = 1_000_000;

// The inner limits keep the database to one index scan for each run. A run that was begun goes on behind its event.
const PAGE = `
  SELECT f.position, f.store, f.epoch, e.seq, e.body
  FROM (
    SELECT position, store, epoch, last_seq,
      CASE WHEN position = $1::bigint + 1 THEN greatest(first_seq, $2::bigint + 1) ELSE first_seq END AS first_seq
    FROM feed WHERE position > $1::bigint AND position <= $3::bigint AND ($4::text IS NULL OR store = $4)
    ORDER BY position LIMIT ${PAGE_RUNS}
  ) f CROSS JOIN LATERAL (
    SELECT seq, body FROM event
    WHERE store = f.store AND epoch = f.epoch AND seq BETWEEN f.first_seq AND f.last_seq
    ORDER BY seq LIMIT ${PAGE_EVENTS}
  ) e
  ORDER BY f.position, e.seq LIMIT ${PAGE_EVENTS}`;

const LAST_RUN = `
  SELECT coalesce(max(position), $2::bigint) AS last, count(*) AS runs FROM (
    SELECT position FROM feed WHERE position > $1::bigint AND position <= $2::bigint
      AND ($3::text IS NULL OR store = $3)
    ORDER BY position LIMIT ${PAGE_RUNS}
  ) f`;

/** The next events behind a position, of one store or of all. Events that retention has taken are passed over. */
export async function readFeed(sql: Sql, after: Position, store: string | null): Promise<FeedPage> {
  const head = await headOf(sql);
  if (head <= after.run) return { events: [], position: after };
  const rows = await sql.query<{ position: unknown; seq: unknown } & Omit<FedEvent, 'seq'>>(PAGE, [
    after.run,
    after.seq,
    head,
    store,
  ]);
  const events: FedEvent[] = [];
  let bytes = 0;
  for (const { store: of, epoch, seq, body } of rows) {
    bytes += body.length;
    if (events.length > 0 && bytes > PAGE_BYTES) break;
    events.push({ store: of, epoch, seq: Number(seq), body });
  }
  const isCut = events.length < rows.length || rows.length === PAGE_EVENTS;
  const last = rows[events.length - 1];
  if (isCut && last) return { events, position: { run: Number(last.position) - 1, seq: Number(last.seq) } };
  const ends = await sql.query<{ last: unknown; runs: unknown }>(LAST_RUN, [after.run, head, store]);
  const isAll = Number(ends[0]?.runs ?? 0) < PAGE_RUNS;
  return { events, position: { run: isAll ? head : Number(ends[0]?.last), seq: 0 } };
}
