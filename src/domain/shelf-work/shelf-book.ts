import type { Gtin } from '../../shared/gtin.ts';
import type { LocalDay } from '../../shared/local-time.ts';
import type { ItemDayFact } from './facts.ts';
import { type DemandModel, learn, meanOn, meanPerDay, NOTHING_KNOWN, reorderPoint } from './forecast.ts';
import type { HeardFact } from './heard.ts';

export interface ShelfWorkConfig {
  /** IANA name: where days begin and end. */
  readonly timeZone: string;
  readonly items: readonly ItemPlan[];
  readonly facings: readonly FacingPlan[];
}

export interface ItemPlan {
  readonly gtin: Gtin;
  readonly priceMinor: number;
  /** Of one unit; null or left out where nobody knows. */
  readonly unitWeightGrams?: number | null;
  /** Present for what is sold by weight, whose quantities are grams: what a piece weighs as a rule. */
  readonly pieceGrams?: number;
}

export interface FacingPlan {
  readonly facing: string;
  readonly gtin: Gtin;
  /** Units below which it should be refilled. */
  readonly minimum: number;
}

export interface FacingBook extends FacingPlan {
  quantity: number;
  /** Probability that the quantity is right, as movements leave it; `sureOf` knows better where plates weigh it. */
  sure: number;
  /** Up to when the times below are counted; NaN before anything of the item is known. */
  sinceMs: number;
  facingMs: number;
  stockedMs: number;
  /** Its weights that could not be explained lately, oldest first. */
  unexplained: readonly UnexplainedWeight[];
  /** Its scale was out of order since anybody counted. */
  wasIll: boolean;
}

export interface UnexplainedWeight {
  readonly atMs: number;
  /** Positive when something was put there; 0 when the log does not say. */
  readonly grams: number;
}

/** Units that carts gave up, of which something of their weight lay elsewhere. */
export interface Stray {
  readonly atMs: number;
  readonly units: number;
}

/** Its units weigh something else now than before. */
export interface NewPack {
  readonly atMs: number;
  /** Of one unit, by the catalogue of that time and as it is weighed. */
  readonly catalogueGrams: number;
  readonly meanGrams: number;
}

export interface ItemBook {
  readonly gtin: Gtin;
  readonly priceMinor: number;
  readonly unitWeightGrams: number | null;
  readonly pieceGrams: number | null;
  readonly facings: readonly FacingBook[];
  /** Units on facings of other items, by facing. */
  readonly elsewhere: Map<string, number>;
  strays: readonly Stray[];
  newPack: NewPack | null;
  /** Whether a unit of it was ever seen: an item that never came is not out of stock. */
  isKnown: boolean;
  backroom: number;
  soldUnits: number;
  sinceMs: number;
  onShelfMs: number;
  /** What the store had sold when anything of this item last moved on a shelf. */
  movedAtUnits: number;
  demand: DemandModel;
}

/** The shelves as this domain sees them, and a day's tally of them. */
export interface ShelfBook {
  readonly items: ReadonlyMap<string, ItemBook>;
  readonly facings: ReadonlyMap<string, FacingBook>;
  /** Units sold by the whole store. */
  soldUnits: number;
  day: LocalDay;
  /** Days that are over and not yet told, by item. */
  readonly closing: Map<string, ItemDayFact>;
  readonly weighed: Weighed;
}

/** Probability that the count of a facing is right by all that its plates have told; null where they tell nothing. */
export type Weighed = (facing: string) => {
  readonly probability: number;
  /** Something lies there that no item explains. */
  readonly isForeign: boolean;
} | null;

/** A delivery comes within so many days, and with this probability nothing runs out before. */
const LEAD_DAYS = 2;
const SERVICE_LEVEL = 0.95;
/** What a unit that left by a document takes from the trust in a count: nobody saw from where. */
const TRUST_PER_UNIT = 0.995;
/** And each day: what is stolen, broken or carried off leaves no document. */
const TRUST_PER_DAY = 0.99;
const UNEXPLAINED_KEPT = 3;
const STRAYS_KEPT = 20;
/** What happens on a facing while its scale is out of order is not weighed. */
const SURE_WHILE_ILL = 0.3;
/** Somebody looked for it and found too few. */
const SURE_AFTER_MISS = 0.3;

