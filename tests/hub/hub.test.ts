import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { DiscardedSchema, PlaceKind } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { SnapshotPartSchema } from '../../src/cloud/gen/aisle/sync/v1/snapshot_pb.ts';
import { EventBatchSchema, HelloSchema, ReplaySchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import type { Hub } from '../../src/hub/hub.ts';
import type { EventLedger } from '../../src/hub/ledger.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import type { Submit } from '../../src/readings/submit.ts';
import { limits } from '../../src/shared/limits.ts';
import type { Fact } from '../../src/store/outbox.ts';
import type { ReservationView } from '../../src/store/views.ts';
import { gtinOf, pick } from '../cloud/facts.ts';
import {
  settled,
  shop,
  startHub,
  startStore,
  type TestStore,
  type TestStoreOptions,
  until,
} from './hub-bench.ts';

let database: HubDatabase;
let ledger: EventLedger;
let hub: Hub;
let caller: ReturnType<typeof shop>;
const stores: TestStore[] = [];

beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
  ledger = createSqlLedger(database, 'receiver-1');
}, 60_000);
afterAll(() => database.close());
afterEach(async () => {
  for (const { uplink } of stores.splice(0)) await uplink.stop(1000);
  caller?.close();
  await hub?.stop(1000);
});

const open = async (port = 0) => {
  hub = await startHub(database, port);
  caller = shop(hub.port);
};
const connect = async (options: Omit<TestStoreOptions, 'port'>) => {
  const store = await startStore({ ...options, port: hub.port });
  stores.push(store);
  return store;
};
const online = (store: TestStore) => until(() => expect(store.uplink.view().connected).toBe(true));

/** Every test has a store of its own, so that one database serves them all. */
const GLNS = ['9521321000018', '9521321000025', '9521321000032', '9521321000049', '9521321000056'];
const gln = (test: number) => GLNS[test]!;

const delivery = (quantity: number, gtin = gtinOf(1)): Fact =>
  pick({
    gtin,
    from: 'supplier',
    to: 'backroom',
    quantity,
    cause: 'delivery',
    evidence: { kind: 'document', key: 'd-1' },
  });

const batchOf = (firstSeq: number, facts: readonly Fact[]) =>
  create(EventBatchSchema, {
    firstSeq: BigInt(firstSeq),
    events: facts.map((fact, index) =>
      encodeEntry({ seq: firstSeq + index, fact, eventTimeMs: 1, receivedTimeMs: 2 }),
    ),
  });

