import fc from 'fast-check';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { unitsOf } from '../../src/domain/stock/open-picks.ts';
import {
  apply,
  availableToPromise,
  createStock,
  decide,
  type StockState,
} from '../../src/domain/stock/stock.ts';
import { createStep, type Domains } from '../../src/pipeline/step.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { CommitBatch, DocumentKey, Store } from '../../src/store/store.ts';
import { shelfSees } from './shelf-moment.ts';
import { createStockBench, NOON, type StockBench, shelfOf, testGtin } from './stock-bench.ts';

const FACINGS = [
  ...shelfOf([250, 500]),
  { facing: 'T1', gtin: testGtin(3), unitWeightGrams: null, plates: [] },
];
const ITEMS = [1, 2, 3].map(testGtin);
const ORDERS = ['a', 'b', 'c', 'd'];
const STEP_MS = 3 * 60_000;
const SAFETY = 1;

const units = fc.integer({ min: 1, max: 6 });
const item = fc.constantFrom(...ITEMS);
const lines = fc.array(fc.record({ gtin: item, quantity: units }), { minLength: 1, maxLength: 3 });
const facing = fc.constantFrom(...FACINGS.map(each => each.facing));
const order = fc.constantFrom(...ORDERS);
const where = fc.oneof(
  fc.constant({ place: 'backroom' as const }),
  fc.constant({ place: 'returns' as const }),
  facing.map(each => ({ place: 'shelf' as const, facing: each })),
);
const found = fc.array(fc.record({ gtin: item, quantity: units, from: where }), { maxLength: 2 });
const of = <T extends string>(type: T) => ({ type: fc.constant(type) });
/** About half of them lie ahead of the history's end. */
const expiresAtMs = fc.integer({ min: NOON, max: NOON + 80 * STEP_MS });

/** Anything that can happen to a store and its cloud, sensible or not, the link being up or cut. */
const happening = fc.oneof(
  fc.record({ ...of('delivery'), lines }),
  fc.record({ ...of('sale'), till: fc.constant('till-1'), lines }),
  fc.record({ ...of('refill'), facing, quantity: units }),
  fc.record({ ...of('count'), gtin: item, quantity: fc.nat(12), where }),
  fc.record({ ...of('refund'), lines }),
  fc.record({ ...of('void'), sale: fc.nat(40).map(index => `key/${index}`) }),
  fc.record({ ...of('waste'), from: where, lines }),
  fc.record({ ...of('transfer'), from: where, to: where, lines }),
  fc.record({ ...of('reserve'), reservation: order, lines, expiresAtMs: fc.option(expiresAtMs) }),
  fc.record({ ...of('release'), reservation: order }),
  fc.record({ ...of('confirm'), reservation: order }),
  fc.record({ ...of('extend'), reservation: order, expiresAtMs: fc.option(expiresAtMs) }),
  fc.record({ ...of('stage'), reservation: order, from: where, lines }),
  fc.record({ ...of('pick_order'), reservation: order, lines: found }),
  fc.record({ ...of('hand_over'), reservation: order }),
  fc.record({ ...of('grant_lease'), lease: order, gtin: item, quantity: units, expiresAtMs }),
  fc.record({ ...of('cloud_sells'), lease: order, quantity: units }),
  fc.record({ ...of('cloud_reports'), lease: order, final: fc.boolean() }),
  fc.record({ ...of('shelf'), facing: fc.constantFrom('F1', 'F2'), units: fc.integer({ min: -6, max: 6 }) }),
  fc.record({ ...of('tick') }),
);

export const histories = fc.array(happening, { maxLength: 40 });
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** The cloud's own book of its leases: all that it knows while the link is cut. */
interface Cloud {
  readonly left: Map<string, number>;
  readonly unreported: Map<string, { reservation: string; quantity: number }[]>;
}

