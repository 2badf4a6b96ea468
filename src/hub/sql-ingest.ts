import { toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { identityOf } from '../cloud/event-identity.ts';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { EventBatch } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { HubDatabase, Sql } from './database.ts';
import { foldEvents } from './fold.ts';
import { type Judged, judgeBatch } from './judge.ts';
import type { Ingested, LogName, LogStream } from './ledger.ts';
import { isReceipt, noteReceipts } from './receipts.ts';
import { effectWrites, runWrites, type Write } from './sql-effects.ts';
import { quarantineOther, quarantineUnfit } from './sql-quarantine.ts';

type Joining = Extract<Judged, { kind: 'joins' }>;

/** Stores batches of events with everything that follows from them. */
export type Ingest = (log: LogStream, batch: EventBatch, nowMs: number) => Promise<Ingested>;

/**
 * A stream is the only one that writes to its log, so what is held is known from its last batch, and the usual batch is a
 * single statement: it moves the watermark from where we believe it to be, and writes only if that was so. Everything
 * else is done step by step under the watermark's lock.
 */
export function createIngest(database: HubDatabase): Ingest {
  const heldBy = new WeakMap<LogStream, number>();
  return async (log, batch, nowMs) => {
    const heldSeq = heldBy.get(log);
    const judged = heldSeq === undefined ? null : judgeBatch(heldSeq, batch);
    if (judged?.kind === 'joins' && isPlain(judged) && (await storeAtOnce(database, log, judged, nowMs))) {
      heldBy.set(log, judged.ackedSeq);
      return { kind: 'stored', ackedSeq: judged.ackedSeq, quarantined: [], rejected: [] };
    }
    const outcome = await database.transaction(sql => storeStepwise(sql, log, batch, nowMs));
    if (outcome.kind === 'stored') heldBy.set(log, outcome.ackedSeq);
    return outcome;
  };
}

const isPlain = ({ fresh, again, rejected }: Joining): boolean =>
  again.length === 0 && rejected.length === 0 && !fresh.some(isReceipt);

/** Tells this log from another one with the same numbers, also when the event itself is deleted. */
function digestOf({ fresh, ackedSeq }: Joining): Uint8Array {
  const last = fresh.at(-1);
  return identityOf(last && Number(last.seq) === ackedSeq ? last : null);
}

const storedOf = (fresh: readonly Event[]) => fresh.filter(({ body }) => body.case !== 'discarded').length;

/** False, and nothing written, when the watermark or the store's stream is another one than we believe. */
async function storeAtOnce(sql: Sql, log: LogStream, judged: Joining, nowMs: number): Promise<boolean> {
  const { ackedSeq, fresh, skipped, heldSeq } = judged;
  const values: unknown[] = [log.store, log.epoch];
  const put = (value: unknown) => `$${values.push(value)}`;
  const moved = `UPDATE watermark SET acked_seq = ${put(ackedSeq)}, event_count = event_count + ${put(storedOf(fresh))},
      skipped_count = skipped_count + ${put(skipped)}, acked_digest = ${put(digestOf(judged))}::bytea, heard_at = to_timestamp(${put(nowMs / 1000)}::float8)
    WHERE store = $1 AND epoch = $2 AND acked_seq = ${put(heldSeq)}
      AND NOT EXISTS (SELECT 1 FROM store_link k WHERE k.store = $1 AND k.stream <> ${put(log.stream)})
    RETURNING store`;
  const where = 'WHERE EXISTS (SELECT 1 FROM moved)';
  const target = { put, store: '$1::text', epoch: '$2::text', where };
  const writes = [insertEvents(fresh), ...effectWrites(foldEvents(fresh))];
  const parts = writes.map((write, index) => `, part${index} AS (${write(target)})`);
  const text = `WITH moved AS (${moved})${parts.join('')} SELECT store FROM moved`;
  return (await sql.query(text, values)).length > 0;
}

async function storeStepwise(sql: Sql, log: LogStream, batch: EventBatch, nowMs: number): Promise<Ingested> {
  const { ackedSeq: heldSeq, stream } = await lockLog(sql, log);
  if (stream !== null && stream !== log.stream) return { kind: 'replaced' };
  const judged = judgeBatch(heldSeq, batch);
  if (judged.kind !== 'joins') return judged;
  const { ackedSeq, fresh, again, rejected, skipped } = judged;
  if (fresh.length > 0) await runWrites(sql, log, [insertEvents(fresh), ...effectWrites(foldEvents(fresh))]);
  await noteReceipts(sql, log, fresh);
  const quarantined = again.length === 0 ? [] : await quarantineOther(sql, log, again);
  if (rejected.length > 0) await quarantineUnfit(sql, log, rejected);
  await advance(sql, log, {
    ackedSeq,
    stored: storedOf(fresh),
    skipped,
    quarantined: quarantined.length + rejected.length,
    ackedDigest: ackedSeq > heldSeq ? digestOf(judged) : null,
    nowMs,
  });
  return {
    kind: 'stored',
    ackedSeq,
    quarantined,
    rejected: rejected.map(({ event, reason }) => ({ seq: Number(event.seq), reason })),
  };
}

/** What is held of the log, and the store's stream. Whoever else writes to the log waits until this transaction is over. */
export async function lockLog(
  sql: Sql,
  { store, epoch }: LogName,
): Promise<{ readonly ackedSeq: number; readonly stream: string | null }> {
  const rows = await sql.query<{ acked_seq: unknown; stream: string | null }>(
    `SELECT w.acked_seq, (SELECT k.stream FROM store_link k WHERE k.store = w.store) AS stream
     FROM watermark w WHERE w.store = $1 AND w.epoch = $2 FOR UPDATE OF w`,
    [store, epoch],
  );
  return { ackedSeq: Number(rows[0]?.acked_seq ?? 0), stream: rows[0]?.stream ?? null };
}

interface Progress {
  readonly ackedSeq: number;
  readonly stored?: number;
  readonly skipped?: number;
  readonly quarantined?: number;
  /** Null when the last event is the same as before. */
  readonly ackedDigest: Uint8Array | null;
  readonly nowMs: number;
}

export async function advance(sql: Sql, { store, epoch }: LogName, progress: Progress): Promise<void> {
  const { ackedSeq, stored = 0, skipped = 0, quarantined = 0, ackedDigest, nowMs } = progress;
  await sql.query(
    `UPDATE watermark SET acked_seq = $3, event_count = event_count + $4, skipped_count = skipped_count + $5,
     quarantined_count = quarantined_count + $6, heard_at = to_timestamp($7::float8),
     acked_digest = coalesce($8::bytea, acked_digest)
     WHERE store = $1 AND epoch = $2`,
    [store, epoch, ackedSeq, stored, skipped, quarantined, nowMs / 1000, ackedDigest],
  );
}

const MAX_TIME_MS = 8.64e15;

/** A time that no calendar has stays readable in the event's body. */
function secondsOf(time: Timestamp | undefined): number | null {
  const unixMs = time ? timestampMs(time) : Number.NaN;
  return Math.abs(unixMs) <= MAX_TIME_MS ? unixMs / 1000 : null;
}

export const insertEvents =
  (events: readonly Event[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO event (store, epoch, seq, type, event_time, received_time, body, day)
     SELECT ${store}, ${epoch}, e.seq, e.type, to_timestamp(e.happened), to_timestamp(e.received), e.body,
       (now() AT TIME ZONE 'utc')::date
     FROM unnest(${put(events.map(({ seq }) => String(seq)))}::bigint[],
       ${put(events.map(({ body }) => body.case ?? 'unknown'))}::text[],
       ${put(events.map(({ eventTime }) => secondsOf(eventTime)))}::float8[],
       ${put(events.map(({ receivedTime }) => secondsOf(receivedTime)))}::float8[],
       ${put(events.map(event => toBinary(EventSchema, event)))}::bytea[])
       AS e (seq, type, happened, received, body) ${where}`;