describe('storing events', () => {
  const log = { store: '9521321000100', epoch: 'e1', stream: 's1' };
  const stored = async () => {
    const rows = await database.query<{ place: string; quantity: unknown }>(
      'SELECT place, quantity FROM stock WHERE store = $1 AND epoch = $2 ORDER BY place',
      [log.store, log.epoch],
    );
    return Object.fromEntries(rows.map(({ place, quantity }) => [place, Number(quantity)]));
  };

  it('counts a batch that comes twice, or in part again, once', async () => {
    const hello = create(HelloSchema, { storeGln: log.store, epoch: log.epoch, version: '1', lastSeq: 3n });
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({ ackedSeq: 0 });
    const facts = [delivery(10), delivery(5)];
    expect(await ledger.ingest(log, batchOf(1, facts), 1)).toMatchObject({ ackedSeq: 2 });
    expect(await ledger.ingest(log, batchOf(1, facts), 1)).toEqual({
      kind: 'stored',
      ackedSeq: 2,
      quarantined: [],
      rejected: [],
    });
    expect(await ledger.ingest(log, batchOf(2, [delivery(5), delivery(1)]), 1)).toMatchObject({
      ackedSeq: 3,
    });
    expect(await stored()).toEqual({ backroom: 16, supplier: -16 });
  });

  it('asks for what is missing and stores nothing of what comes after it', async () => {
    expect(await ledger.ingest(log, batchOf(5, [delivery(1)]), 1)).toEqual({
      kind: 'gap',
      expectedSeq: 4,
    });
    expect(await stored()).toEqual({ backroom: 16, supplier: -16 });
  });

  it('puts aside an event that comes again with other content, once, and keeps the first', async () => {
    expect(await ledger.ingest(log, batchOf(3, [delivery(99)]), 1)).toEqual({
      kind: 'stored',
      ackedSeq: 3,
      quarantined: [3],
      rejected: [],
    });
    expect(await ledger.ingest(log, batchOf(3, [delivery(99)]), 1)).toMatchObject({
      quarantined: [],
    });
    expect(await stored()).toEqual({ backroom: 16, supplier: -16 });
  });

  it('refuses a batch whose numbers are not consecutive', async () => {
    const batch = batchOf(4, [delivery(1), delivery(1)]);
    batch.events.reverse();
    expect(await ledger.ingest(log, batch, 1)).toMatchObject({ kind: 'malformed' });
  });

  it('puts aside an event that would damage the stock, goes on behind it, and takes it repaired', async () => {
    const batch = batchOf(4, [delivery(7), delivery(1), delivery(2)]);
    // More than the quantity column holds.
    Object.assign(batch.events[1]!.body.value as object, { quantity: 2n ** 63n - 1n });
    expect(await ledger.ingest(log, batch, 1)).toMatchObject({
      ackedSeq: 6,
      rejected: [{ seq: 5, reason: expect.stringContaining('quantity is 9223372036854775807') }],
    });
    expect(await stored()).toEqual({ backroom: 25, supplier: -25 });
    const replay = create(ReplaySchema, { events: batch.events.slice(1, 2) });
    expect(await ledger.replay(log, replay, 1)).toMatchObject([{ seq: 5 }]);
    Object.assign(batch.events[1]!.body.value as object, { quantity: 1n });
    expect(await ledger.replay(log, replay, 1)).toEqual([]);
    expect(await ledger.replay(log, replay, 1)).toEqual([]);
    expect(await stored()).toEqual({ backroom: 26, supplier: -26 });
  });

  it('takes a run of discarded events for its numbers, and nothing of it twice', async () => {
    const run = (firstSeq: number, count: number) => {
      const batch = batchOf(firstSeq, [delivery(1)]);
      batch.events[0]!.body = { case: 'discarded', value: create(DiscardedSchema, { count: BigInt(count) }) };
      return batch;
    };
    expect(await ledger.ingest(log, run(7, 4), 1)).toMatchObject({ ackedSeq: 10 });
    expect(await ledger.ingest(log, run(7, 9), 1)).toMatchObject({ ackedSeq: 15, quarantined: [] });
    const rows = await database.query<{ event_count: unknown; skipped_count: unknown }>(
      'SELECT event_count, skipped_count FROM watermark WHERE store = $1',
      [log.store],
    );
    expect(rows.map(row => [Number(row.event_count), Number(row.skipped_count)])).toEqual([[6, 9]]);
  });

  it('puts a snapshot in the place of what it folded, and counts on from there', async () => {
    const part = create(SnapshotPartSchema, {
      asOfSeq: 20n,
      part: 1,
      parts: 1,
      items: [
        {
          gtin: gtinOf(1),
          places: [
            { place: { kind: PlaceKind.BACKROOM }, quantity: 40n },
            { place: { kind: PlaceKind.SUPPLIER }, quantity: -40n },
          ],
        },
      ],
    });
    expect(await ledger.replace(log, [part], 1)).toBe(20);
    expect(await stored()).toEqual({ backroom: 40, supplier: -40 });
    expect(await ledger.ingest(log, batchOf(21, [delivery(2)]), 1)).toMatchObject({ ackedSeq: 21 });
    expect(await ledger.replace(log, [part], 1)).toBe(21);
    expect(await stored()).toEqual({ backroom: 42, supplier: -42 });
  });
});

