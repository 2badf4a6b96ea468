import type { WeighedFacing } from '../../../src/domain/stock/planogram.ts';
import type { Detection, MakeDetector } from '../detector.ts';
import { eachSample, facingByPlate } from './plate-rows.ts';
import { createRolling } from './rolling.ts';

const WINDOW = 90;
/** Not stated in the source; tuned on seeds 0 to 4 out of 10, 25, 50, 100 and 200 square grams. */
const VARIANCE = 200;
const LEAST_CHANGE_GRAMS = 10;
const WEIGHT_SPREAD = 0.1;
const NEIGHBOURS = 1;

/**
 * The second team of the same competition: each plate's moving variance over 90 samples, a change above 10 g,
 * the item near the plate whose weight has the best normal density with a spread of 10 %, and
 * the count by division.
 */
export const createPlateVariance: MakeDetector = facings => {
  const owners = facingByPlate(facings);
  const plates = owners.map(() => ({ recent: createRolling(WINDOW), calm: Number.NaN, active: false }));
  return {
    feed(batch) {
      const found: Detection[] = [];
      eachSample(batch, (row, atMs) => {
        for (const [p, plate] of plates.entries()) {
          plate.recent.push(row[p]!);
          if (!plate.recent.isFull) continue;
          const isActive = plate.recent.variance > VARIANCE;
          if (!isActive) {
            const delta = plate.recent.mean - plate.calm;
            if (plate.active && Math.abs(delta) > LEAST_CHANGE_GRAMS) {
              found.push(identify(owners, p, delta, atMs, batch.receivedTimeMs));
            }
            plate.calm = plate.recent.mean;
          }
          plate.active = isActive;
        }
      });
      return found;
    },
  };
};

function identify(
  owners: readonly WeighedFacing[],
  p: number,
  deltaGrams: number,
  settledMs: number,
  knownMs: number,
): Detection {
  let best = owners[p]!;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const facing of new Set(owners.slice(Math.max(0, p - NEIGHBOURS), p + NEIGHBOURS + 1))) {
    const count = Math.max(1, Math.round(Math.abs(deltaGrams) / facing.unitWeightGrams));
    const mean = count * facing.unitWeightGrams;
    const spread = WEIGHT_SPREAD * mean;
    const score = -0.5 * ((Math.abs(deltaGrams) - mean) / spread) ** 2 - Math.log(spread);
    if (score > bestScore) {
      bestScore = score;
      best = facing;
    }
  }
  const units = Math.sign(deltaGrams) * Math.max(1, Math.round(Math.abs(deltaGrams) / best.unitWeightGrams));
  return { facing: best.facing, gtin: best.gtin, units, deltaGrams, settledMs, knownMs, confidence: null };
}
