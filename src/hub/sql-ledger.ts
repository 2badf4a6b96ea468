import { createHash } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { identityOf } from '../cloud/event-identity.ts';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { EventBatch, Hello, LiveStock } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { HubDatabase, Sql } from './database.ts';
import { foldEvents, foldSnapshot, itemRows } from './fold.ts';
import { judgeBatch, unfitness } from './judge.ts';
import type { EventLedger, Held, Ingested, LogName, StoreWord } from './ledger.ts';
import { checkReceipts, isReceipt, noteReceipts } from './receipts.ts';
import { applyEffects, clearEffects } from './sql-effects.ts';
import { noteWord } from './store-word.ts';

/** The ledger in PostgreSQL. */
export function createSqlLedger(database: HubDatabase): EventLedger {
  const inTransaction = database.transaction;
  return {
    register: (hello, nowMs) => inTransaction(sql => register(sql, hello, nowMs)),
    async ingest(log, batch, nowMs) {
      const outcome = await inTransaction(sql => ingest(sql, log, batch, nowMs));
      if (batch.events.some(isReceipt)) await checkReceipts(database, log);
      return outcome;
    },
    replace: (log, parts, nowMs) =>
      inTransaction(async sql => {
        const held = await heldSeq(sql, log);
        const asOfSeq = Number(parts[0]?.asOfSeq ?? 0n);
        if (asOfSeq <= held) return held;
        await clearEffects(sql, log);
        await applyEffects(sql, log, foldSnapshot(parts));
        await advance(sql, log, { ackedSeq: asOfSeq, skipped: asOfSeq - held, nowMs });
        return asOfSeq;
      }),
    replay: (log, { events }, nowMs) =>
      inTransaction(async sql => {
        const held = await heldSeq(sql, log);
        const put = await unquarantine(
          sql,
          log,
          events.filter(event => unfitness(event) === null),
        );
        await insertEvents(sql, log, put);
        await noteLate(sql, log, put);
        await applyEffects(sql, log, foldEvents(put));
        await advance(sql, log, { ackedSeq: held, stored: put.length, skipped: -put.length, nowMs });
        return events.flatMap(event => {
          const reason = unfitness(event);
          return reason === null ? [] : [{ seq: Number(event.seq), reason }];
        });
      }),
    noteLive: (log, live) => noteLive(database, log, live),
    noteHeard: (log, word, nowMs) => noteHeard(database, log, word, nowMs),
  };
}

async function register(sql: Sql, hello: Hello, nowMs: number): Promise<Held> {
  const { storeGln: store, epoch, version, lastSeq, config } = hello;
  await sql.query(
    `INSERT INTO store (store, epoch, version, last_seq) VALUES ($1, $2, $3, $4)
     ON CONFLICT (store) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
     last_seq = excluded.last_seq`,
    [store, epoch, version, String(lastSeq)],
  );
  await noteWord(sql, store, { config }, nowMs);
  const rows = await sql.query<{ acked_seq: unknown }>(
    `INSERT INTO watermark (store, epoch, heard_at) VALUES ($1, $2, to_timestamp($3::float8))
     ON CONFLICT (store, epoch) DO UPDATE SET heard_at = excluded.heard_at RETURNING acked_seq`,
    [store, epoch, nowMs / 1000],
  );
  const ackedSeq = Number(rows[0]?.acked_seq ?? 0);
  const last = await sql.query<{ body: Uint8Array }>(
    'SELECT body FROM event WHERE store = $1 AND epoch = $2 AND seq = $3',
    [store, epoch, ackedSeq],
  );
  const ackedDigest = identityOf(last[0] ? fromBinary(EventSchema, last[0].body) : null);
  return { ackedSeq, ackedDigest };
}

