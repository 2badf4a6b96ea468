import { fromBinary } from '@bufbuild/protobuf';
import { identityOf } from '../cloud/event-identity.ts';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { Hello } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import { limits } from '../shared/limits.ts';
import type { HubDatabase, Sql } from './database.ts';
import { foldSnapshot } from './fold.ts';
import { unfitness } from './judge.ts';
import type { EventLedger, Held, LogName } from './ledger.ts';
import { createLiveStock } from './live-stock.ts';
import { checkReceipts, isReceipt } from './receipts.ts';
import { leaveSeat, type Seat } from './receivers/presence.ts';
import { clearEffects, effectWrites, runWrites } from './sql-effects.ts';
import { eventWrites } from './sql-events.ts';
import { advance, createIngest, lockLog } from './sql-ingest.ts';
import { answerUnfit, listUnfit, unquarantine } from './sql-quarantine.ts';
import { createStoreWords } from './store-word.ts';

/** What is held up to a snapshot ends with no event of ours. */
const NO_EVENT = new Uint8Array();

/** The ledger in PostgreSQL, as one of several receivers uses it. */
export function createSqlLedger(database: HubDatabase, receiver: string): EventLedger {
  const inTransaction = database.transaction;
  const ingest = createIngest(database);
  const noteWord = createStoreWords(database);
  return {
    async register(hello, stream, nowMs) {
      const held = await register(database, hello, { receiver, stream }, nowMs);
      await noteWord({ store: hello.storeGln, epoch: hello.epoch }, { config: hello.config }, nowMs);
      return held;
    },
    async ingest(log, batch, nowMs) {
      const outcome = await ingest(log, batch, nowMs);
      if (batch.events.some(isReceipt)) await checkReceipts(database, log);
      return outcome;
    },
    replace: (log, parts, nowMs) =>
      inTransaction(async sql => {
        const { ackedSeq: held } = await lockLog(sql, log);
        const asOfSeq = Number(parts[0]?.asOfSeq ?? 0n);
        if (asOfSeq <= held) return held;
        await clearEffects(sql, log);
        await answerUnfit(sql, log, asOfSeq);
        await runWrites(sql, effectWrites([{ log, effects: foldSnapshot(parts) }]));
        await advance(sql, log, { ackedSeq: asOfSeq, skipped: asOfSeq - held, ackedDigest: NO_EVENT, nowMs });
        return asOfSeq;
      }),
    replay: (log, { events }, nowMs) =>
      inTransaction(async sql => {
        const { ackedSeq: held } = await lockLog(sql, log);
        const put = await unquarantine(
          sql,
          log,
          events.filter(event => unfitness(event) === null),
        );
        if (put.length > 0) await runWrites(sql, eventWrites([{ log, events: put }]));
        await noteLate(sql, log, put);
        await advance(sql, log, {
          ackedSeq: held,
          stored: put.length,
          skipped: -put.length,
          ackedDigest: null,
          nowMs,
        });
        return events.flatMap(event => {
          const reason = unfitness(event);
          return reason === null ? [] : [{ seq: Number(event.seq), reason }];
        });
      }),
    noteLive: createLiveStock(database),
    noteHeard: noteWord,
    async leave(log, heardMs) {
      await leaveSeat(database, log.store, { receiver, stream: log.stream });
      await noteWord(log, {}, heardMs);
    },
  };
}

async function register(sql: Sql, hello: Hello, seat: Seat, nowMs: number): Promise<Held> {
  const { storeGln: store, epoch, version, lastSeq } = hello;
  // One statement, so that of two streams that begin at once both tables name the same one.
  const rows = await sql.query<{ acked_seq: unknown; acked_digest: Uint8Array | null }>(
    `WITH link AS (
       INSERT INTO store_link (store, receiver, stream, since) VALUES ($1, $6, $7, now())
       ON CONFLICT (store) DO UPDATE SET receiver = excluded.receiver, stream = excluded.stream, since = excluded.since
       RETURNING store
     ), known AS (
       INSERT INTO store (store, epoch, version, last_seq) SELECT store, $2, $3, $4 FROM link
       ON CONFLICT (store) DO UPDATE SET epoch = excluded.epoch, version = excluded.version,
       last_seq = excluded.last_seq
     )
     INSERT INTO watermark (store, epoch, heard_at) VALUES ($1, $2, to_timestamp($5::float8))
     ON CONFLICT (store, epoch) DO UPDATE SET heard_at = excluded.heard_at
     RETURNING acked_seq, acked_digest`,
    [store, epoch, version, String(lastSeq), nowMs / 1000, seat.receiver, seat.stream],
  );
  const ackedSeq = Number(rows[0]?.acked_seq ?? 0);
  return {
    ackedSeq,
    ackedDigest: rows[0]?.acked_digest ?? (await digestOfEvent(sql, store, epoch, ackedSeq)),
    rejected: await listUnfit(sql, { store, epoch }, limits.hubRejectedTold),
  };
}

/** Of an event that was stored before watermarks kept it. */
async function digestOfEvent(sql: Sql, store: string, epoch: string, seq: number): Promise<Uint8Array> {
  const rows = await sql.query<{ body: Uint8Array }>(
    'SELECT body FROM event WHERE store = $1 AND epoch = $2 AND seq = $3',
    [store, epoch, seq],
  );
  return identityOf(rows[0] ? fromBinary(EventSchema, rows[0].body) : null);
}

/** Whoever follows the feed has passed these numbers: they get a place of their own in it. */
async function noteLate(sql: Sql, { store, epoch }: LogName, events: readonly Event[]): Promise<void> {
  if (events.length === 0) return;
  await sql.query(
    'INSERT INTO feed_late (store, epoch, seq) SELECT $1, $2, * FROM unnest($3::bigint[]) ON CONFLICT DO NOTHING',
    [store, epoch, events.map(({ seq }) => String(seq))],
  );
}