describe('a store and the hub', () => {
  it('have the same stock, and the hub has every event once', async () => {
    await open();
    const store = await connect({ gln: gln(0) });
    store.commit(delivery(20));
    for (let i = 0; i < 30; i++) store.commit(pick({ from: 'backroom', to: 'shelf:A1-1', cause: 'refill' }));
    for (let i = 0; i < 7; i++) store.commit(pick());
    await settled(store);
    const { levels } = await caller.getStock({ gtin: '9521320000019', storeGln: gln(0) });
    expect(levels).toMatchObject([
      { onShelf: 23n, backroom: -10n, inCart: 7n, reserved: 0n, asOfSeq: 38n, epoch: 'e1', online: true },
    ]);
    const { stores: known } = await caller.listStores({});
    expect(known.find(({ storeGln }) => storeGln === gln(0))).toMatchObject({
      online: true,
      ackedSeq: 38n,
      eventCount: 38n,
      quarantinedCount: 0n,
      version: '0.1.0',
    });
  });

  it('lose and double nothing when the hub is stopped and started in the middle of it', async () => {
    await open();
    const { port } = hub;
    const store = await connect({ gln: gln(1) });
    const feed = (count: number) => {
      for (let i = 0; i < count; i++) store.commit(delivery(1));
    };
    feed(limits.uplinkBatchEvents * 3);
    await until(() => expect(store.outbox.ackedSeq()).toBeGreaterThan(0));
    await hub.stop(1000);
    caller.close();
    feed(100);
    await open(port);
    feed(100);
    await settled(store);
    const total = limits.uplinkBatchEvents * 3 + 200;
    const { levels } = await caller.getStock({ storeGln: gln(1) });
    expect(levels).toMatchObject([{ backroom: BigInt(total), asOfSeq: BigInt(total) }]);
    const { stores: known } = await caller.listStores({});
    expect(known.find(({ storeGln }) => storeGln === gln(1))).toMatchObject({ eventCount: BigInt(total) });
  });

  it('begin a new count with a new epoch', async () => {
    await open();
    const before = await connect({ gln: gln(2) });
    before.commit(delivery(50));
    await settled(before);
    await before.uplink.stop(1000);
    const after = await connect({ gln: gln(2), epoch: 'e2' });
    after.commit(delivery(3));
    await settled(after);
    const { levels } = await caller.getStock({ storeGln: gln(2) });
    expect(levels).toMatchObject([{ epoch: 'e2', backroom: 3n, asOfSeq: 1n }]);
  });

  it('talk on the newest stream only', async () => {
    await open();
    const first = await connect({ gln: gln(3) });
    await online(first);
    const second = await connect({ gln: gln(3) });
    await until(() => expect(first.uplink.view().detail).toMatch(/a newer stream of this store/));
    await first.uplink.stop(1000);
    await online(second);
  });
});

