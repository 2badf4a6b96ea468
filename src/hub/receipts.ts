import { fromBinary } from '@bufbuild/protobuf';
import { FIRST_DIGEST, lastSeqOf, nextDigest } from '../cloud/event-identity.ts';
import {
  type DiscardCount,
  type Event,
  EventSchema,
  type OutageReceipt,
} from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { HubDatabase, Sql } from './database.ts';
import type { LogName } from './ledger.ts';

/** `partial`: a snapshot answered for some of the events, or they are no longer kept, so nobody can say. */
export type Verdict = 'unchecked' | 'agrees' | 'disputed' | 'partial';

const ROWS_AT_ONCE = 2_000;

/** Remembers the receipts among these events; in the transaction that stores them. */
export async function noteReceipts(
  sql: Sql,
  { store, epoch }: LogName,
  fresh: readonly Event[],
): Promise<void> {
  const seqs = fresh.filter(isReceipt).map(({ seq }) => String(seq));
  if (seqs.length === 0) return;
  await sql.query(
    'INSERT INTO receipt (store, epoch, seq) SELECT $1, $2, r.seq FROM unnest($3::bigint[]) AS r (seq)',
    [store, epoch, seqs],
  );
}

export const isReceipt = ({ body }: Event): boolean => body.case === 'outageReceipt';

/** Compares the receipts that nobody looked at with what is stored, outside of any transaction: an outage may be long. */
export async function checkReceipts(database: HubDatabase, log: LogName): Promise<void> {
  const rows = await database.query<{ seq: unknown }>(
    `SELECT seq FROM receipt WHERE store = $1 AND epoch = $2 AND verdict = 'unchecked' ORDER BY seq`,
    [log.store, log.epoch],
  );
  for (const { seq } of rows) {
    const { verdict, reason } = await judge(database, log, Number(seq));
    await database.query(
      'UPDATE receipt SET verdict = $4, reason = $5 WHERE store = $1 AND epoch = $2 AND seq = $3',
      [log.store, log.epoch, String(seq), verdict, reason],
    );
  }
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

const disputed = (reason: string): Judgement => ({ verdict: 'disputed', reason });

async function judge(database: HubDatabase, log: LogName, seq: number): Promise<Judgement> {
  const [event] = await bodies(database, log, seq, seq);
  if (event?.body.case !== 'outageReceipt') return { verdict: 'partial', reason: 'the receipt is gone' };
  const receipt = event.body.value;
  const before = await receiptBefore(database, log, seq);
  if (before && receipt.number !== before.number + 1n)
    return disputed(`receipt ${receipt.number} comes after receipt ${before.number}`);
  const digestBefore = before?.digest ?? (receipt.number === 1n ? FIRST_DIGEST : receipt.previousDigest);
  if (Buffer.compare(receipt.previousDigest, digestBefore) !== 0)
    return disputed('previous_digest is not the digest of the receipt before');
  const held = await sumUp(database, log, receipt);
  if (held.numbers !== Number(receipt.lastSeq - receipt.firstSeq) + 1)
    return { verdict: 'partial', reason: `only ${held.numbers} of the numbers are held` };
  return compare(receipt, held);
}

function compare(receipt: OutageReceipt, held: Held): Judgement {
  const { accepted, acknowledged, discards, digest } = receipt;
  if (Number(accepted) !== held.numbers) return disputed(`accepted is ${accepted}, held are ${held.numbers}`);
  if (Number(acknowledged) !== held.events)
    return disputed(`acknowledged is ${acknowledged}, held are ${held.events} events`);
  // Sums can have gone after their parts were sent as put together, so only what is gone in all is compared.
  if (goneOf(discards) !== held.gone)
    return disputed(`discards are ${goneOf(discards)}, held are ${held.gone}`);
  if (Buffer.compare(digest, held.digest) !== 0) return disputed('the digest is another one');
  return { verdict: 'agrees', reason: '' };
}

const goneOf = (discards: readonly DiscardCount[]) =>
  discards
    .map(({ eventClass, reason, discarded }) => `${discarded} of class ${eventClass} for reason ${reason}`)
    .toSorted()
    .join(', ');

interface Held {
  /** Sequence numbers that are answered for. */
  numbers: number;
  events: number;
  gone: string;
  digest: Uint8Array;
}

async function sumUp(database: HubDatabase, log: LogName, receipt: OutageReceipt): Promise<Held> {
  const [first, last] = [Number(receipt.firstSeq), Number(receipt.lastSeq)];
  const discards = new Map<string, DiscardCount>();
  const held: Held = { numbers: 0, events: 0, gone: '', digest: receipt.previousDigest };
  for (let seq = first; seq <= last; ) {
    const events = await bodies(database, log, seq, last);
    for (const event of events) {
      held.numbers += lastSeqOf(event) - Number(event.seq) + 1;
      if (event.body.case === 'discarded') addUp(discards, event.body.value.discards);
      else {
        held.events += 1;
        held.digest = nextDigest(held.digest, event.bytes);
      }
    }
    if (events.length < ROWS_AT_ONCE) break;
    seq = lastSeqOf(events.at(-1)!) + 1;
  }
  return { ...held, gone: goneOf([...discards.values()]) };
}

function addUp(sums: Map<string, DiscardCount>, counts: readonly DiscardCount[]): void {
  for (const count of counts) {
    const key = `${count.eventClass} ${count.reason}`;
    sums.set(key, { ...count, discarded: (sums.get(key)?.discarded ?? 0n) + count.discarded });
  }
}

/** In order; those that were put aside as unfit are events of the log too. */
async function bodies(
  database: HubDatabase,
  { store, epoch }: LogName,
  firstSeq: number,
  lastSeq: number,
): Promise<readonly (Event & { readonly bytes: Uint8Array })[]> {
  const rows = await database.query<{ body: Uint8Array }>(
    `SELECT body FROM (
       SELECT seq, body FROM event WHERE store = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4
       UNION ALL
       SELECT seq, body FROM quarantine WHERE store = $1 AND epoch = $2 AND seq BETWEEN $3 AND $4 AND unfit
     ) AS log ORDER BY seq LIMIT ${ROWS_AT_ONCE}`,
    [store, epoch, String(firstSeq), String(lastSeq)],
  );
  return rows.map(({ body }) => ({ ...fromBinary(EventSchema, body), bytes: body }));
}

async function receiptBefore(
  database: HubDatabase,
  { store, epoch }: LogName,
  seq: number,
): Promise<OutageReceipt | null> {
  const rows = await database.query<{ body: Uint8Array }>(
    `SELECT e.body FROM receipt r JOIN event e ON e.store = r.store AND e.epoch = r.epoch AND e.seq = r.seq
     WHERE r.store = $1 AND r.epoch = $2 AND r.seq < $3 ORDER BY r.seq DESC LIMIT 1`,
    [store, epoch, String(seq)],
  );
  const body = rows[0] && fromBinary(EventSchema, rows[0].body).body;
  return body?.case === 'outageReceipt' ? body.value : null;
}