export function createShelfBook(
  config: ShelfWorkConfig,
  day: LocalDay,
  weighed: Weighed = () => null,
): ShelfBook {
  const facings = new Map(config.facings.map(plan => [plan.facing, emptyFacing(plan)]));
  const ofItem = Map.groupBy(facings.values(), ({ gtin }) => gtin);
  const items = config.items.map(({ gtin, priceMinor, unitWeightGrams, pieceGrams }): [string, ItemBook] => [
    gtin,
    {
      gtin,
      priceMinor,
      unitWeightGrams: unitWeightGrams ?? null,
      pieceGrams: pieceGrams ?? null,
      facings: ofItem.get(gtin) ?? [],
      elsewhere: new Map(),
      strays: [],
      newPack: null,
      isKnown: false,
      backroom: 0,
      soldUnits: 0,
      sinceMs: Number.NaN,
      onShelfMs: 0,
      movedAtUnits: 0,
      demand: NOTHING_KNOWN,
    },
  ]);
  return { items: new Map(items), facings, soldUnits: 0, day, closing: new Map(), weighed };
}

const emptyFacing = (plan: FacingPlan): FacingBook => ({
  ...plan,
  quantity: 0,
  sure: 1,
  sinceMs: Number.NaN,
  facingMs: 0,
  stockedMs: 0,
  unexplained: [],
  wasIll: false,
});

/** Probability, 0 to 1, that the count of a facing is right. */
export function sureOf({ weighed }: ShelfBook, { facing, sure, wasIll }: FacingBook): number {
  const byWeight = weighed(facing)?.probability ?? null;
  if (byWeight === null) return sure;
  return wasIll ? Math.min(byWeight, SURE_WHILE_ILL) : byWeight;
}

/** Units a day of this weekday, as pieces, so that items can be compared. */
export const piecesOn = ({ demand, pieceGrams }: ItemBook, weekday: number): number =>
  meanOn(demand, weekday) / (pieceGrams ?? 1);

export const onShelf = ({ facings }: ItemBook): number =>
  facings.reduce((sum, { quantity }) => sum + Math.max(0, quantity), 0);

/** Brings quantities, trust and the day's tally up to date with one fact of the stock. */
export function hear(book: ShelfBook, fact: HeardFact, eventTimeMs: number): void {
  switch (fact.type) {
    case 'movement': {
      const item = book.items.get(fact.gtin);
      if (!item) return;
      tallyItem(book, item, eventTimeMs);
      if (!item.isKnown) begin(book, item, eventTimeMs);
      move(book, item, fact, fact.from, -fact.quantity);
      move(book, item, fact, fact.to, fact.quantity);
      hearStray(item, fact, eventTimeMs);
      break;
    }
    case 'sale':
      for (const { gtin, quantity } of fact.lines) {
        if (!(quantity > 0)) continue;
        const item = book.items.get(gtin);
        book.soldUnits += quantity / (item?.pieceGrams ?? 1);
        if (item) item.soldUnits += quantity;
      }
      break;
    case 'count': {
      hearCount(book, fact.gtin, facingAt(book, fact.place));
      break;
    }
    case 'unexplained_weight': {
      const facing = book.facings.get(fact.facing);
      const weight = { atMs: eventTimeMs, grams: fact.evidence.deltaGrams ?? 0 };
      if (facing) facing.unexplained = [...facing.unexplained, weight].slice(-UNEXPLAINED_KEPT);
      break;
    }
    case 'unit_weight': {
      const item = book.items.get(fact.gtin);
      const { catalogueGrams, meanGrams } = fact;
      if (item && fact.change === 'pack_change')
        item.newPack = { atMs: eventTimeMs, catalogueGrams, meanGrams };
      break;
    }
    case 'shortage': {
      if (fact.cause !== 'not_found') return;
      for (const facing of book.items.get(fact.gtin)?.facings ?? []) {
        if (facing.quantity > 0) facing.sure = Math.min(facing.sure, SURE_AFTER_MISS);
      }
      break;
    }
    case 'plate_trouble': {
      const facing = book.facings.get(fact.facing);
      if (!facing || fact.trouble === 'untared') return;
      facing.wasIll = true;
      facing.sure = Math.min(facing.sure, SURE_WHILE_ILL);
      break;
    }
  }
}

/** Whoever counted an item somewhere has looked for it. */
function hearCount(book: ShelfBook, gtin: string, facing: FacingBook | null): void {
  const item = book.items.get(gtin);
  if (item) item.strays = [];
  if (facing?.gtin !== gtin) return;
  facing.sure = 1;
  facing.unexplained = [];
  facing.wasIll = false;
  touch(book, gtin);
}

function hearStray(
  item: ItemBook,
  { cause, quantity }: Extract<HeardFact, { type: 'movement' }>,
  atMs: number,
): void {
  if (cause === 'misplaced') item.strays = [...item.strays, { atMs, units: quantity }].slice(-STRAYS_KEPT);
  // A late receipt paid for what had been given up.
  if (cause === 'reopened') item.strays = item.strays.slice(0, -1);
}

