import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { EventBatch, Hello } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { HubDatabase, Sql } from './database.ts';
import { type Effects, foldEvents } from './fold.ts';

/** One event log: a store and the epoch of its log. */
export interface LogName {
  readonly store: string;
  readonly epoch: string;
}

export type Ingested =
  | { readonly kind: 'stored'; readonly ackedSeq: number; readonly quarantined: readonly number[] }
  | { readonly kind: 'gap'; readonly expectedSeq: number }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Remembers who said Hello and which of its logs is the current one. Returns up to where we hold that log. */
export function registerStore(database: HubDatabase, hello: Hello, nowMs: number): Promise<number> {
  const { storeGln: store, epoch, version, lastSeq } = hello;
  return database.transaction(async sql => {
    await sql.query(
      `INSERT INTO store (store, epoch, version, last_seq) VALUES ($1, $2, $3, $4)
       ON CONFLICT (store) DO UPDATE SET epoch = excluded.epoch, version = excluded.version, last_seq = excluded.last_seq`,
      [store, epoch, version, String(lastSeq)],
    );
    const rows = await sql.query<{ acked_seq: unknown }>(
      `INSERT INTO watermark (store, epoch, heard_at) VALUES ($1, $2, to_timestamp($3::float8))
       ON CONFLICT (store, epoch) DO UPDATE SET heard_at = excluded.heard_at RETURNING acked_seq`,
      [store, epoch, nowMs / 1000],
    );
    return Number(rows[0]?.acked_seq ?? 0);
  });
}

/** Notes when a store was last heard, so that the answer survives the stream. */
export async function noteHeard(database: HubDatabase, { store, epoch }: LogName, heardMs: number) {
  await database.query(
    'UPDATE watermark SET heard_at = to_timestamp($3::float8) WHERE store = $1 AND epoch = $2',
    [store, epoch, heardMs / 1000],
  );
}

/**
 * Stores a batch and its effects in one transaction. An event that is there already has no effect a second time; one that is
 * there with other content is put aside and never overwrites. Rejects when the database cannot commit.
 */
export async function ingestBatch(
  database: HubDatabase,
  log: LogName,
  batch: EventBatch,
  nowMs: number,
): Promise<Ingested> {
  const { events } = batch;
  const firstSeq = Number(batch.firstSeq);
  const lastSeq = firstSeq + events.length - 1;
  const wrong = events.findIndex((event, index) => Number(event.seq) !== firstSeq + index);
  if (events.length === 0 || firstSeq < 1 || wrong >= 0) {
    return { kind: 'malformed', reason: 'a batch must hold consecutive events from first_seq on' };
  }
  return database.transaction(async sql => {
    const held = await heldSeq(sql, log);
    if (firstSeq > held + 1) return { kind: 'gap', expectedSeq: held + 1 };
    const bodies = events.map(event => toBinary(EventSchema, event));
    const inserted = await insertEvents(sql, log, events, bodies);
    const again = events.flatMap((event, index) =>
      inserted.has(Number(event.seq)) ? [] : [{ seq: Number(event.seq), body: bodies[index]! }],
    );
    const quarantined = again.length === 0 ? [] : await quarantine(sql, log, again);
    await apply(sql, log, foldEvents(events.filter(({ seq }) => inserted.has(Number(seq)))));
    const ackedSeq = Math.max(held, lastSeq);
    await sql.query(
      `UPDATE watermark SET acked_seq = $3, event_count = event_count + $4,
       quarantined_count = quarantined_count + $5, heard_at = to_timestamp($6::float8)
       WHERE store = $1 AND epoch = $2`,
      [log.store, log.epoch, ackedSeq, inserted.size, quarantined.length, nowMs / 1000],
    );
    return { kind: 'stored', ackedSeq, quarantined };
  });
}

async function heldSeq(sql: Sql, { store, epoch }: LogName): Promise<number> {
  // The lock keeps a replaced stream and its successor apart.
  const rows = await sql.query<{ acked_seq: unknown }>(
    'SELECT acked_seq FROM watermark WHERE store = $1 AND epoch = $2 FOR UPDATE',
    [store, epoch],
  );
  return Number(rows[0]?.acked_seq ?? 0);
}