async function ingest(sql: Sql, log: LogName, batch: EventBatch, nowMs: number): Promise<Ingested> {
  const judged = judgeBatch(await heldSeq(sql, log), batch);
  if (judged.kind !== 'joins') return judged;
  const { ackedSeq, fresh, again, rejected, skipped } = judged;
  await insertEvents(sql, log, fresh);
  await noteReceipts(sql, log, fresh);
  const quarantined = again.length === 0 ? [] : await quarantineOther(sql, log, again);
  if (rejected.length > 0) await quarantineUnfit(sql, log, rejected);
  await applyEffects(sql, log, foldEvents(fresh));
  const stored = fresh.filter(({ body }) => body.case !== 'discarded').length;
  await advance(sql, log, {
    ackedSeq,
    stored,
    skipped,
    quarantined: quarantined.length + rejected.length,
    nowMs,
  });
  return {
    kind: 'stored',
    ackedSeq,
    quarantined,
    rejected: rejected.map(({ event, reason }) => ({ seq: Number(event.seq), reason })),
  };
}

async function heldSeq(sql: Sql, { store, epoch }: LogName): Promise<number> {
  // The lock keeps a replaced stream and its successor apart.
  const rows = await sql.query<{ acked_seq: unknown }>(
    'SELECT acked_seq FROM watermark WHERE store = $1 AND epoch = $2 FOR UPDATE',
    [store, epoch],
  );
  return Number(rows[0]?.acked_seq ?? 0);
}

interface Progress {
  readonly ackedSeq: number;
  readonly stored?: number;
  readonly skipped?: number;
  readonly quarantined?: number;
  readonly nowMs: number;
}

async function advance(sql: Sql, { store, epoch }: LogName, progress: Progress): Promise<void> {
  const { ackedSeq, stored = 0, skipped = 0, quarantined = 0, nowMs } = progress;
  await sql.query(
    `UPDATE watermark SET acked_seq = $3, event_count = event_count + $4, skipped_count = skipped_count + $5,
     quarantined_count = quarantined_count + $6, heard_at = to_timestamp($7::float8)
     WHERE store = $1 AND epoch = $2`,
    [store, epoch, ackedSeq, stored, skipped, quarantined, nowMs / 1000],
  );
}

const MAX_TIME_MS = 8.64e15;

/** A time that no calendar has stays readable in the event's body. */
function secondsOf(time: Timestamp | undefined): number | null {
  const unixMs = time ? timestampMs(time) : Number.NaN;
  return Math.abs(unixMs) <= MAX_TIME_MS ? unixMs / 1000 : null;
}

async function insertEvents(sql: Sql, { store, epoch }: LogName, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    `INSERT INTO event (store, epoch, seq, type, event_time, received_time, body)
     SELECT $1, $2, e.seq, e.type, to_timestamp(e.happened), to_timestamp(e.received), e.body
     FROM unnest($3::bigint[], $4::text[], $5::float8[], $6::float8[], $7::bytea[])
       AS e (seq, type, happened, received, body)`,
    [
      store,
      epoch,
      events.map(({ seq }) => String(seq)),
      events.map(({ body }) => body.case ?? 'unknown'),
      events.map(({ eventTime }) => secondsOf(eventTime)),
      events.map(({ receivedTime }) => secondsOf(receivedTime)),
      events.map(event => toBinary(EventSchema, event)),
    ],
  );
}

const digestOf = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

/** Returns the numbers of the events whose content differs from what is held and was not put aside before. */
async function quarantineOther(
  sql: Sql,
  { store, epoch }: LogName,
  again: readonly Event[],
): Promise<readonly number[]> {
  const bodies = again.map(event => toBinary(EventSchema, event));
  const rows = await sql.query<{ seq: unknown }>(
    `INSERT INTO quarantine (store, epoch, seq, digest, body)
     SELECT $1, $2, e.seq, e.digest, e.body
     FROM unnest($3::bigint[], $4::text[], $5::bytea[]) AS e (seq, digest, body)
     JOIN event held ON held.store = $1 AND held.epoch = $2 AND held.seq = e.seq
     WHERE held.body <> e.body AND held.type <> 'discarded'
     ON CONFLICT DO NOTHING RETURNING seq`,
    [store, epoch, again.map(({ seq }) => String(seq)), bodies.map(digestOf), bodies],
  );
  return rows.map(({ seq }) => Number(seq));
}

