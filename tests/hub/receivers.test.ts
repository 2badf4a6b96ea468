import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventBatchSchema, HelloSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import type { Hub } from '../../src/hub/hub.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { hasDuty } from '../../src/hub/receivers/duty.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import type { Submit } from '../../src/readings/submit.ts';
import type { ReservationView } from '../../src/store/views.ts';
import { pick } from '../cloud/facts.ts';
import { crowdGln } from '../support/store-crowd.ts';
import { settled, shop, startHub, startStore, type TestStore, until } from './hub-bench.ts';

const STORE = '9521321000018';

let database: HubDatabase;
let hubs: readonly [Hub, Hub];
let shops: readonly [ReturnType<typeof shop>, ReturnType<typeof shop>];
const stores: TestStore[] = [];

beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
}, 60_000);
afterAll(() => database.close());
beforeEach(async () => {
  hubs = [await startHub(database), await startHub(database)];
  shops = [shop(hubs[0].port), shop(hubs[1].port)];
});
afterEach(async () => {
  for (const { uplink } of stores.splice(0)) await uplink.stop(1000);
  for (const caller of shops) caller.close();
  for (const hub of hubs) await hub.stop(1000);
});

const connect = async (hub: Hub, options: { readonly epoch?: string; readonly submit?: Submit } = {}) => {
  const held = new Map<string, ReservationView>();
  const grant: Submit = async ([reading]) => {
    if (reading?.kind !== 'document' || reading.document.type !== 'reserve')
      throw new Error('only reservations come');
    const { reservation, lines, expiresAtMs } = reading.document;
    held.set(reservation, { reservation, state: 'pending', lines, expiresAtMs, reason: null });
    return { status: 'accepted', seq: null };
  };
  const store = await startStore({
    gln: STORE,
    port: hub.port,
    submit: grant,
    lookupReservation: id => held.get(id) ?? null,
    ...options,
  });
  stores.push(store);
  await until(() => expect(store.uplink.view().connected).toBe(true));
  return store;
};

const order = (requestId: string) => ({
  storeGln: STORE,
  requestId,
  reserve: { reservationId: `order-${requestId}`, lines: [{ gtin: '09521320000019', quantity: 1n }] },
});

const isOnline = async (caller: ReturnType<typeof shop>) =>
  (await caller.listStores({})).stores.find(({ storeGln }) => storeGln === STORE)?.online;

describe('two receivers on one database', () => {
  it('reach a store wherever its stream ends, and both know that it is there', async () => {
    const store = await connect(hubs[1]);
    expect(await Promise.all(shops.map(isOnline))).toEqual([true, true]);
    const { reservation } = await shops[0].reserve(order('far'));
    expect(reservation).toMatchObject({ reservationId: 'order-far' });
    expect((await shops[1].reserve(order('near'))).reservation).toBeDefined();
    await store.uplink.stop(1000);
    await until(async () => expect(await Promise.all(shops.map(isOnline))).toEqual([false, false]));
    await expect(shops[0].reserve(order('gone'))).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(await database.query('SELECT call FROM passed_command')).toEqual([]);
  });

  it('tell a caller in time that a store elsewhere did not answer', async () => {
    await connect(hubs[1], { submit: () => new Promise(() => {}) });
    await expect(shops[0].reserve(order('silent'), 300)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('end the older stream of a store that has come to the other one', async () => {
    const older = await connect(hubs[0], { epoch: 'older' });
    const newer = await connect(hubs[1], { epoch: 'newer' });
    // It hears of it with its next batch, or within three seconds.
    older.commit(pick());
    await until(() => expect(older.uplink.view().detail).toMatch(/a newer stream of this store/));
    await older.uplink.stop(1000);
    newer.commit(pick());
    await settled(newer);
    const logs = await database.query<{ epoch: string; acked_seq: unknown }>(
      `SELECT epoch, acked_seq FROM watermark WHERE epoch IN ('older', 'newer') ORDER BY epoch`,
    );
    expect(logs.map(row => [row.epoch, Number(row.acked_seq)])).toEqual([
      ['newer', 1],
      ['older', 0],
    ]);
  });

  it('give up what was passed to a receiver that died', async () => {
    await database.script(`
      INSERT INTO receiver (receiver, until) VALUES ('dead', now() + interval '400 milliseconds');
      INSERT INTO store_link (store, receiver, stream, since) VALUES ('9521321000025', 'dead', 's', now())`);
    const asked = { ...order('lost'), storeGln: '9521321000025' };
    await expect(shops[0].reserve(asked)).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: expect.stringContaining('broke before its answer'),
    });
    await expect(shops[0].reserve(asked)).rejects.toMatchObject({
      details: expect.stringContaining('is not connected'),
    });
  });
});

it('a duty is with one receiver until it is given up', async () => {
  expect(await hasDuty(database, 'sweep', 'a', 60_000)).toBe(true);
  expect(await hasDuty(database, 'sweep', 'b', 60_000)).toBe(false);
  expect(await hasDuty(database, 'sweep', 'a', 0)).toBe(true);
  expect(await hasDuty(database, 'sweep', 'b', 60_000)).toBe(true);
});

it('what many stores tell at once is stored together, and one that spoils it fails alone', async () => {
  const ledger = createSqlLedger(database, 'receiver-1');
  const logs = Array.from({ length: 12 }, (_, index) => ({
    store: crowdGln(index),
    epoch: 'e1',
    stream: 's',
  }));
  const tell = (firstSeq: number) =>
    Promise.allSettled(
      logs.map(async log => {
        const event = encodeEntry({ seq: firstSeq, fact: pick(), eventTimeMs: 1, receivedTimeMs: 2 });
        const batch = create(EventBatchSchema, { firstSeq: BigInt(firstSeq), events: [event] });
        return ledger.ingest(log, batch, 1);
      }),
    );
  for (const { store, epoch } of logs)
    await ledger.register(create(HelloSchema, { storeGln: store, epoch }), 's', 1);
  await tell(1);
  // The eleventh store has an event of that number although its watermark does not say so.
  await database.query(
    `INSERT INTO event (store, epoch, seq, type, body, day) VALUES ($1, 'e1', 2, 'movement', '', (now() AT TIME ZONE 'utc')::date)`,
    [logs[10]!.store],
  );
  const outcomes = await tell(2);
  expect(outcomes.flatMap(({ status: how }, index) => (how === 'rejected' ? [index] : []))).toEqual([10]);
  const held = await database.query<{ acked: unknown; units: unknown }>(
    `SELECT w.acked_seq AS acked, s.quantity AS units FROM watermark w
     JOIN stock s ON s.store = w.store AND s.epoch = w.epoch AND s.place = 'cart'
     WHERE w.store = ANY($1::text[]) AND w.epoch = 'e1' ORDER BY w.store`,
    [logs.map(({ store }) => store)],
  );
  expect(held.map(row => `${row.acked}/${row.units}`)).toEqual(
    logs.map((_, index) => (index === 10 ? '1/1' : '2/2')),
  );
});
