import type { WeighedFacing } from '../../../src/domain/stock/planogram.ts';
import type { Detection, MakeDetector } from '../detector.ts';
import { facingByPlate } from './plate-rows.ts';
import { createShelfActivity } from './shelf-activity.ts';

const RULE = { window: 60, holds: 30, ends: 1, variance: 20 ** 2 };
const LOCATION_SHARE = 0.5;
const LEAST_CHANGE_GRAMS = 10;
const MOST_UNITS = 4;
/** Standard deviation of a unit weight and of a measured change that the weight score takes. */
const WEIGHT_SPREAD = 0.05;
const CHANGE_SIGMA_GRAMS = 5;

/**
 * MPS, the winner of the 2020 AutoCheckout competition, without its cameras: moving standard deviation of the
 * shelf sum above 20 g for 30 of 60 samples, a change of at least 10 g, events split into groups of
 * neighbouring plates that changed by more than a third of the lightest item, then location and weight score.
 */
export const createMovingDeviation: MakeDetector = facings => {
  const owners = facingByPlate(facings);
  const activity = createShelfActivity(owners.length, RULE);
  const lightest = Math.min(...facings.map(({ unitWeightGrams }) => unitWeightGrams));
  return {
    feed: batch =>
      activity(batch).flatMap(({ before, after, endedMs }) => {
        const deltas = after.map((grams, p) => grams - before[p]!);
        return groups(deltas, Math.max(lightest / 3, 3)).flatMap(group => {
          const total = group.reduce((sum, p) => sum + deltas[p]!, 0);
          if (Math.abs(total) < LEAST_CHANGE_GRAMS) return [];
          return [identify(facings, owners, deltas, group, total, endedMs, batch.receivedTimeMs)];
        });
      }),
  };
};

/** Runs of neighbouring plates that changed the same way by more than `least` grams. */
function groups(deltas: readonly number[], least: number): readonly (readonly number[])[] {
  const found: number[][] = [];
  for (const [p, delta] of deltas.entries()) {
    if (Math.abs(delta) <= least) continue;
    const last = found.at(-1);
    if (last && last.at(-1) === p - 1 && delta * deltas[p - 1]! > 0) last.push(p);
    else found.push([p]);
  }
  return found;
}

function identify(
  facings: readonly WeighedFacing[],
  owners: readonly WeighedFacing[],
  deltas: readonly number[],
  group: readonly number[],
  total: number,
  settledMs: number,
  knownMs: number,
): Detection {
  let best: Detection | null = null;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const facing of facings) {
    const own = group.filter(p => owners[p] === facing).reduce((sum, p) => sum + Math.abs(deltas[p]!), 0);
    const all = group.reduce((sum, p) => sum + Math.abs(deltas[p]!), 0);
    for (let count = 1; count <= MOST_UNITS; count++) {
      const mean = count * facing.unitWeightGrams;
      const spread = Math.hypot(WEIGHT_SPREAD * mean, CHANGE_SIGMA_GRAMS);
      const weight = Math.exp(-0.125 * ((Math.abs(total) - mean) / spread) ** 2);
      const score = LOCATION_SHARE * (own / all) + (1 - LOCATION_SHARE) * weight;
      if (score <= bestScore) continue;
      bestScore = score;
      const { facing: id, gtin } = facing;
      const units = Math.sign(total) * count;
      best = { facing: id, gtin, units, deltaGrams: total, settledMs, knownMs, confidence: null };
    }
  }
  return best!;
}