async function quarantineUnfit(
  sql: Sql,
  { store, epoch }: LogName,
  rejected: readonly { readonly event: Event; readonly reason: string }[],
): Promise<void> {
  const bodies = rejected.map(({ event }) => toBinary(EventSchema, event));
  await sql.query(
    `INSERT INTO quarantine (store, epoch, seq, digest, body, reason, unfit)
     SELECT $1, $2, e.seq, e.digest, e.body, e.reason, true
     FROM unnest($3::bigint[], $4::text[], $5::bytea[], $6::text[]) AS e (seq, digest, body, reason)
     ON CONFLICT DO NOTHING`,
    [
      store,
      epoch,
      rejected.map(({ event }) => String(event.seq)),
      bodies.map(digestOf),
      bodies,
      rejected.map(({ reason }) => reason),
    ],
  );
}

/** Takes repaired events out of quarantine; only numbers that were put aside as unfit, and each once. */
async function unquarantine(
  sql: Sql,
  { store, epoch }: LogName,
  events: readonly Event[],
): Promise<readonly Event[]> {
  if (events.length === 0) return [];
  const rows = await sql.query<{ seq: unknown }>(
    `DELETE FROM quarantine WHERE store = $1 AND epoch = $2 AND unfit AND seq = ANY($3::bigint[]) RETURNING seq`,
    [store, epoch, events.map(({ seq }) => String(seq))],
  );
  const waiting = new Set(rows.map(({ seq }) => Number(seq)));
  return events.filter(({ seq }) => waiting.delete(Number(seq)));
}

/** Whoever follows the feed has passed these numbers: they get a place of their own in it. */
async function noteLate(sql: Sql, { store, epoch }: LogName, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    'INSERT INTO feed_late (store, epoch, seq) SELECT $1, $2, * FROM unnest($3::bigint[]) ON CONFLICT DO NOTHING',
    [store, epoch, events.map(({ seq }) => String(seq))],
  );
}

async function noteLive(sql: Sql, { store, epoch }: LogName, { asOfSeq, items }: LiveStock): Promise<void> {
  if (items.length === 0) return;
  const places = items.map(item => Object.fromEntries(itemRows(item).map(row => [row.place, row.quantity])));
  await sql.query(
    `INSERT INTO live_stock (store, epoch, gtin, as_of_seq, places, available, confidence)
     SELECT $1, $2, l.gtin, $3, l.places, l.available, l.confidence
     FROM unnest($4::text[], $5::jsonb[], $6::bigint[], $7::float8[]) AS l (gtin, places, available, confidence)
     ON CONFLICT (store, epoch, gtin) DO UPDATE SET as_of_seq = excluded.as_of_seq, places = excluded.places,
     available = excluded.available, confidence = excluded.confidence
     WHERE live_stock.as_of_seq <= excluded.as_of_seq`,
    [
      store,
      epoch,
      String(asOfSeq),
      items.map(({ gtin }) => gtin.replaceAll('\0', '\uFFFD')),
      places.map(row => JSON.stringify(row)),
      items.map(({ available }) => String(available)),
      items.map(({ confidence }) => confidence),
    ],
  );
}

async function noteHeard(
  sql: Sql,
  { store, epoch }: LogName,
  word: StoreWord,
  heardMs: number,
): Promise<void> {
  await sql.query(
    'UPDATE watermark SET heard_at = to_timestamp($3::float8) WHERE store = $1 AND epoch = $2',
    [store, epoch, heardMs / 1000],
  );
  await noteWord(sql, store, word, heardMs);
}
