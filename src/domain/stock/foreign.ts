import type { Gtin } from '../../shared/gtin.ts';
import type { Balances } from './balances.ts';
import { shelfPlace } from './movement.ts';
import type { WeighedFacing } from './planogram.ts';
import type { UnitModel, UnitWeights } from './unit-weight.ts';

/** One unit of an item that does not belong on the facing, put there or taken away from it. */
export interface ForeignUnit {
  readonly gtin: Gtin;
  readonly unit: UnitModel;
  readonly units: 1 | -1;
  readonly prior: number;
}

/** Shoppers put about one thing in seven that they put back in a wrong place, mostly near its own. */
const PRIOR_MISPLACED = 0.036;
const NEXT_TO_IT = 15;
const SAME_SHELF = 5;
const NEXT_PLATES = 2;
/** What lies in a wrong place is taken from there now and then, or carried home by staff. */
const PRIOR_TAKEN_AWAY = 0.05;

/**
 * What else a change of weight may be: an item that some cart holds, put down here, or one that was put down here
 * before, taken away again. `items` are all weighed facings of the store, whose unit weights are known.
 */
export function foreignUnits(
  deltaGrams: number,
  own: WeighedFacing,
  items: readonly WeighedFacing[],
  balances: Balances,
  weights: Pick<UnitWeights, 'of'>,
): readonly ForeignUnit[] {
  const from = deltaGrams > 0 ? 'cart' : shelfPlace(own.facing);
  const nearest = new Map<Gtin, { readonly unitWeightGrams: number; readonly nearness: number }>();
  let total = 0;
  for (const item of items) {
    const { gtin, unitWeightGrams } = item;
    if (gtin === own.gtin || item.byWeight || balances.quantity(gtin, from) <= 0) continue;
    const before = nearest.get(gtin)?.nearness ?? 0;
    const nearness = Math.max(before, nearnessOf(own, item));
    total += nearness - before;
    nearest.set(gtin, { unitWeightGrams, nearness });
  }
  const units = deltaGrams > 0 ? 1 : -1;
  return [...nearest].map(([gtin, { unitWeightGrams, nearness }]) => {
    const prior = deltaGrams > 0 ? (PRIOR_MISPLACED * nearness) / total : PRIOR_TAKEN_AWAY;
    return { gtin, unit: weights.of(gtin, unitWeightGrams), units, prior };
  });
}

/** How readily a thing of the one facing is put down on the other. */
function nearnessOf(own: WeighedFacing, other: WeighedFacing): number {
  let nearness = 1;
  for (const { device, plate } of own.plates) {
    for (const there of other.plates) {
      if (there.device !== device) continue;
      const isNext = Math.abs(there.plate - plate) <= NEXT_PLATES;
      nearness = Math.max(nearness, isNext ? NEXT_TO_IT : SAME_SHELF);
    }
  }
  return nearness;
}
