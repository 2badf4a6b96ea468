import { create } from '@bufbuild/protobuf';
import { createDownlink } from '../../src/cloud/downlink.ts';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { Fulfilment, PlaceOrderRequestSchema } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { EventBatchSchema, HelloSchema, LiveStockSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { availableToPromise } from '../../src/domain/stock/stock.ts';
import { placeStores } from '../../src/hub/candidates.ts';
import { createCommandRelay } from '../../src/hub/command-relay.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import { createLeaseBook } from '../../src/hub/lease-book.ts';
import { createLeaseManager } from '../../src/hub/lease-manager.ts';
import { createOrderBook } from '../../src/hub/order-book.ts';
import { createOrders } from '../../src/hub/orders.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { createStoreLinks, type StoreLink } from '../../src/hub/store-links.ts';
import { documentHash, documentKey } from '../../src/pipeline/document-key.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Outcome } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { type Gtin, gs1CheckDigit } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { LogEntry } from '../../src/store/outbox.ts';
import type { ReservationView } from '../../src/store/views.ts';
import { trustsNobody } from '../cloud/memory-outbox.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { createStockBench, type StockBench, testGtin } from '../support/stock-bench.ts';
import { randomOf } from './random.ts';

/** What one history of a store, its tills, its shoppers and a link that breaks came to. */
export interface PartitionOutcome {
  readonly violations: readonly string[];
  readonly cuts: number;
  readonly orders: number;
  readonly leased: number;
  readonly shortages: number;
}

const ITEMS: readonly Gtin[] = [1, 2].map(testGtin);
const FACINGS = ITEMS.map((gtin, index) => ({
  facing: `T${index}`,
  gtin,
  unitWeightGrams: null,
  plates: [],
}));
const NEAR = { latitude: 52.5, longitude: 13.4 };
const POLICY = { share: 0.5, most: 3, lastsMs: 20 * 60_000, items: 10 };

const glnOf = (seed: number) => {
  const body = `9521321${String(seed % 100_000).padStart(5, '0')}`;
  return body + gs1CheckDigit(body);
};

/**
 * Tills, online orders and leases compete for a few units while the link breaks again and again, with answers lost on the way.
 * The store's domain and the hub's orders and leases are the real ones; every history has a store of its own in `database`.
 */
export async function livePartitions(database: HubDatabase, seed: number): Promise<PartitionOutcome> {
  const world = await createWorld(database, seed);
  for (let step = 0; step < 40; step++) {
    await happen(world, step);
    world.clock.advance(1_000);
  }
  // The weather clears, every lease ends, and the store hears of everything.
  world.isCalm = true;
  world.clock.advance(2 * POLICY.lastsMs);
  world.site.note(world.bench.tick(world.clock.nowMs()));
  await join(world);
  await world.manager.round();
  await report(world);
  await checkEnd(world);
  return {
    violations: world.violations,
    cuts: world.cuts,
    orders: world.placed.length,
    leased: world.leased,
    shortages: world.facts.filter(({ fact }) => fact.type === 'shortage').length,
  };
}

type World = Awaited<ReturnType<typeof createWorld>>;

async function createWorld(database: HubDatabase, seed: number) {
  const random = randomOf(seed);
  const clock = manualClock();
  const store = glnOf(seed);
  const links = createStoreLinks(clock);
  const relay = createCommandRelay({ database, links, clock });
  const orderBook = createOrderBook(database);
  const leases = createLeaseBook(database);
  const shared = { database, links, relay, leases, clock, log: silentLog };
  const orders = createOrders({ ...shared, orders: orderBook });
  const manager = createLeaseManager({ ...shared, orders: orderBook, policy: POLICY });
  const ledger = createSqlLedger(database, 'receiver-1');
  const bench = createStockBench(FACINGS);
  const site = createStoreSide(bench, clock);
  await placeStores(database, [{ store, name: 'S', timeZone: 'UTC', ...NEAR }]);
  await ledger.register(
    create(HelloSchema, { storeGln: store, epoch: 'e1', version: '1' }),
    'stream-1',
    clock.nowMs(),
  );
  for (const [index, gtin] of ITEMS.entries()) {
    const quantity = 3 + Math.floor(random() * 6);
    site.take({ type: 'delivery', key: `start-${index}`, lines: [{ gtin, quantity }] });
  }
  const world = {
    ...{ random, clock, store, links, orderBook, leases, orders, manager, ledger, bench, site, database },
    facts: site.entries,
    violations: [] as string[],
    placed: [] as string[],
    link: null as StoreLink | null,
    isCalm: false,
    sentSeq: 0,
    cuts: 0,
    leased: 0,
    debt: new Map<Gtin, number>(),
  };
  await join(world);
  return world;
}

/** The store's half: documents with the pipeline's key check, and the commands of the cloud. */
function createStoreSide(bench: StockBench, clock: ManualClock) {
  const keys = new Map<string, string>();
  const entries: LogEntry[] = [];
  const note = (facts: readonly StockFact[]) => {
    const nowMs = clock.nowMs();
    for (const fact of facts) {
      entries.push({ seq: entries.length + 1, fact, eventTimeMs: nowMs, receivedTimeMs: nowMs });
    }
  };
  const take = (document: Document): Outcome => {
    const [key, hash] = [documentKey(document), documentHash(document)];
    const known = keys.get(key);
    if (known === hash) return { status: 'accepted', seq: null };
    if (known) return { status: 'refused', failure: { code: 'conflict', message: key, retry: false } };
    note(bench.tick(clock.nowMs()));
    const decided = bench.document(document, clock.nowMs());
    if (!decided.ok) return { status: 'refused', failure: decided.error };
    keys.set(key, hash);
    note(decided.value);
    return { status: 'accepted', seq: null };
  };
  const downlink = createDownlink({
    clock,
    trust: trustsNobody,
    counters: createCounters(),
    wasDone: key => [...keys.keys()].some(known => known.endsWith(`:${key}`)),
    lookupReservation: id => reservationOf(entries, id),
    submit: async ([reading]) => take((reading as { document: Document }).document),
  });
  return { take, downlink, entries, note };
}

function reservationOf(entries: readonly LogEntry[], id: string): ReservationView | null {
  const fact = entries.findLast(
    entry => entry.fact.type === 'reservation' && entry.fact.reservation === id,
  )?.fact;
  return fact?.type === 'reservation' ? fact : null;
}

/** The link comes up: what waited goes up, and the hub tends its leases. */
async function join(world: World): Promise<void> {
  if (world.link) return;
  const { store, links, site, clock, random } = world;
  const link: StoreLink = {
    store,
    stream: 'stream-1',
    heardMs: clock.nowMs,
    sendCommand(command) {
      // A command may be lost on its way, and so may its answer: the link breaks with it.
      if (!world.isCalm && random() < 0.1) return void queueMicrotask(() => cut(world));
      void site.downlink(command).then(result => {
        if (!world.isCalm && random() < 0.1) cut(world);
        else links.answer(link, result);
      });
    },
    close: () => {},
  };
  world.link = link;
  links.open(link);
  await report(world);
  await world.manager.round();
}

function cut(world: World): void {
  if (!world.link) return;
  world.cuts += 1;
  world.links.closed(world.link);
  world.link = null;
}

/** What happened goes up, and how things stand. */
async function report(world: World): Promise<void> {
  if (!world.link) return;
  const { ledger, store, facts, clock, bench } = world;
  const name = { store, epoch: 'e1', stream: 'stream-1' };
  const waiting = facts.slice(world.sentSeq);
  if (waiting.length > 0) {
    const batch = create(EventBatchSchema, {
      firstSeq: BigInt(world.sentSeq + 1),
      events: waiting.map(encodeEntry),
    });
    await ledger.ingest(name, batch, clock.nowMs());
    world.sentSeq = facts.length;
  }
  const items = ITEMS.map(gtin => ({
    gtin,
    available: BigInt(availableToPromise(bench.state, gtin)),
    confidence: 1,
  }));
  await ledger.noteLive(
    name,
    create(LiveStockSchema, { asOfSeq: BigInt(facts.length), items }),
    clock.nowMs(),
  );
}

async function happen(world: World, step: number): Promise<void> {
  const { random, site, clock } = world;
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const line = () => ({ gtin: one(ITEMS), quantity: 1 + Math.floor(random() * 2) });
  const dice = random();
  const isPromise = dice < 0.4;
  const before = debtOf(world);
  if (isPromise) await order(world, `o-${world.store}-${step}`, line());
  else if (dice < 0.6) site.take({ type: 'sale', key: `till-${step}`, till: 'till-1', lines: [line()] });
  else if (dice < 0.7) cut(world);
  else if (dice < 0.82) await join(world);
  else if (dice < 0.87) site.take({ type: 'delivery', key: `d-${step}`, lines: [line()] });
  else if (dice < 0.92) await cancel(world);
  else {
    clock.advance(random() * 10 * 60_000);
    site.note(world.bench.tick(clock.nowMs()));
  }
  await report(world);
  // Only tills may take what is promised; nobody may promise what is not there.
  const grown = ITEMS.filter(gtin => (debtOf(world).get(gtin) ?? 0) > (before.get(gtin) ?? 0));
  const isTill = dice >= 0.4 && dice < 0.6;
  if (grown.length > 0 && !isTill)
    world.violations.push(`step ${step}: more promised of ${grown} than there is`);
}

async function order(world: World, orderId: string, { gtin, quantity }: { gtin: Gtin; quantity: number }) {
  const request = create(PlaceOrderRequestSchema, {
    requestId: orderId,
    lines: [{ gtin, quantity: BigInt(quantity) }],
    fulfilment: Fulfilment.PICKUP,
    near: NEAR,
    storeGln: world.store,
  });
  const placed = await world.orders.place(request);
  if (placed.state !== 'placed') return;
  world.placed.push(orderId);
  if (placed.isLeased) world.leased += 1;
}

async function cancel({ orders, placed, random }: World): Promise<void> {
  const orderId = placed[Math.floor(random() * placed.length)];
  // It is refused while the store is away; the shop asks again later.
  if (orderId) await orders.cancel(orderId).catch(() => {});
}

/** Units of each item that are promised beyond what is there: to orders, and to the cloud as a whole. */
function debtOf({ bench, clock }: World): Map<Gtin, number> {
  const { ledger } = bench.state;
  return new Map(
    ITEMS.map(gtin => {
      const shelf = ledger.planogram
        .facingsOf(gtin)
        .map(({ facing }) => ledger.balances.quantity(gtin, `shelf:${facing}`));
      const there =
        ledger.balances.quantity(gtin, 'backroom') +
        shelf.reduce((sum, units) => sum + units, 0) +
        Math.min(0, ledger.balances.quantity(gtin, 'cart'));
      const promised = ledger.reservations.reserved(gtin, clock.nowMs()) + ledger.leases.leased(gtin);
      return [gtin, Math.max(0, promised - Math.max(0, there))];
    }),
  );
}

async function checkEnd(world: World): Promise<void> {
  const { violations, facts, database, store, orderBook, placed } = world;
  const over = await database.query<{ lease: string }>(
    `SELECT g.lease FROM lease_grant g JOIN lease_sale s ON s.store = g.store AND s.lease = g.lease
     WHERE g.store = $1 GROUP BY g.lease, g.granted HAVING sum(s.quantity) > g.granted`,
    [store],
  );
  if (over.length > 0) violations.push(`leases ${over.map(({ lease }) => lease)} sold more than they had`);
  for (const orderId of placed) {
    const found = await orderBook.find(orderId);
    if (found?.state === 'refused')
      violations.push(`order ${orderId} was promised and is not honoured: ${found.reason}`);
    const known = reservationOf(facts, found?.reservations[0] ?? orderId);
    if (!known) violations.push(`the store never heard of order ${orderId}`);
  }
  for (const [gtin, units] of debtOf(world)) {
    const named = facts.reduce(
      (sum, { fact }) => sum + (fact.type === 'shortage' && fact.gtin === gtin ? fact.missing : 0),
      0,
    );
    if (units > named) violations.push(`${units} of ${gtin} are missing, and only ${named} are named`);
  }
}
