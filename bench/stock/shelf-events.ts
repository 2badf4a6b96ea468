import { createCusum } from './baselines/cusum.ts';
import { createMovingDeviation } from './baselines/moving-deviation.ts';
import { createMovingVariance } from './baselines/moving-variance.ts';
import { createPlateVariance } from './baselines/plate-variance.ts';
import { createThreshold } from './baselines/threshold.ts';
import { createAisle, type Detection, type MakeDetector } from './detector.ts';
import { emptyTally, type Tally, tallyActs } from './score.ts';
import { createShelfStream, type ShelfStream, type StreamOptions } from './shelf-stream.ts';

/** B2: every method on the same streams. The last one is ours. */
export const METHODS: readonly { readonly name: string; readonly make: MakeDetector }[] = [
  { name: 'plain threshold', make: createThreshold },
  { name: 'moving variance (AIM3S data set rule)', make: createMovingVariance },
  { name: 'plate variance (Team 6)', make: createPlateVariance },
  { name: 'CUSUM', make: createCusum },
  { name: 'moving std + event splitting (MPS)', make: createMovingDeviation },
  { name: 'Aisle', make: createAisle },
];

/** Runs one method over streams and adds up what it got right. */
export function runMethods(
  methods: readonly { readonly make: MakeDetector }[],
  stream: ShelfStream,
  tallies: readonly Tally[],
): readonly (readonly Detection[])[] {
  const { facings, script } = stream;
  const detectors = methods.map(({ make }) => make(facings, script.startUnits));
  const found = methods.map(() => [] as Detection[]);
  for (const batch of stream.batches()) {
    for (const [m, detector] of detectors.entries()) found[m]!.push(...detector.feed(batch));
  }
  for (const [m, detector] of detectors.entries()) {
    const tally = tallies[m]!;
    tallyActs(tally, script.acts, found[m]!);
    for (const { facing, gtin } of facings) {
      const seen = found[m]!.filter(detection => detection.facing === facing && detection.gtin === gtin);
      const counted =
        detector.counted?.(facing) ??
        script.startUnits.get(facing)! + seen.reduce((sum, { units }) => sum + units, 0);
      const error = Math.abs(counted - script.endUnits.get(facing)!);
      tally.countErrors += error;
      tally.facings++;
      if (error === 0) tally.exactFacings++;
    }
  }
  return found;
}

/** One tally per method, over some shelves of the store with this seed. */
export function runSeed(
  methods: readonly { readonly make: MakeDetector }[],
  seed: number,
  shelves: number,
  options: StreamOptions,
): readonly Tally[] {
  const tallies = methods.map(emptyTally);
  for (let shelf = 0; shelf < shelves; shelf++) {
    runMethods(methods, createShelfStream(seed, shelf, options), tallies);
  }
  return tallies;
}