describe('an order through the hub', () => {
  const request = (requestId: string, quantity = 2n) => ({
    storeGln: gln(4),
    requestId,
    reserve: { reservationId: `order-${requestId}`, lines: [{ gtin: '9521320000019', quantity }] },
  });

  /** Grants what is asked for up to two units. */
  async function grantingStore() {
    const held = new Map<string, ReservationView>();
    const asked: string[] = [];
    const submit: Submit = async ([reading]) => {
      if (reading?.kind !== 'document') throw new Error('only documents come from the cloud');
      const { document } = reading;
      asked.push(document.key);
      if (document.type === 'reserve') {
        const { reservation, lines, expiresAtMs } = document;
        const enough = lines.every(({ quantity }) => quantity <= 2);
        const reason = enough ? null : 'only 2 can be promised';
        const state = enough ? 'pending' : 'refused';
        held.set(reservation, { reservation, state, lines, expiresAtMs, reason });
      }
      return { status: 'accepted', seq: null };
    };
    const store = await connect({ gln: gln(4), submit, lookupReservation: id => held.get(id) ?? null });
    await online(store);
    return { store, asked };
  }

  it('is answered with what the store holds, and a repeat is answered without asking again', async () => {
    await open();
    const { store, asked } = await grantingStore();
    const { reservation } = await caller.reserve(request('r-1'));
    expect(reservation).toMatchObject({
      reservationId: 'order-r-1',
      lines: [{ gtin: gtinOf(1), quantity: 2n }],
    });
    await store.uplink.stop(1000);
    await until(async () => {
      const { stores: known } = await caller.listStores({});
      expect(known.find(({ storeGln }) => storeGln === gln(4))?.online).toBe(false);
    });
    expect((await caller.reserve(request('r-1'))).reservation).toEqual(reservation);
    expect(asked).toEqual(['r-1']);
  });

  it('is refused with the reason of the store', async () => {
    await open();
    await grantingStore();
    await expect(caller.reserve(request('r-2', 3n))).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: 'only 2 can be promised',
    });
  });

  it('is refused when its request id was used for something else', async () => {
    await open();
    await grantingStore();
    await expect(caller.reserve(request('r-1', 1n))).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
  });

  it('is unavailable at once while the store is not connected', async () => {
    await open();
    await expect(caller.reserve(request('r-3'))).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: `store ${gln(4)} is not connected; nothing was sent`,
    });
  });

  it('ends when the caller has waited long enough for a store that does not answer', async () => {
    await open();
    const store = await connect({ gln: gln(4), submit: () => new Promise(() => {}) });
    await online(store);
    await expect(caller.reserve(request('r-4'), 200)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    });
  });

  it('is counted as reserved until it ends by itself', async () => {
    await open();
    const store = await connect({ gln: gln(4), epoch: 'reserved' });
    const fact = {
      type: 'reservation',
      key: 'k',
      lines: [{ gtin: gtinOf(1), quantity: 2 }],
      reason: null,
    } as const;
    store.commit(
      delivery(10),
      { ...fact, reservation: 'a', state: 'pending', expiresAtMs: null },
      { ...fact, reservation: 'b', state: 'temporary', expiresAtMs: Date.UTC(2020, 0, 1) },
      { ...fact, reservation: 'c', state: 'temporary', expiresAtMs: Date.UTC(2120, 0, 1) },
      { ...fact, reservation: 'd', state: 'released', expiresAtMs: null },
    );
    await settled(store);
    const { levels } = await caller.getStock({ storeGln: gln(4) });
    expect(levels).toMatchObject([{ backroom: 10n, reserved: 4n, unreserved: 6n }]);
  });
});

describe('a question to the hub', () => {
  it.each([
    [{}, /name a gtin, a store_gln or both/],
    [{ gtin: '123' }, /gtin is "123"; write 8, 12, 13 or 14 digits/],
    [{ storeGln: '9521321000019' }, /store_gln is "9521321000019"/],
    [{ storeGln: '9521321000018', pageSize: 5000 }, /page_size is 5000; write 1 to 1000/],
  ])('that makes no sense is refused in a sentence: %j', async (request, message) => {
    await open();
    await expect(caller.getStock(request)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(message),
    });
  });

  it('is answered in pages', async () => {
    await open();
    const store = await connect({ gln: gln(0), epoch: 'paged' });
    store.commit(...[1, 2, 3, 4, 5].map(number => delivery(number, gtinOf(number))));
    await settled(store);
    const seen: bigint[] = [];
    let pageToken = '';
    do {
      const page = await caller.getStock({ storeGln: gln(0), pageSize: 2, pageToken });
      seen.push(...page.levels.map(({ backroom }) => backroom));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual([1n, 2n, 3n, 4n, 5n]);
  });
});

it('a port that is taken is named in one sentence', async () => {
  await open();
  await expect(startHub(database, hub.port)).rejects.toThrow(
    `gRPC port ${hub.port} on 127.0.0.1 is in use; stop the other program or choose another port with --grpc`,
  );
});