function move(
  book: ShelfBook,
  item: ItemBook,
  fact: Extract<HeardFact, { type: 'movement' }>,
  place: string,
  units: number,
): void {
  if (place === 'backroom') item.backroom += units;
  const facing = facingAt(book, place);
  if (!facing) return;
  if (facing.gtin !== item.gtin) {
    addElsewhere(item, facing.facing, units);
    return;
  }
  facing.quantity += units;
  // A count's own correction is no doubt: the count beside it says what is there.
  if (fact.cause !== 'count') {
    const pieces = fact.quantity / (item.pieceGrams ?? 1);
    facing.sure *= fact.evidence.kind === 'document' ? TRUST_PER_UNIT ** pieces : fact.confidence;
  }
  touch(book, item.gtin);
}

export function addElsewhere({ elsewhere }: ItemBook, facing: string, units: number): void {
  const there = (elsewhere.get(facing) ?? 0) + units;
  if (there === 0) elsewhere.delete(facing);
  else elsewhere.set(facing, there);
}

function facingAt({ facings }: ShelfBook, place: string): FacingBook | null {
  return place.startsWith('shelf:') ? (facings.get(place.slice('shelf:'.length)) ?? null) : null;
}

function touch(book: ShelfBook, gtin: string): void {
  const item = book.items.get(gtin);
  if (item) item.movedAtUnits = book.soldUnits;
}

/** From here on the item belongs to the store. */
export function begin(book: ShelfBook, item: ItemBook, atMs: number): void {
  const fromMs = Math.min(Math.max(atMs, book.day.startMs), book.day.endMs);
  item.isKnown = true;
  item.sinceMs = fromMs;
  item.movedAtUnits = book.soldUnits;
  for (const facing of item.facings) facing.sinceMs = fromMs;
}

/** Counts the time since the last change. A device's clock may be wrong, so time only moves on within the day. */
function tallyItem(book: ShelfBook, item: ItemBook, untilMs: number): void {
  if (!item.isKnown) return;
  const toMs = Math.min(untilMs, book.day.endMs);
  const itemMs = Math.max(0, toMs - item.sinceMs);
  if (onShelf(item) > 0) item.onShelfMs += itemMs;
  item.sinceMs += itemMs;
  for (const facing of item.facings) {
    const facingMs = Math.max(0, toMs - facing.sinceMs);
    facing.facingMs += facingMs;
    if (facing.quantity > 0) facing.stockedMs += facingMs;
    facing.sinceMs += facingMs;
  }
}

/** Ends the day: every item's tally waits in `closing`, and the next day begins at zero. */
export function rollOver(book: ShelfBook, next: LocalDay): void {
  const { day } = book;
  for (const item of book.items.values()) {
    if (!item.isKnown) continue;
    tallyItem(book, item, day.endMs);
    for (const facing of item.facings) facing.sure *= TRUST_PER_DAY;
    if (item.facings.length > 0) book.closing.set(item.gtin, closedDay(book, item));
    startDay(item, next.startMs);
  }
  book.day = next;
}

function startDay(item: ItemBook, startMs: number): void {
  Object.assign(item, { soldUnits: 0, onShelfMs: 0, sinceMs: startMs });
  for (const facing of item.facings) Object.assign(facing, { facingMs: 0, stockedMs: 0, sinceMs: startMs });
}

const MINUTE_MS = 60_000;
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

function closedDay(book: ShelfBook, item: ItemBook): ItemDayFact {
  const { weekday, day, startMs, endMs } = book.day;
  // Of the whole day: what was not seen of it is missing too.
  const onShelfShare = item.onShelfMs / (endMs - startMs);
  const demand = learn(item.demand, { weekday, soldUnits: item.soldUnits, onShelfShare });
  return {
    type: 'item_day',
    gtin: item.gtin,
    day,
    soldUnits: item.soldUnits,
    facingMinutes: Math.round(total(item.facings.map(({ facingMs }) => facingMs)) / MINUTE_MS),
    stockedMinutes: Math.round(total(item.facings.map(({ stockedMs }) => stockedMs)) / MINUTE_MS),
    onShelfShare,
    silentUnits: book.soldUnits - item.movedAtUnits,
    facings: item.facings.map(each => ({ facing: each.facing, sure: sureOf(book, each) })),
    meanPerDay: meanPerDay(demand),
    reorderPoint: reorderPoint(demand, (weekday + 1) % 7, LEAD_DAYS, SERVICE_LEVEL),
    demand,
  };
}
