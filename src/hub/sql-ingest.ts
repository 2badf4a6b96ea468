import type { EventBatch } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { HubDatabase, Sql } from './database.ts';
import { createGroupIngest } from './group-ingest.ts';
import { type Joining, judgeBatch } from './judge.ts';
import type { Ingested, LogName, LogStream } from './ledger.ts';
import { isReceipt, noteReceipts } from './receipts.ts';
import { runWrites } from './sql-effects.ts';
import { digestOf, eventWrites, storedOf } from './sql-events.ts';
import { quarantineOther, quarantineUnfit } from './sql-quarantine.ts';

/** Stores batches of events with everything that follows from them. */
export type Ingest = (log: LogStream, batch: EventBatch, nowMs: number) => Promise<Ingested>;

/**
 * A stream is the only one that writes to its log, so what is held is known from its last batch, and the usual batch is a part
 * of a single statement: it moves the watermark from where we believe it to be, and writes only if that was so. Everything
 * else is done step by step under the watermark's lock.
 */
export function createIngest(database: HubDatabase): Ingest {
  const heldBy = new WeakMap<LogStream, number>();
  const storeAtOnce = createGroupIngest(database);
  return async (log, batch, nowMs) => {
    const heldSeq = heldBy.get(log);
    const judged = heldSeq === undefined ? null : judgeBatch(heldSeq, batch);
    if (judged?.kind === 'joins' && isPlain(judged) && (await storeAtOnce({ log, judged, nowMs }))) {
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

async function storeStepwise(sql: Sql, log: LogStream, batch: EventBatch, nowMs: number): Promise<Ingested> {
  const { ackedSeq: heldSeq, stream } = await lockLog(sql, log);
  if (stream !== null && stream !== log.stream) return { kind: 'replaced' };
  const judged = judgeBatch(heldSeq, batch);
  if (judged.kind !== 'joins') return judged;
  const { ackedSeq, fresh, again, rejected, skipped } = judged;
  if (fresh.length > 0) await runWrites(sql, eventWrites([{ log, events: fresh }]));
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
