import type { Detection, MakeDetector } from '../detector.ts';
import { asUnits, eachSample, facingByPlate } from './plate-rows.ts';
import { createRolling } from './rolling.ts';

/** Tuned on seeds 0 to 4 out of 10, 20, 30 and 50 g. */
const THRESHOLD_GRAMS = 10;
const WINDOW = 30;

/**
 * What a general gateway's rule does: each plate by itself, the mean of half a second against the last value
 * that was accepted; a difference above the threshold that no longer moves is an event.
 */
export const createThreshold: MakeDetector = facings => {
  const owners = facingByPlate(facings);
  const plates = owners.map(() => ({ recent: createRolling(WINDOW), accepted: Number.NaN, last: 0 }));
  return {
    feed(batch) {
      const found: Detection[] = [];
      eachSample(batch, row => {
        for (const [p, plate] of plates.entries()) plate.recent.push(row[p]!);
      });
      for (const [p, plate] of plates.entries()) {
        if (!plate.recent.isFull) continue;
        const level = plate.recent.mean;
        if (Number.isNaN(plate.accepted)) plate.accepted = level;
        const delta = level - plate.accepted;
        const rests = Math.abs(level - plate.last) < THRESHOLD_GRAMS / 5;
        plate.last = level;
        if (Math.abs(delta) <= THRESHOLD_GRAMS || !rests) continue;
        plate.accepted = level;
        const event = asUnits(owners[p]!, delta, batch.receivedTimeMs, batch.receivedTimeMs);
        if (event) found.push(event);
      }
      return found;
    },
  };
};