/** Lives through a history and throws when a law of the ledger is broken. */
export function live(history: readonly Happening[]): void {
  const bench = createStockBench(FACINGS, { safetyStock: SAFETY });
  const cloud: Cloud = { left: new Map(), unreported: new Map() };
  const facts: { fact: StockFact; eventTimeMs: number }[] = [];
  for (const [index, what] of history.entries()) {
    const atMs = NOON + index * STEP_MS;
    for (const fact of bench.tick(atMs)) facts.push({ fact, eventTimeMs: atMs });
    const led = happen(bench, cloud, what, index, atMs);
    for (const fact of led) facts.push({ fact, eventTimeMs: atMs });
    check(
      ITEMS.every(gtin => availableToPromise(bench.state, gtin) >= 0),
      'less than nothing may be promised',
    );
    coveredByGoods(bench.state, cloud, led, what.type);
    nothingOversold(bench.state, cloud);
  }
  sumsToZero(bench.state);
  sameAfterReplay(bench.state, facts);
}

function happen(
  bench: StockBench,
  cloud: Cloud,
  what: Happening,
  index: number,
  atMs: number,
): readonly StockFact[] {
  if (what.type === 'tick') return [];
  if (what.type === 'shelf') return shelfSees(bench, what.facing, what.units, atMs);
  if (what.type === 'cloud_sells') {
    const left = cloud.left.get(what.lease) ?? 0;
    if (left < what.quantity) return [];
    cloud.left.set(what.lease, left - what.quantity);
    const sold = cloud.unreported.get(what.lease) ?? [];
    cloud.unreported.set(what.lease, [...sold, { reservation: `cloud/${index}`, quantity: what.quantity }]);
    return [];
  }
  const key = `key/${index}`;
  if (what.type === 'cloud_reports') {
    const { lease, final } = what;
    const sold = cloud.unreported.get(lease) ?? [];
    const result = bench.document({ type: 'report_lease', key, lease, sold, final }, atMs);
    // A report that the store does not take was of no lease; whatever the cloud did sell must be taken.
    if (!result.ok) check(sold.length === 0, `what the cloud sold was refused: ${result.error.message}`);
    cloud.unreported.delete(lease);
    if (final) cloud.left.delete(lease);
    return result.ok ? result.value : [];
  }
  const result = bench.document({ ...what, key } as Document, atMs);
  if (result.ok && what.type === 'grant_lease') cloud.left.set(what.lease, what.quantity);
  return result.ok ? result.value : [];
}

const check = (holds: boolean, law: string) => {
  if (!holds) throw new Error(law);
};

/**
 * After a promise all promises together are covered by goods: those to orders, and what the cloud says that it
 * may sell or has sold unseen. Tills may take goods afterwards, promises never.
 */
function coveredByGoods(
  { ledger, nowMs }: StockState,
  cloud: Cloud,
  led: readonly StockFact[],
  type: Happening['type'],
): void {
  for (const fact of led) {
    const isPromise = fact.type === 'reservation' && ['temporary', 'pending'].includes(fact.state);
    if (type === 'grant_lease' && fact.type === 'lease') coveredItem(fact.gtin);
    if (type === 'reserve' && isPromise) for (const { gtin } of fact.lines) coveredItem(gtin);
  }
  function coveredItem(gtin: string): void {
    const goods = [...ledger.balances.places(gtin)].reduce((sum, [place, quantity]) => {
      if (place === 'backroom' || place.startsWith('shelf:')) return sum + quantity;
      return place === 'cart' ? sum + Math.min(0, quantity) : sum;
    }, 0);
    const promised = ledger.reservations.reserved(gtin, nowMs) + heldByCloud(ledger, cloud, gtin);
    check(promised <= goods - SAFETY, 'more is promised than there is');
  }
}

const soldUnseen = ({ unreported }: Cloud, lease: string) =>
  (unreported.get(lease) ?? []).reduce((sum, { quantity }) => sum + quantity, 0);

const heldByCloud = ({ leases }: StockState['ledger'], cloud: Cloud, gtin: string) =>
  [...cloud.left]
    .filter(([lease]) => leases.find(lease)?.gtin === gtin)
    .reduce((sum, [lease, units]) => sum + units + soldUnseen(cloud, lease), 0);

/** What the cloud may still sell and what it has sold unseen is kept back here, to the unit. */
function nothingOversold({ ledger }: StockState, cloud: Cloud): void {
  for (const [lease, units] of cloud.left) {
    const sold = soldUnseen(cloud, lease);
    const kept = ledger.leases.find(lease);
    check(kept !== null && kept.granted - kept.sold === units + sold, 'units with two owners');
  }
}

