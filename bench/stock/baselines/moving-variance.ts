import type { MakeDetector } from '../detector.ts';
import { asUnits, facingByPlate } from './plate-rows.ts';
import { createShelfActivity } from './shelf-activity.ts';

const RULE = { window: 61, holds: 30, ends: 30, variance: 10_000 };

/**
 * The rule published with the AiFi data set (Zenodo 4300738) and used with AIM3S: moving variance of the shelf
 * sum over 61 samples above 10,000 square grams for 30 samples. The item is that of the plate that changed
 * most, the count the change of the shelf over its unit weight. Vision and its fusion are left out.
 */
export const createMovingVariance: MakeDetector = facings => {
  const owners = facingByPlate(facings);
  const activity = createShelfActivity(owners.length, RULE);
  return {
    feed: batch =>
      activity(batch).flatMap(({ before, after, endedMs }) => {
        const deltas = after.map((grams, p) => grams - before[p]!);
        const most = deltas.reduce((best, d, p) => (Math.abs(d) > Math.abs(deltas[best]!) ? p : best), 0);
        const total = deltas.reduce((sum, d) => sum + d, 0);
        const event = asUnits(owners[most]!, total, endedMs, batch.receivedTimeMs);
        return event ? [event] : [];
      }),
  };
};
