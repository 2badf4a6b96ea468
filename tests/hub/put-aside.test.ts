import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from '../../src/cloud/batch.ts';
import { SnapshotPartSchema } from '../../src/cloud/gen/aisle/sync/v1/snapshot_pb.ts';
import { HelloSchema, ReplaySchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { snapshotParts } from '../../src/cloud/snapshot.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import type { EventLedger } from '../../src/hub/ledger.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import type { LogEntry } from '../../src/store/outbox.ts';
import { pick } from '../cloud/facts.ts';

const STORE = '9521321000018';
const entries = (...quantities: number[]): LogEntry[] =>
  quantities.map((quantity, index) => ({
    ...{ seq: index + 1, eventTimeMs: index, receivedTimeMs: index },
    fact: pick({ from: 'supplier', to: 'backroom', quantity }),
  }));

describe('an event that the hub put aside', () => {
  let database: HubDatabase;
  let ledger: EventLedger;
  beforeAll(async () => {
    database = await openPglite(null);
    await migrate(database);
    ledger = createSqlLedger(database, 'r1');
  }, 60_000);
  afterAll(() => database.close());
  /** Two deliveries with an unfit one between them. */
  const begin = async (epoch: string) => {
    const log = { store: STORE, epoch, stream: epoch };
    const hello = create(HelloSchema, { storeGln: STORE, epoch });
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({ ackedSeq: 0, rejected: [] });
    await ledger.ingest(
      log,
      batchOf(entries(3, 0, 4), 0, () => expect.unreachable()),
      1,
    );
    const mended = batchOf(entries(3, 5, 4), 0, () => expect.unreachable()).events.slice(1, 2);
    return { log, hello, replay: create(ReplaySchema, { events: mended }) };
  };
  const backroom = async (epoch: string) => {
    const rows = await database.query<{ quantity: unknown }>(
      `SELECT quantity FROM stock WHERE epoch = $1 AND place = 'backroom'`,
      [epoch],
    );
    return rows.map(({ quantity }) => Number(quantity));
  };

  it('is named to the store at every Hello, because the word of it may have been lost, until it is mended', async () => {
    const { log, hello, replay } = await begin('told');
    const reason = expect.stringContaining('quantity is 0');
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({
      ackedSeq: 3,
      rejected: [{ seq: 2, reason }],
    });
    await ledger.replay(log, replay, 1);
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({ ackedSeq: 3, rejected: [] });
    expect(await backroom('told')).toEqual([12]);
  });

  it('tells its log from another one when it is the last, as any event does', async () => {
    const { log, hello } = await begin('last');
    const last = { ...entries(3, 0, 4)[0]!, seq: 4, fact: pick({ quantity: 0 }) };
    await ledger.ingest(
      log,
      batchOf([last], 0, () => expect.unreachable()),
      1,
    );
    const { ackedSeq, ackedDigest } = await ledger.register(hello, log.stream, 1);
    expect({ ackedSeq, bytes: ackedDigest.length }).toEqual({ ackedSeq: 4, bytes: 32 });
  });

  it('is not added to a snapshot that holds what it did already', async () => {
    const { log, hello, replay } = await begin('within');
    const item = { gtin: pick().gtin, name: 'x', temperatureClass: 'ambient', places: { backroom: 12 } };
    const figures = { onShelf: 0, backroom: 12, inCart: 0, reserved: 0, availableToPromise: 12 };
    const stock = [{ ...item, ...figures, confidence: null, updatedAtMs: null, seq: 9 }] as const;
    const parts = snapshotParts({ asOfSeq: 9, takenMs: 1, stock, reservations: [], standing: [] }, 10);
    expect(
      await ledger.replace(
        log,
        parts.map(part => create(SnapshotPartSchema, part)),
        1,
      ),
    ).toBe(9);
    expect(await ledger.replay(log, replay, 1)).toEqual([]);
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({ ackedSeq: 9, rejected: [] });
    expect(await backroom('within')).toEqual([12]);
  });
});
