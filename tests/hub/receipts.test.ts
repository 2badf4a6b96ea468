import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../../src/cloud/batch.ts';
import { HelloSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { createOutageReceipts } from '../../src/cloud/outage-receipts.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import type { EventLedger } from '../../src/hub/ledger.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { listStores } from '../../src/hub/stock-queries.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { OutageReceiptFact } from '../../src/store/outbox.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { footfall, movement } from '../store/facts.ts';
import { commit, entry, opened, T0, withFolder } from '../store/temp-store.ts';
import { manualClock } from '../support/manual-clock.ts';

const pick = movement('shelf:A1-1', 'cart');
const unfit = { ...pick, quantity: 0 };
const people = (minute: number) => footfall(T0 + minute * 60_000, 1, 0);
const STORE = '9521321000018';

let database: HubDatabase;
let ledger: EventLedger;

beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
  ledger = createSqlLedger(database, 'receiver-1');
}, 60_000);
afterAll(() => database.close());

/** A store's log after one outage in which some of its events were given up, and what the hub then says of the receipt. */
async function verdictAfter(change: (receipt: OutageReceiptFact) => OutageReceiptFact): Promise<object[]> {
  const { epoch, batch } = withFolder(folder => {
    const files = opened(folder);
    const store = openStore(files, { cloudless: false, budgetBytes: () => 1 });
    outage(store, change);
    const batch = batchOf(store.outbox.read(0, 500), 0, () => expect.unreachable());
    const epoch = store.outbox.epoch();
    files.close();
    return { epoch, batch };
  });
  const log = { store: STORE, epoch, stream: 's1' };
  await ledger.register(create(HelloSchema, { storeGln: STORE, epoch: log.epoch }), log.stream, T0);
  await ledger.ingest(log, batch, T0);
  const [row] = await listStores(database, '', 10);
  const verdicts = await database.query<object>('SELECT verdict, reason FROM receipt WHERE epoch = $1', [
    log.epoch,
  ]);
  return [...verdicts, { disputed: row?.receiptsDisputed }];
}

function outage(store: SqliteStore, change: (receipt: OutageReceiptFact) => OutageReceiptFact): void {
  const clock = manualClock(T0);
  const { outbox } = store;
  const receipts = createOutageReceipts({
    ...{ outbox, clock, log: silentLog },
    commit: receipt => void store.commit({ entries: [entry(change(receipt))], keys: [], plates: [] }),
  });
  void receipts.start();
  outbox.linkDown(T0);
  commit(store, pick, ...[0, 1, 2, 3].map(people), unfit, pick, people(4));
  while (outbox.relieve() > 0);
  outbox.linkUp();
  outbox.acknowledge(8);
  clock.advance(3_000);
  void receipts.stop(0);
}

describe("the hub's check of a receipt", () => {
  it('agrees with what the store says, of discarded and unfit events too', async () => {
    expect(await verdictAfter(receipt => receipt)).toEqual([
      { verdict: 'agrees', reason: '' },
      { disputed: 0 },
    ]);
  });

  it.each<{ what: string; change: Partial<OutageReceiptFact>; reason: RegExp }>([
    { what: 'a wrong digest', change: { digest: '11'.repeat(32) }, reason: /digest is another/ },
    { what: 'too many acknowledged', change: { acknowledged: 5 }, reason: /acknowledged is 5, held are 4/ },
    { what: 'discards kept quiet', change: { discards: [] }, reason: /held are 4 of class/ },
    {
      what: 'a first receipt with one before',
      change: { previousDigest: '22'.repeat(32) },
      reason: /previous/,
    },
  ])('disputes $what', async ({ change, reason }) => {
    const [verdict, count] = await verdictAfter(receipt => ({ ...receipt, ...change }));
    expect(verdict).toEqual({ verdict: 'disputed', reason: expect.stringMatching(reason) });
    expect(count).toEqual({ disputed: 1 });
  });

  it('says nothing of events that it does not hold one by one', async () => {
    const [verdict] = await verdictAfter(receipt => ({ ...receipt, firstSeq: 0 }));
    expect(verdict).toMatchObject({ verdict: 'partial' });
  });
});
