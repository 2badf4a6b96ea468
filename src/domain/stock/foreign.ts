import type { Gtin } from '../../shared/gtin.ts';
import type { Balances } from './balances.ts';
import { shelfPlace } from './movement.ts';
import type { WeighedFacing } from './planogram.ts';

/** One unit of an item that does not belong on the facing, put there or taken away from it. */
export interface ForeignUnit {
  readonly gtin: Gtin;
  readonly unitWeightGrams: number;
  readonly units: 1 | -1;
  readonly prior: number;
}

/** Shoppers put about one thing in forty back in a wrong place; which one is anybody's guess. */
const PRIOR_MISPLACED = 0.024;
/** What lies in a wrong place is taken from there like anything else, or carried home by staff. */
const PRIOR_TAKEN_AWAY = 0.2;

/**
 * What else a change of weight may be: an item that some cart holds, put down here, or one that was put down here
 * before, taken away again. `items` are all weighed facings of the store, whose unit weights are known.
 */
export function foreignUnits(
  deltaGrams: number,
  own: WeighedFacing,
  items: readonly WeighedFacing[],
  balances: Balances,
): readonly ForeignUnit[] {
  const from = deltaGrams > 0 ? 'cart' : shelfPlace(own.facing);
  const byItem = new Map<Gtin, number>();
  for (const { gtin, unitWeightGrams } of items) {
    if (gtin !== own.gtin && balances.quantity(gtin, from) > 0) byItem.set(gtin, unitWeightGrams);
  }
  const prior = deltaGrams > 0 ? PRIOR_MISPLACED / byItem.size : PRIOR_TAKEN_AWAY;
  const units = deltaGrams > 0 ? 1 : -1;
  return [...byItem].map(([gtin, unitWeightGrams]) => ({ gtin, unitWeightGrams, units, prior }));
}