function sumsToZero({ ledger }: StockState): void {
  const picked = ORDERS.flatMap(each => ledger.reservations.find(each)?.lines ?? []);
  for (const gtin of ITEMS) {
    const quantities = [...ledger.balances.places(gtin).values()];
    check(quantities.every(Number.isSafeInteger), 'a fraction of a unit');
    check(quantities.reduce((sum, quantity) => sum + quantity, 0) === 0, 'places do not sum to zero');
    const { picks, sales } = ledger.picks.of(gtin);
    const open = unitsOf(picks) - unitsOf(sales);
    check(open === ledger.balances.quantity(gtin, 'cart'), 'open picks are not what is in carts');
    const staged = picked.reduce((sum, line) => (line.gtin === gtin ? sum + (line.staged ?? 0) : sum), 0);
    check(staged === ledger.balances.quantity(gtin, 'staged'), 'what stands picked is not what orders have');
    check(picks.length === 0 || sales.length === 0, 'an open pick beside an open sale');
  }
}

/** The log alone gives the same books, and a store restarted from them promises the same. */
function sameAfterReplay(
  state: StockState,
  facts: readonly { fact: StockFact; eventTimeMs: number }[],
): void {
  const gtins = FACINGS.map(({ gtin }) => gtin);
  const replayed = createStock({ facings: FACINGS, gtins, safetyStock: SAFETY }, null);
  for (const { fact, eventTimeMs } of facts) apply(replayed, fact, eventTimeMs);
  replayed.nowMs = state.nowMs;
  for (const gtin of ITEMS) {
    check(books(replayed, gtin) === books(state, gtin), 'the log replays to other books');
    check(
      availableToPromise(replayed, gtin) === availableToPromise(state, gtin),
      'the log replays to other promises',
    );
  }
}

const books = ({ ledger }: StockState, gtin: string) =>
  JSON.stringify([
    [...ledger.balances.places(gtin)].toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ledger.picks.of(gtin),
  ]);

/** Every document of a history twice, through the step that knows its key: the repeat changes nothing. */
export function repeat(history: readonly Happening[]): void {
  const bench = createStockBench(FACINGS, { safetyStock: SAFETY });
  const keys = new Map<string, DocumentKey>();
  let seq = 0;
  const store = {
    findKey: (key: string) => (keys.has(key) ? { hash: keys.get(key)!.hash, seq: null } : null),
    commit(batch: CommitBatch) {
      for (const key of batch.keys) keys.set(key.key, key);
      return batch.entries.map(entry => ({ ...entry, seq: ++seq }));
    },
  } as unknown as Store;
  const domains: Domains = {
    decide: reading => decide(bench.state, reading),
    apply: (fact, eventTimeMs) => apply(bench.state, fact as StockFact, eventTimeMs),
    react: () => [],
    takeCheckpoints: () => [],
    takeTrust: () => [],
  };
  const step = createStep({
    store,
    domains,
    restore: () => domains,
    onCommitted: () => {},
    onStorageFailure: error => {
      throw error;
    },
  });
  for (const [index, what] of history.entries()) {
    if (['shelf', 'tick', 'cloud_sells', 'cloud_reports'].includes(what.type)) continue;
    const document = { ...what, key: `key/${index}` } as unknown as Document;
    const atMs = NOON + index * STEP_MS;
    const times = { eventTimeMs: atMs, receivedTimeMs: atMs };
    const delivery = {
      readings: [{ kind: 'document', source: 'api', document, ...times }],
      done() {},
    } as const;
    const [first] = step.run([delivery]);
    const before = ITEMS.map(gtin => books(bench.state, gtin)).join();
    const committed = seq;
    const [again] = step.run([delivery]);
    const isRepeat = first!.status === 'refused' || again!.status === 'duplicate';
    check(isRepeat && committed === seq, 'a repeat reached the log');
    check(before === ITEMS.map(gtin => books(bench.state, gtin)).join(), 'a repeat changed the books');
  }
}
