import { create } from '@bufbuild/protobuf';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { Fulfilment, PlaceOrderRequestSchema } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { EventBatchSchema, HelloSchema, LiveStockSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { availableToPromise } from '../../src/domain/stock/stock.ts';
import { placeStores } from '../../src/hub/candidates.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import type { StoreLink } from '../../src/hub/store-links.ts';
import { type Gtin, gs1CheckDigit } from '../../src/shared/gtin.ts';
import { manualClock } from '../support/manual-clock.ts';
import { testGtin } from '../support/stock-bench.ts';
import { debtOf, violationsAtEnd } from './partition-laws.ts';
import { createHubSide, createStoreSide, type HubSide } from './partition-sides.ts';
import { randomOf } from './random.ts';

/** What one history of a store, its tills, its shoppers and a link that breaks came to. */
export interface PartitionOutcome {
  readonly violations: readonly string[];
  readonly cuts: number;
  readonly orders: number;
  readonly leased: number;
  readonly shortages: number;
  /** Of the store and of the hub. */
  readonly kills: number;
  readonly picked: number;
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
 * Tills, staff, online orders and leases compete for a few units while the link breaks again and again, with answers lost on the way,
 * and either side is killed. The store's domain and the hub's orders and leases are the real ones. A history begins with
 * nothing in `database`, so that it goes as it goes whatever was lived there before.
 */
export async function livePartitions(database: HubDatabase, seed: number): Promise<PartitionOutcome> {
  await forgetStores(database);
  const world = await createWorld(database, seed);
  for (let step = 0; step < 40; step++) {
    await happen(world, step);
    world.clock.advance(1_000);
  }
  // The weather clears, every lease ends, shops ask once more what became of their orders, and the store hears of everything.
  world.isCalm = true;
  world.hub.dieAfter(Number.POSITIVE_INFINITY);
  world.clock.advance(2 * POLICY.lastsMs);
  world.site.tick();
  for (let round = 0; round < 2; round++) {
    world.clock.advance(3 * 60_000);
    await join(world);
    await hubDoes(world, hub => hub.manager.round());
    // Half of the shops never ask again.
    for (const [orderId, lines] of world.asked) {
      if (!orderId.endsWith('2')) await order(world, orderId, lines);
    }
    for (const orderId of world.cancelled) await cancelOrder(world, orderId);
    await report(world);
  }
  world.violations.push(...(await violationsAtEnd(world, ITEMS)));
  return {
    violations: world.violations,
    cuts: world.cuts,
    orders: world.placed.size,
    leased: world.leased,
    shortages: world.site.entries.filter(({ fact }) => fact.type === 'shortage').length,
    kills: world.kills,
    picked: world.picked,
  };
}

/** Whatever is kept of a store, and every order. */
async function forgetStores(database: HubDatabase): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attname = 'store'`,
  );
  const known = new Set(['shop_order', ...tables.map(({ name }) => name)]);
  await database.script([...known].map(name => `DELETE FROM ${name}`).join(';'));
}

type World = Awaited<ReturnType<typeof createWorld>>;
interface OrderLine {
  readonly gtin: Gtin;
  readonly quantity: number;
}

async function createWorld(database: HubDatabase, seed: number) {
  const random = randomOf(seed);
  const clock = manualClock();
  const store = glnOf(seed);
  const site = createStoreSide(FACINGS, clock);
  const hub = createHubSide(database, clock, POLICY);
  await placeStores(database, [{ store, name: 'S', timeZone: 'UTC', ...NEAR }]);
  // They were ordered before, so that leases of them are kept from the beginning.
  for (const gtin of ITEMS) {
    const earlier = { requestId: `earlier-${gtin}`, lines: [{ gtin, quantity: 1n }] };
    await hub.orderBook.begin(create(PlaceOrderRequestSchema, earlier), clock.nowMs());
    await hub.orderBook.end(earlier.requestId, 'refused', 'long ago');
  }
  const hello = create(HelloSchema, { storeGln: store, epoch: 'e1', version: '1' });
  await hub.ledger.register(hello, 'stream-1', clock.nowMs());
  for (const [index, gtin] of ITEMS.entries()) {
    const quantity = 3 + Math.floor(random() * 6);
    site.take({ type: 'delivery', key: `start-${index}`, lines: [{ gtin, quantity }] });
  }
  const world = {
    ...{ random, clock, store, site, database, hub },
    violations: [] as string[],
    /** What shops asked for, and what of it was promised. */
    asked: new Map<string, readonly OrderLine[]>(),
    placed: new Set<string>(),
    /** What a shop tried to cancel: its store may have heard. */
    cancelled: new Set<string>(),
    link: null as StoreLink | null,
    isCalm: false,
    sentSeq: 0,
    cuts: 0,
    kills: 0,
    leased: 0,
    picked: 0,
  };
  await join(world);
  return world;
}

/** Something that the hub does; null when it was killed before it was done. Then there is a new one, and no link. */
async function hubDoes<T>(world: World, work: (hub: HubSide) => Promise<T>): Promise<T | null> {
  const { hub } = world;
  const done = await Promise.race([work(hub).then(value => ({ value })), hub.killed]);
  if (done !== 'killed') return done.value;
  world.kills += 1;
  world.link = null;
  world.hub = createHubSide(world.database, world.clock, POLICY);
  return null;
}

/** The link comes up: what waited goes up, and the hub tends its leases. */
async function join(world: World): Promise<void> {
  if (world.link) return;
  const { store, site, clock, random, hub } = world;
  const link: StoreLink = {
    store,
    stream: 'stream-1',
    heardMs: clock.nowMs,
    sendCommand(command) {
      // A command may be lost on its way, and so may its answer: the link breaks with it.
      if (!world.isCalm && random() < 0.1) return void queueMicrotask(() => cut(world));
      void site.downlink(command).then(result => {
        if (!world.isCalm && random() < 0.1) cut(world);
        else hub.links.answer(link, result);
      });
    },
    close: () => {},
  };
  world.link = link;
  hub.links.open(link);
  await report(world);
  await hubDoes(world, each => each.manager.round());
}

function cut(world: World): void {
  if (!world.link) return;
  world.cuts += 1;
  world.hub.links.closed(world.link);
  world.link = null;
}

/** What happened goes up, and how things stand. */
async function report(world: World): Promise<void> {
  if (!world.link) return;
  const { store, site, clock } = world;
  const { entries } = site;
  const name = { store, epoch: 'e1', stream: 'stream-1' };
  const waiting = entries.slice(world.sentSeq);
  if (waiting.length > 0) {
    const batch = create(EventBatchSchema, {
      firstSeq: BigInt(world.sentSeq + 1),
      events: waiting.map(encodeEntry),
    });
    const held = await hubDoes(world, hub => hub.ledger.ingest(name, batch, clock.nowMs()));
    if (held === null) return;
    world.sentSeq = entries.length;
  }
  const items = ITEMS.map(gtin => ({
    gtin,
    available: BigInt(availableToPromise(site.bench().state, gtin)),
    confidence: 1,
  }));
  const live = create(LiveStockSchema, { asOfSeq: BigInt(entries.length), items });
  await hubDoes(world, hub => hub.ledger.noteLive(name, live, clock.nowMs()));
}

/** What may happen, how often of a hundred, and whether it may take what is promised already. */
const HAPPENINGS: readonly (readonly [number, (world: World, step: number) => unknown, 'takes promised'?])[] =
  [
    [28, (world, step) => order(world, `o-${world.store}-${step}`, linesOf(world))],
    [4, (world, step) => atCounter(world, step)],
    [
      18,
      (world, step) =>
        world.site.take({ type: 'sale', key: `t-${step}`, till: 'till-1', lines: [lineOf(world)] }),
      'takes promised',
    ],
    [10, world => cut(world)],
    [12, world => join(world)],
    [4, (world, step) => world.site.take({ type: 'delivery', key: `d-${step}`, lines: [lineOf(world)] })],
    [3, (world, step) => refund(world, step)],
    [3, (world, step) => count(world, step), 'takes promised'],
    [4, world => cancel(world)],
    [5, (world, step) => pick(world, step)],
    [3, world => killHub(world)],
    [
      2,
      world => {
        world.kills += 1;
        cut(world);
        world.site.restart();
      },
    ],
    [
      4,
      world => {
        world.clock.advance(world.random() * 10 * 60_000);
        world.site.tick();
      },
    ],
  ];

async function happen(world: World, step: number): Promise<void> {
  const dice = world.random() * 100;
  let upTo = 0;
  const [, act, takes] = HAPPENINGS.find(([share]) => {
    upTo += share;
    return dice < upTo;
  })!;
  const before = debtOf(world, ITEMS);
  await act(world, step);
  await report(world);
  // Only tills and counts may take what is promised; nobody may promise what is not there.
  const grown = ITEMS.filter(gtin => (debtOf(world, ITEMS).get(gtin) ?? 0) > (before.get(gtin) ?? 0));
  if (grown.length > 0 && !takes)
    world.violations.push(`step ${step}: more promised of ${grown} than there is`);
}

const oneOf = <T>({ random }: World, list: readonly T[]) => list[Math.floor(random() * list.length)];
const lineOf = (world: World): OrderLine => ({
  gtin: oneOf(world, ITEMS)!,
  quantity: 1 + Math.floor(world.random() * 2),
});

/** Some orders are for both items. */
const linesOf = (world: World): readonly OrderLine[] =>
  world.random() < 0.25 ? ITEMS.map(gtin => ({ gtin, quantity: 1 })) : [lineOf(world)];

async function order(world: World, orderId: string, lines: readonly OrderLine[]): Promise<void> {
  world.asked.set(orderId, lines);
  const request = create(PlaceOrderRequestSchema, {
    requestId: orderId,
    lines: lines.map(({ gtin, quantity }) => ({ gtin, quantity: BigInt(quantity) })),
    fulfilment: orderId.endsWith('1') ? Fulfilment.DELIVERY : Fulfilment.PICKUP,
    near: NEAR,
    storeGln: world.store,
  });
  const placed = await hubDoes(world, hub => hub.orders.place(request));
  if (placed?.state !== 'placed' || world.placed.has(orderId)) return;
  world.placed.add(orderId);
  if (placed.isLeased) world.leased += 1;
}

/** Somebody orders in the store itself. */
function atCounter({ site, ...world }: World, step: number): void {
  const reservation = `c-${step}`;
  const line = lineOf({ site, ...world });
  site.take({ type: 'reserve', key: `r-${step}`, reservation, lines: [line], expiresAtMs: null });
  site.take({ type: 'confirm', key: `f-${step}`, reservation });
}

/** A customer brings something back, and staff carry it to the backroom. */
function refund(world: World, step: number): void {
  const lines = [lineOf(world)];
  world.site.take({ type: 'refund', key: `b-${step}`, lines });
  const way = { from: { place: 'returns' }, to: { place: 'backroom' } } as const;
  world.site.take({ type: 'transfer', key: `b-${step}`, ...way, lines });
}

/** A stock-take finds one more, as many, or one or two fewer. */
function count(world: World, step: number): void {
  const { gtin } = lineOf(world);
  const believed = world.site.bench().quantity(gtin, 'backroom');
  const quantity = Math.max(0, believed + Math.floor(world.random() * 4) - 2);
  world.site.take({ type: 'count', key: `s-${step}`, gtin, where: { place: 'backroom' }, quantity });
}

/** Staff pick an order, not always all of it; some are fetched. */
function pick(world: World, step: number): void {
  const { site, random } = world;
  const { reservations } = site.bench().state.ledger;
  const ids = new Set(
    site.entries.flatMap(({ fact }) => (fact.type === 'reservation' ? fact.reservation : [])),
  );
  const open = [...ids].flatMap(id => reservations.find(id) ?? []).filter(each => each.state === 'confirmed');
  const chosen = oneOf(world, open);
  if (!chosen) return;
  const { reservation } = chosen;
  const from = { place: 'backroom' } as const;
  const lines = chosen.lines
    .map(({ gtin, quantity, staged = 0 }) => ({ gtin, quantity: quantity - staged, from }))
    .filter(({ quantity }) => quantity > 0 && random() < 0.8);
  site.take({ type: 'pick_order', key: `p-${step}`, reservation, lines });
  world.picked += 1;
  if (random() < 0.5) site.take({ type: 'hand_over', key: `h-${step}`, reservation });
}

async function cancel(world: World): Promise<void> {
  const orderId = oneOf(world, [...world.placed]);
  if (!orderId) return;
  world.cancelled.add(orderId);
  await cancelOrder(world, orderId);
}

/** It is refused while the store is away; the shop asks again later. */
const cancelOrder = (world: World, orderId: string) =>
  hubDoes(world, hub => hub.orders.cancel(orderId).catch(() => null));

/** The hub dies at one of its next statements, most likely amid an order. */
async function killHub(world: World): Promise<void> {
  world.hub.dieAfter(Math.floor(world.random() * 12));
  const orderId = oneOf(world, [...world.asked.keys()]);
  const lines = orderId === undefined ? undefined : world.asked.get(orderId);
  if (orderId !== undefined && lines) await order(world, orderId, lines);
}
