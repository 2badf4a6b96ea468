import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { Sql } from './database.ts';
import type { Rejection } from './judge.ts';
import type { LogName } from './ledger.ts';

const digestOf = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

/** Returns the numbers of the events whose content differs from what is held and was not put aside before. */
export async function quarantineOther(
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

export async function quarantineUnfit(
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

/** What is put aside as unfit, lowest first. */
export async function listUnfit(
  sql: Sql,
  { store, epoch }: LogName,
  limit: number,
): Promise<readonly Rejection[]> {
  const rows = await sql.query<{ seq: unknown; reason: string }>(
    `SELECT seq, reason FROM quarantine WHERE store = $1 AND epoch = $2 AND unfit ORDER BY seq LIMIT $3`,
    [store, epoch, limit],
  );
  return rows.map(({ seq, reason }) => ({ seq: Number(seq), reason }));
}

/** A snapshot holds what these events did, mended or not: a replay must not add it again. */
export async function answerUnfit(sql: Sql, { store, epoch }: LogName, asOfSeq: number): Promise<void> {
  await sql.query(
    'UPDATE quarantine SET unfit = false WHERE store = $1 AND epoch = $2 AND unfit AND seq <= $3',
    [store, epoch, String(asOfSeq)],
  );
}

/** Takes repaired events out of quarantine; only numbers that were put aside as unfit, and each once. */
export async function unquarantine(
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
