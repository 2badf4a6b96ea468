import { countOn } from '../../simulators/world/goods.ts';
import { createRandom } from '../../simulators/world/random.ts';
import { createWorld, platesOf, type World } from '../../simulators/world/world.ts';
import { loadSite } from '../../src/config/load-site.ts';
import type { Site } from '../../src/config/site.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { isWeighed } from '../../src/domain/stock/planogram.ts';
import {
  apply,
  createStock,
  decide,
  type StockState,
  takeCheckpoints,
} from '../../src/domain/stock/stock.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Gtin } from '../../src/shared/gtin.ts';

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  /** 1 is a usual day. */
  readonly busy: number;
}

/** How far a way of counting was from the truth: all minutes of the day, and at close. */
export interface CountError {
  readonly mae: number;
  readonly exact: number;
  readonly closeMae: number;
  readonly closeExact: number;
}

export interface DayResult {
  readonly facings: number;
  readonly sold: number;
  readonly stolen: number;
  readonly misplaced: number;
  readonly aisle: CountError;
  readonly tillOnly: CountError;
  readonly sensorOnly: CountError;
  /** Facings that were wrong at close: what Aisle believed, and the truth. */
  readonly wrongAtClose: readonly {
    readonly facing: string;
    readonly counted: number;
    readonly truth: number;
  }[];
  /** The sum of every item over all places, which has to be 0. */
  readonly ledgerSum: number;
}

const BATCH_MS = 100;
/** 7 o'clock in Berlin. */
const OPENS_MS = Date.UTC(2026, 0, 5, 6);
const SETTLE_BATCHES = 40;
/** Nobody comes in during the last minutes, and whoever is inside pays and goes. */
const CLOSING_MINUTES = 10;
/** The till is cut off from the fourth hour to the sixth; its receipts arrive afterwards, with their own times. */
const TILL_OFFLINE_HOURS = [4, 6] as const;
const RESERVES_EVERY_MS = 7 * 60_000;
const RESERVED_FOR_MS = 20 * 60_000;

/** The stock domain of the demo store with the pipeline's part played around it. */
function createBooks(site: Site) {
  const facings = [...site.facings.values()].map(({ id, gtin, plates }) => {
    const unitWeightGrams = site.items.get(gtin)?.unitWeightGrams ?? null;
    return { facing: id, gtin, unitWeightGrams, plates };
  });
  const state = createStock({ facings, gtins: [...site.items.keys()], safetyStock: 0 }, null);
  const sensed = new Map<string, number>();
  const tills = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, units: number) =>
    counts.set(key, (counts.get(key) ?? 0) + units);
  const note = (fact: StockFact) => {
    if (fact.type === 'shelf_event') add(sensed, fact.facing, fact.units);
    if (fact.type === 'sale') for (const { gtin, quantity } of fact.lines) add(tills, gtin, -quantity);
    if (fact.type === 'goods' && fact.refill)
      for (const { gtin, quantity } of fact.lines) add(tills, gtin, quantity);
    if (fact.type === 'count' && fact.place.startsWith('shelf:')) {
      add(tills, fact.gtin, fact.counted);
      add(sensed, fact.place.slice('shelf:'.length), fact.counted);
    }
  };
  const feed = (reading: Reading) => {
    const decided = decide(state, reading);
    // A reservation that cannot be met is refused, and so is what a till got wrong: nothing to do here.
    if (!decided.ok) return;
    for (const fact of decided.value) {
      apply(state, fact, reading.eventTimeMs);
      note(fact);
    }
    takeCheckpoints(state);
  };
  return { state, sensed, tills, facings: facings.filter(isWeighed), feed };
}

/** 14 hours of the demo store with thieves, misplacing shoppers, a cut-off till, refills and reservations. */
export function runStoreDay({ seed, hours, busy }: DayOptions): DayResult {
  const { site } = loadSite('edge-config/demo', 'devices');
  if (!site) throw new Error('edge-config/demo has problems; see: aisle check edge-config/demo');
  const books = createBooks(site);
  const late: { document: Document; atMs: number }[] = [];
  let nowMs = OPENS_MS;
  const file = (document: Document, atMs = nowMs) =>
    books.feed({ kind: 'document', source: 'api', document, eventTimeMs: atMs, receivedTimeMs: nowMs });
  const isTillOffline = () => {
    const hour = (nowMs - OPENS_MS) / 3_600_000;
    return hour >= TILL_OFFLINE_HOURS[0] && hour < TILL_OFFLINE_HOURS[1];
  };
  const world = createWorld(
    site,
    { seed, busy, startMs: OPENS_MS, devices: new Set(site.devices.keys()) },
    {
      onReceipt({ till, number, lines }) {
        const document = { type: 'sale', key: `${till}/${number}`, till: till ?? 'till', lines } as const;
        if (isTillOffline()) late.push({ document, atMs: nowMs });
        else file(document);
      },
      onRefill: ({ number, facing, quantity }) =>
        file({ type: 'refill', key: `refill/${number}`, facing, quantity }),
      onDelivery: ({ number, lines }) => file({ type: 'delivery', key: `delivery/${number}`, lines }),
      isHeard: () => true,
    },
  );
  const shelves = [...site.devices.values()].map(device => [device.id, platesOf(site, device)] as const);
  const numbers = new Map(shelves);
  const tick = () => {
    for (const [device, samples] of world.tick()) {
      const plates = samples.map((grams, i) => ({ plate: numbers.get(device)![i]!, grams }));
      const times = { eventTimeMs: nowMs, receivedTimeMs: nowMs + BATCH_MS };
      books.feed({ kind: 'weights', device, hz: 80, ...times, plates });
    }
    nowMs += BATCH_MS;
    if (nowMs % 1000 === 0) books.feed({ kind: 'tick', eventTimeMs: nowMs, receivedTimeMs: nowMs });
    if (late.length > 0 && !isTillOffline())
      for (const { document, atMs } of late.splice(0)) file(document, atMs);
  };
  for (let i = 0; i < SETTLE_BATCHES; i++) tick();
  countEverything(world, file);
  world.misconduct.theft = true;
  world.misconduct.misplacing = true;
  world.open();
  const reserve = createReserver(seed, [...site.items.keys()], file);
  const errors = createErrors(books, world);
  const closesMs = OPENS_MS + hours * 3_600_000;
  while (nowMs < closesMs) {
    tick();
    if (nowMs % 60_000 === 0) errors.look();
    if (nowMs % RESERVES_EVERY_MS === 0) reserve(nowMs);
    if (closesMs - nowMs <= CLOSING_MINUTES * 60_000) world.pause(true);
  }
  return { ...errors.result(), ledgerSum: sumOfPlaces(books.state, site) };
}

