import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlaceOrderRequestSchema } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { type CommandResult, CommandResultSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { StoreOrder } from '../../src/hub/command-relay.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import { createLeaseBook, sellLeased } from '../../src/hub/lease-book.ts';
import { createLeaseManager } from '../../src/hub/lease-manager.ts';
import { createOrderBook } from '../../src/hub/order-book.ts';
import { createOrders } from '../../src/hub/orders.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { rpcError } from '../../src/hub/rpc-error.ts';
import { createStoreLinks } from '../../src/hub/store-links.ts';
import { silentLog } from '../../src/shared/log.ts';
import { manualClock } from '../support/manual-clock.ts';
import { testGtin } from '../support/stock-bench.ts';

let database: HubDatabase;
beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
}, 60_000);
afterAll(() => database.close());

const LASTS_MS = 60 * 60_000;
const [MILK, BREAD] = [testGtin(1), testGtin(2)];

type Answer = (order: StoreOrder) => void;

/** A store that is connected, and what it was asked for; it does all of it unless `answer` throws. */
function bench(store: string) {
  const clock = manualClock();
  const asked: string[] = [];
  let answer: Answer = () => {};
  const orders = createOrderBook(database);
  const leases = createLeaseBook(database);
  const relay = async (order: StoreOrder): Promise<CommandResult> => {
    asked.push(order.requestId);
    answer(order);
    return create(CommandResultSchema, { requestId: order.requestId });
  };
  const hub = { database, clock, orders, leases, relay, log: silentLog };
  const policy = { share: 0, most: 0, lastsMs: LASTS_MS, items: 1 };
  const manager = createLeaseManager({ ...hub, links: { stores: () => [store] }, policy });
  const shop = createOrders({ ...hub, links: createStoreLinks(clock) });
  const lease = (name: string, gtin: string) =>
    leases.ask({ store, lease: name, gtin, granted: 3, expiresMs: clock.nowMs() + LASTS_MS });
  return {
    ...{ clock, asked, orders, leases, lease },
    answers: (to: Answer) => {
      answer = to;
    },
    round: () => manager.round(),
    cancel: shop.cancel,
    /** An order that was promised while the store was away. */
    async sold(orderId: string, ...gtins: readonly string[]) {
      const lines = gtins.map(gtin => ({ gtin, quantity: 1 }));
      const request = { requestId: orderId, lines: lines.map(line => ({ ...line, quantity: 1n })) };
      await orders.begin(create(PlaceOrderRequestSchema, request), clock.nowMs());
      const sale = { store, order: orderId, lines, nowMs: clock.nowMs() };
      const reservations = await database.transaction(sql => sellLeased(sql, sale));
      await orders.place(orderId, { store, reservations: reservations!, distanceKm: 0, isLeased: true });
    },
  };
}

const noAnswer = () => {
  throw rpcError(status.DEADLINE_EXCEEDED, 'no answer', { reason: 'NO_ANSWER' });
};
/** What a store says of a lease whose time is over. */
const overFor =
  (name: string): Answer =>
  ({ requestId }) => {
    if (requestId === `grant/${name}`)
      throw rpcError(status.DEADLINE_EXCEEDED, 'over', { reason: 'EXPIRED' });
  };

describe('the leases of a store', () => {
  it('that ran out unanswered hold nothing up: the store hears of their end and of what others sold', async () => {
    const { clock, asked, leases, answers, lease, sold, round } = bench('9521321000018');
    await lease('milk', MILK);
    await round();
    await sold('o-1', MILK);
    clock.advance(LASTS_MS / 2);
    await lease('bread', BREAD);
    answers(noAnswer);
    await round();
    clock.advance(LASTS_MS);
    answers(overFor('bread'));
    asked.length = 0;
    await round();
    expect(asked).toEqual(['sold/o-1/1', 'settle/milk', 'settle/bread']);
    expect(await leases.reports('9521321000018', clock.nowMs())).toEqual([]);
  });

  it.each([
    ['first', 1],
    ['second', 2],
  ])('keep no line of an order of which the %s is not honoured', async (nth, line) => {
    // A shop may write numbers behind a stroke as well.
    const orderId = `order/${line}`;
    const { asked, orders, answers, lease, sold, round } = bench(`store-${nth}`);
    await lease('milk', MILK);
    await lease('bread', BREAD);
    await round();
    await sold(orderId, MILK, BREAD);
    answers(({ requestId }) => {
      if (requestId === `sold/${orderId}/${line}`) throw rpcError(status.NOT_FOUND, 'there is no lease');
    });
    await round();
    expect(await orders.find(orderId)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('there is no lease'),
    });
    asked.length = 0;
    await round();
    expect(asked).toEqual([`${orderId}/1#release`, `${orderId}/2#release`]);
  });
});

describe('an order that was promised while its store was away', () => {
  it('is cancelled as soon as the store has heard of it, and asked to be tried again before', async () => {
    const { asked, lease, sold, round, cancel } = bench('store-away');
    await lease('milk', MILK);
    await round();
    await sold('hasty', MILK);
    asked.length = 0;
    await expect(cancel('hasty')).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await round();
    expect(await cancel('hasty')).toMatchObject({ state: 'cancelled' });
    expect(asked).toEqual(['sold/hasty/1', 'hasty#release/1']);
  });
});

describe('an order whose hub died before it was placed', () => {
  it('is let go by the store that was asked, and never placed there on its old answers', async () => {
    const store = 'store-forgetful';
    const { asked, orders, clock, round } = bench(store);
    const request = create(PlaceOrderRequestSchema, {
      requestId: 'lost',
      lines: [{ gtin: MILK, quantity: 1n }],
    });
    await orders.begin(request, clock.nowMs());
    expect(await orders.oweRelease(store, 'lost', clock.nowMs() + 1_000)).toBe(true);
    await round();
    clock.advance(1_000);
    await round();
    await round();
    expect(asked).toEqual(['lost#release']);
    expect(await orders.oweRelease(store, 'lost', clock.nowMs())).toBe(false);
  });
});
