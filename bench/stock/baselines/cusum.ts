import type { Detection, MakeDetector } from '../detector.ts';
import { asUnits, facingByPlate } from './plate-rows.ts';

/** In standard deviations of a 100 ms mean: slack as in the textbooks, alarm tuned on seeds 0 to 4 (5, 8, 12, 20). */
const SLACK = 0.5;
const ALARM = 5;
const LEAST_SIGMA_GRAMS = 0.7;
const LEARN_BLOCKS = 30;
const SETTLE_BLOCKS = 4;
const SETTLE_SIGMAS = 4;

interface Plate {
  reference: number;
  sigma: number;
  seen: number;
  up: number;
  down: number;
  readonly recent: number[];
  alarmed: boolean;
}

/**
 * Page's two-sided cumulative sum on each plate's 100 ms means; after an alarm the plate is given time to
 * settle, and the difference of the settled means is the event.
 */
export const createCusum: MakeDetector = facings => {
  const owners = facingByPlate(facings);
  const plates = owners.map(
    (): Plate => ({ reference: Number.NaN, sigma: 1, seen: 0, up: 0, down: 0, recent: [], alarmed: false }),
  );
  return {
    feed(batch) {
      const found: Detection[] = [];
      for (const [p, plate] of plates.entries()) {
        const { grams } = batch.plates[p]!;
        let sum = 0;
        for (let k = 0; k < grams.length; k++) sum += grams[k]!;
        const delta = see(plate, sum / grams.length);
        if (delta === null) continue;
        const event = asUnits(owners[p]!, delta, batch.receivedTimeMs, batch.receivedTimeMs);
        if (event) found.push(event);
      }
      return found;
    },
  };
};

/** Moves a plate on by one block; the change in grams when one has just settled. */
function see(plate: Plate, mean: number): number | null {
  plate.recent.push(mean);
  if (plate.recent.length > SETTLE_BLOCKS) plate.recent.shift();
  if (plate.seen < LEARN_BLOCKS) {
    const last = plate.recent.at(-2) ?? mean;
    plate.seen++;
    plate.reference = Number.isNaN(plate.reference)
      ? mean
      : plate.reference + (mean - plate.reference) / plate.seen;
    plate.sigma += (Math.max(LEAST_SIGMA_GRAMS, 0.886 * Math.abs(mean - last)) - plate.sigma) / plate.seen;
    return null;
  }
  const z = (mean - plate.reference) / plate.sigma;
  plate.up = Math.max(0, plate.up + z - SLACK);
  plate.down = Math.max(0, plate.down - z - SLACK);
  plate.alarmed ||= plate.up > ALARM || plate.down > ALARM;
  if (!plate.alarmed) {
    plate.reference += 0.01 * (mean - plate.reference);
    return null;
  }
  const range = Math.max(...plate.recent) - Math.min(...plate.recent);
  if (range > SETTLE_SIGMAS * plate.sigma + 2) return null;
  const level = plate.recent.reduce((sum, value) => sum + value, 0) / plate.recent.length;
  const delta = level - plate.reference;
  plate.reference = level;
  plate.alarmed = false;
  plate.up = 0;
  plate.down = 0;
  return delta;
}
