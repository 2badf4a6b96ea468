import type { Facing, Item, Site } from '../../src/config/site.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { Random } from './random.ts';

/** One physical thing with its own true weight. `shares` says how it rests on the plates of its facing. */
export interface Unit {
  readonly gtin: Gtin;
  readonly grams: number;
  shares: readonly number[];
}

/** A facing as it really is: what stands on it, in front the last. */
export interface ShelfFacing {
  readonly facing: Facing;
  /** In units, also of what is sold by kg, for which the planogram gives grams. */
  readonly capacity: number;
  readonly minimum: number;
  readonly units: Unit[];
  /** Nobody else reaches in before this instant (simulated ms): people wait for each other. */
  busyUntilMs: number;
}

/** Who holds units that are neither on a shelf nor in the backroom. */
export interface Hands {
  readonly id: string;
  readonly units: Unit[];
}

/**
 * Where every unit of the store really is. Units come from the supplier and end with a customer (paid)
 * or as stolen; in between they are in the backroom, in hands (a shopper's cart, staff) or on a facing.
 */
export interface Goods {
  readonly items: ReadonlyMap<Gtin, Item>;
  readonly facings: ReadonlyMap<string, ShelfFacing>;
  readonly backroom: Map<Gtin, number>;
  readonly received: Map<Gtin, number>;
  readonly sold: Map<Gtin, number>;
  readonly stolen: Map<Gtin, number>;
  /** Carts and staff, in order of their arrival. */
  readonly hands: Map<string, Hands>;
}

export const tally = (counts: Map<Gtin, number>, gtin: Gtin, by: number) =>
  void counts.set(gtin, (counts.get(gtin) ?? 0) + by);

/** Units of the item that belongs here. What was misplaced on the facing does not count. */
export const countOn = (place: ShelfFacing): number =>
  place.units.filter(unit => unit.gtin === place.facing.gtin).length;

/** Coefficient of variation of one item's units, in weight-shelf practice 1 %. */
const WEIGHT_VARIATION = 0.01;
/** Loose goods differ from piece to piece. */
const PIECE_VARIATION = 0.15;
const SPANNING = 0.25;

/** A new unit: an item without a catalogue weight is a light thing that no plate is asked to count. */
export function makeUnit(item: Item, random: Random): Unit {
  const mean = item.unitWeightGrams ?? 5;
  const variation = item.soldBy === 'kg' ? PIECE_VARIATION : WEIGHT_VARIATION;
  return { gtin: item.gtin, grams: Math.max(1, random.normal(mean, mean * variation)), shares: [] };
}

const unitsIn = (quantity: number, { soldBy, unitWeightGrams }: Item): number =>
  soldBy === 'kg' ? Math.floor(quantity / (unitWeightGrams ?? quantity)) : quantity;

/** What a document says of some units: their number, or the grams of what is sold by kg. */
export type Measured = { readonly quantity: number } | { readonly grams: number };

/** `grams` is what they really weigh; left out, what so many weigh as a rule. */
export function measure(item: Item, quantity: number, grams?: number): Measured {
  if (item.soldBy !== 'kg') return { quantity };
  return { grams: Math.round(grams ?? quantity * (item.unitWeightGrams ?? 0)) };
}

export const gramsOf = (units: readonly Unit[]): number => units.reduce((sum, { grams }) => sum + grams, 0);

/** How a unit comes to rest: on one plate, or across two neighbours with 20 to 80 % on the first. */
export function chooseShares(plates: number, random: Random): readonly number[] {
  const shares = new Array<number>(plates).fill(0);
  if (plates === 0) return shares;
  const first = random.integer(0, plates - 1);
  const spans = plates > 1 && random.chance(SPANNING);
  if (!spans) shares[first] = 1;
  else {
    const left = Math.min(first, plates - 2);
    shares[left] = random.uniform(0.2, 0.8);
    shares[left + 1] = 1 - shares[left]!;
  }
  return shares;
}

function emptyFacing(site: Site, facing: Facing): ShelfFacing {
  const item = site.items.get(facing.gtin)!;
  const capacity = unitsIn(facing.capacity, item);
  return { facing, capacity, minimum: unitsIn(facing.minimum, item), units: [], busyUntilMs: 0 };
}

/** The store before opening: facings 60 to 100 % full, and as much again to twice as much behind. */
export function stockUp(site: Site, facingIds: readonly string[], random: Random): Goods {
  const goods: Goods = {
    items: site.items,
    facings: new Map(facingIds.map(id => [id, emptyFacing(site, site.facings.get(id)!)] as const)),
    backroom: new Map(),
    received: new Map(),
    sold: new Map(),
    stolen: new Map(),
    hands: new Map(),
  };
  for (const place of goods.facings.values()) {
    const { gtin, plates } = place.facing;
    const { capacity } = place;
    const item = site.items.get(gtin)!;
    for (let left = Math.ceil(capacity * random.uniform(0.6, 1)); left > 0; left--) {
      const unit = makeUnit(item, random);
      unit.shares = chooseShares(plates.length, random);
      place.units.push(unit);
    }
    const behind = Math.ceil(capacity * random.uniform(1, 2));
    tally(goods.backroom, gtin, behind);
    tally(goods.received, gtin, behind + place.units.length);
  }
  return goods;
}
