import type { WeighedFacing } from '../../../src/domain/stock/planogram.ts';
import type { WeightReading } from '../../../src/readings/reading.ts';
import type { Detection } from '../detector.ts';

/** The facing of each plate, in the order of the plates on the shelf. */
export function facingByPlate(facings: readonly WeighedFacing[]): readonly WeighedFacing[] {
  const byPlate: WeighedFacing[] = [];
  for (const facing of facings) for (const { plate } of facing.plates) byPlate[plate - 1] = facing;
  return byPlate;
}

/** Walks a batch sample by sample: `see` gets the samples of all plates at one instant (Unix ms). */
export function eachSample(batch: WeightReading, see: (row: Float64Array, atMs: number) => void): void {
  const samples = batch.plates[0]?.grams.length ?? 0;
  const row = new Float64Array(batch.plates.length);
  for (let k = 0; k < samples; k++) {
    for (let p = 0; p < row.length; p++) row[p] = batch.plates[p]!.grams[k]!;
    see(row, batch.eventTimeMs + ((k + 1) * 1000) / batch.hz);
  }
}

/** A change of weight as so many units of the facing's item; null when it rounds to none. */
export function asUnits(
  { facing, gtin, unitWeightGrams }: WeighedFacing,
  deltaGrams: number,
  settledMs: number,
  knownMs: number,
): Detection | null {
  const units = Math.round(deltaGrams / unitWeightGrams);
  if (units === 0) return null;
  return { facing, gtin, units, deltaGrams, settledMs, knownMs, confidence: null };
}