const MAX_TIME_MS = 8.64e15;

/** A time that no calendar has stays readable in the event's body. */
function secondsOf(time: Timestamp | undefined): number | null {
  const unixMs = time ? timestampMs(time) : Number.NaN;
  return Math.abs(unixMs) <= MAX_TIME_MS ? unixMs / 1000 : null;
}

async function insertEvents(
  sql: Sql,
  { store, epoch }: LogName,
  events: readonly Event[],
  bodies: readonly Uint8Array[],
): Promise<ReadonlySet<number>> {
  const rows = await sql.query<{ seq: unknown }>(
    `INSERT INTO event (store, epoch, seq, type, event_time, received_time, body)
     SELECT $1, $2, e.seq, e.type, to_timestamp(e.happened), to_timestamp(e.received), e.body
     FROM unnest($3::bigint[], $4::text[], $5::float8[], $6::float8[], $7::bytea[])
       AS e (seq, type, happened, received, body)
     ON CONFLICT (store, epoch, seq) DO NOTHING RETURNING seq`,
    [
      store,
      epoch,
      events.map(({ seq }) => String(seq)),
      events.map(({ body }) => body.case ?? 'unknown'),
      events.map(({ eventTime }) => secondsOf(eventTime)),
      events.map(({ receivedTime }) => secondsOf(receivedTime)),
      bodies,
    ],
  );
  return new Set(rows.map(({ seq }) => Number(seq)));
}

/** Returns the numbers of the events whose content differs from what is held and was not put aside before. */
async function quarantine(
  sql: Sql,
  { store, epoch }: LogName,
  again: readonly { readonly seq: number; readonly body: Uint8Array }[],
): Promise<readonly number[]> {
  const rows = await sql.query<{ seq: unknown }>(
    `INSERT INTO quarantine (store, epoch, seq, digest, body)
     SELECT $1, $2, e.seq, e.digest, e.body
     FROM unnest($3::bigint[], $4::text[], $5::bytea[]) AS e (seq, digest, body)
     JOIN event held ON held.store = $1 AND held.epoch = $2 AND held.seq = e.seq
     WHERE held.body <> e.body
     ON CONFLICT DO NOTHING RETURNING seq`,
    [
      store,
      epoch,
      again.map(({ seq }) => String(seq)),
      again.map(({ body }) => createHash('sha256').update(body).digest('hex')),
      again.map(({ body }) => body),
    ],
  );
  return rows.map(({ seq }) => Number(seq));
}

async function apply(sql: Sql, log: LogName, { stock, reservations, prices }: Effects): Promise<void> {
  const { store, epoch } = log;
  if (stock.length > 0) {
    await sql.query(
      `INSERT INTO stock (store, epoch, gtin, place, quantity)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[])
       ON CONFLICT (store, epoch, gtin, place) DO UPDATE SET quantity = stock.quantity + excluded.quantity`,
      [
        store,
        epoch,
        stock.map(row => row.gtin),
        stock.map(row => row.place),
        stock.map(row => String(row.quantity)),
      ],
    );
  }
  for (const row of reservations) {
    await sql.query(
      `INSERT INTO reservation (store, epoch, reservation, state, lines, expires_at, seq)
       VALUES ($1, $2, $3, $4, $5::jsonb, to_timestamp($6::float8), $7)
       ON CONFLICT (store, epoch, reservation) DO UPDATE SET state = excluded.state, lines = excluded.lines,
       expires_at = excluded.expires_at, seq = excluded.seq`,
      [
        store,
        epoch,
        row.reservation,
        row.state,
        JSON.stringify(row.lines),
        row.expiresAtMs === null ? null : row.expiresAtMs / 1000,
        row.seq,
      ],
    );
  }
  for (const row of prices) {
    await sql.query(
      `INSERT INTO price (store, epoch, gtin, price_minor, currency, list_version, seq)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (store, epoch, gtin) DO UPDATE SET price_minor = excluded.price_minor,
       currency = excluded.currency, list_version = excluded.list_version, seq = excluded.seq`,
      [store, epoch, row.gtin, row.priceMinor, row.currency, row.listVersion, row.seq],
    );
  }
}
