import type { Random } from '../../simulators/world/random.ts';
import type { WeighedFacing } from '../../src/domain/stock/planogram.ts';
import { testGtin } from '../../tests/support/stock-bench.ts';

/** Unit weights of a real convenience store's planogram: share of the items below, grams (weight-shelf.md 2.3). */
const WEIGHT_QUANTILES = [
  [0, 12],
  [0.1, 44],
  [0.5, 139],
  [0.9, 562],
  [1, 1572],
] as const;

/** Plates of one facing: two is the mode, and the mean is 2.5, as on the real gondolas. */
const PLATES_PER_FACING = [
  { plates: 1, weight: 18 },
  { plates: 2, weight: 50 },
  { plates: 3, weight: 16 },
  { plates: 4, weight: 10 },
  { plates: 5, weight: 6 },
] as const;

/** A unit weight as a real store sells them, grams: log-linear between the known quantiles. */
export function drawUnitWeight(random: Random): number {
  const share = random.next();
  const above = WEIGHT_QUANTILES.findIndex(([upTo]) => share <= upTo);
  const [toShare, toGrams] = WEIGHT_QUANTILES[Math.max(1, above)]!;
  const [fromShare, fromGrams] = WEIGHT_QUANTILES[Math.max(1, above) - 1]!;
  const part = (share - fromShare) / (toShare - fromShare);
  return Math.round(fromGrams * (toGrams / fromGrams) ** part * 10) / 10;
}

const drawPlates = (random: Random) => random.weighted(PLATES_PER_FACING, ({ weight }) => weight).plates;

/**
 * One shelf of `plates` plates side by side, one item on each plate. With `most` facings each has one plate and
 * the last one the rest; without, facings have as many plates as on real shelves.
 */
export function planShelf(
  device: string,
  plates: number,
  random: Random,
  most: number | null = null,
): readonly WeighedFacing[] {
  const facings: WeighedFacing[] = [];
  for (let next = 1; next <= plates; ) {
    const wanted = most === null ? drawPlates(random) : facings.length + 1 < most ? 1 : plates;
    const own = Math.min(wanted, plates - next + 1);
    const first = next;
    facings.push({
      facing: `F${facings.length + 1}`,
      gtin: testGtin(facings.length + 1),
      unitWeightGrams: drawUnitWeight(random),
      plates: Array.from({ length: own }, (_, i) => ({ device, plate: first + i })),
    });
    next += own;
  }
  return facings;
}