function countEverything(world: World, file: (document: Document) => void): void {
  for (const { facing, units } of world.goods.facings.values()) {
    const where = { place: 'shelf', facing: facing.id } as const;
    file({ type: 'count', key: `count/${facing.id}`, gtin: facing.gtin, where, quantity: units.length });
  }
  for (const [gtin, quantity] of world.goods.backroom)
    file({ type: 'count', key: `count/${gtin}`, gtin, where: { place: 'backroom' }, quantity });
}

/** Orders that hold a unit for some minutes and are never picked up. */
function createReserver(seed: number, gtins: readonly Gtin[], file: (document: Document) => void) {
  const random = createRandom(seed).fork('orders');
  let orders = 0;
  return (nowMs: number) => {
    const key = `order/${++orders}`;
    const lines = [{ gtin: random.pick(gtins), quantity: random.integer(1, 2) }];
    file({ type: 'reserve', key, reservation: key, lines, expiresAtMs: nowMs + RESERVED_FOR_MS });
  };
}

function sumOfPlaces({ ledger }: StockState, site: Site): number {
  let sum = 0;
  for (const gtin of site.items.keys())
    for (const quantity of ledger.balances.places(gtin).values()) sum += quantity;
  return sum;
}

type Books = ReturnType<typeof createBooks>;

/** Compares the three ways of counting with the truth, facing by facing. A hand inside makes no truth. */
function createErrors({ state, sensed, tills, facings }: Books, world: World) {
  const ways = {
    aisle: (facing: string, gtin: string) => state.ledger.balances.quantity(gtin, `shelf:${facing}`),
    tillOnly: (_facing: string, gtin: string) => tills.get(gtin) ?? 0,
    sensorOnly: (facing: string) => sensed.get(facing) ?? 0,
  } as const;
  type Way = keyof typeof ways;
  const names = Object.keys(ways) as Way[];
  const fresh = () => ({ error: 0, exact: 0, looks: 0 });
  const day = { aisle: fresh(), tillOnly: fresh(), sensorOnly: fresh() };
  const add = (into: ReturnType<typeof createSums>, restless: boolean) => {
    for (const { facing, gtin } of facings) {
      const place = world.goods.facings.get(facing)!;
      if (restless && !world.desk.isFree(place)) continue;
      for (const way of names) {
        const error = Math.abs(ways[way](facing, gtin) - countOn(place));
        into[way].error += error;
        into[way].looks++;
        if (error === 0) into[way].exact++;
      }
    }
  };
  const createSums = () => ({ aisle: fresh(), tillOnly: fresh(), sensorOnly: fresh() });
  return {
    look: () => add(day, true),
    result() {
      const close = createSums();
      add(close, false);
      const of = (way: Way): CountError => ({
        mae: day[way].error / day[way].looks,
        exact: day[way].exact / day[way].looks,
        closeMae: close[way].error / close[way].looks,
        closeExact: close[way].exact / close[way].looks,
      });
      const total = (counts: ReadonlyMap<string, number>) =>
        [...counts.values()].reduce((sum, units) => sum + units, 0);
      const places = [...world.goods.facings.values()];
      return {
        facings: facings.length,
        sold: total(world.goods.sold),
        stolen: total(world.goods.stolen),
        misplaced: places.flatMap(({ facing, units }) => units.filter(({ gtin }) => gtin !== facing.gtin))
          .length,
        aisle: of('aisle'),
        tillOnly: of('tillOnly'),
        sensorOnly: of('sensorOnly'),
        wrongAtClose: facings.flatMap(({ facing, gtin }) => {
          const counted = ways.aisle(facing, gtin);
          const truth = countOn(world.goods.facings.get(facing)!);
          return counted === truth ? [] : [{ facing, counted, truth }];
        }),
      };
    },
  };
}
