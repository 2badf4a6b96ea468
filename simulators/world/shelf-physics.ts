import { feltGrams, type Motion, overMs, shareOf } from './hand-motion.ts';
import type { Random } from './random.ts';
import { type Band, BUSY_BANDS, createBand, QUIET_BANDS, WHITE_GRAMS } from './vibration.ts';

export const SAMPLE_HZ = 80;
export const SAMPLES_PER_TICK = 8;
export const TICK_MS = 100;
const SAMPLE_MS = 1000 / SAMPLE_HZ;
/** Resolution of the load cells' converter, grams. */
export const QUANTUM_GRAMS = 0.241;
const DRIFT_GRAMS_PER_ROOT_HOUR = 2;
const DRIFT_PER_TICK = DRIFT_GRAMS_PER_ROOT_HOUR * Math.sqrt(TICK_MS / 3_600_000);
/** Footsteps fade in and out over half a second. */
const STEPS_SMOOTHING = 0.2;

/** One shelf of plates that stand side by side, and what its converter delivers. */
export interface ShelfPhysics {
  readonly plates: readonly number[];
  /** Puts weight on a plate at once, without a hand: how the shelf was before we looked. */
  load(plate: number, grams: number): void;
  /** A hand reaches in; `steps` is the change of settled grams per plate, none when it was a touch. */
  reach(motion: Motion, steps: readonly { readonly plate: number; readonly grams: number }[]): void;
  /** Samples of the tick that begins at `fromMs`; `busy` (0 to 1) is how near people walk. Plates in order. */
  sample(fromMs: number, busy: number): readonly Float64Array[];
}

interface Plate {
  settledGrams: number;
  offsetGrams: number;
  readonly motions: Motion[];
  readonly gain: number;
  readonly quiet: readonly Band[];
  /** Share of the right and the left neighbour's load that this plate feels through the shelf. */
  readonly fromLeft: number;
  readonly fromRight: number;
}

function createPlate(random: Random): Plate {
  return {
    settledGrams: 0,
    offsetGrams: random.uniform(-5000, 5000),
    motions: [],
    gain: random.uniform(0.7, 1.3),
    quiet: QUIET_BANDS.map(band => createBand(band.hz, band.damping, SAMPLE_HZ, random)),
    fromLeft: random.uniform(0.004, 0.014),
    fromRight: random.uniform(0.004, 0.014),
  };
}

/** What rests and pushes on a plate over one tick, into `into`. */
function sampleForce(plate: Plate, fromMs: number, into: Float64Array): void {
  into.fill(plate.settledGrams);
  for (const motion of plate.motions) {
    for (let k = 0; k < into.length; k++) into[k]! += feltGrams(motion, fromMs + k * SAMPLE_MS);
  }
}

const quantise = (grams: number): number => Math.round(grams / QUANTUM_GRAMS) * QUANTUM_GRAMS;

function dropFinished(plate: Plate, nowMs: number): void {
  for (let i = plate.motions.length - 1; i >= 0; i--) {
    if (overMs(plate.motions[i]!) < nowMs) plate.motions.splice(i, 1);
  }
}

export function createShelfPhysics(plateNumbers: readonly number[], random: Random): ShelfPhysics {
  const plates = plateNumbers.map(number => createPlate(random.fork(`plate ${number}`)));
  const plateOf = new Map(plateNumbers.map((number, i) => [number, plates[i]!] as const));
  const noise = random.fork('noise');
  const steps = BUSY_BANDS.map(band => createBand(band.hz, band.damping, SAMPLE_HZ, noise));
  const forces = plates.map(() => new Float64Array(SAMPLES_PER_TICK));
  const floor = new Float64Array(SAMPLES_PER_TICK);
  let walking = 0;

  const sampleFloor = (busy: number) => {
    walking += STEPS_SMOOTHING * (busy - walking);
    for (let k = 0; k < SAMPLES_PER_TICK; k++) {
      let sum = 0;
      for (let band = 0; band < steps.length; band++) sum += BUSY_BANDS[band]!.grams * steps[band]!.next();
      floor[k] = sum * walking;
    }
  };
  const samplePlate = (plate: Plate, index: number): Float64Array => {
    const grams = new Float64Array(SAMPLES_PER_TICK);
    const left = forces[index - 1];
    const right = forces[index + 1];
    plate.offsetGrams += noise.normal(0, DRIFT_PER_TICK);
    for (let k = 0; k < SAMPLES_PER_TICK; k++) {
      let value = forces[index]![k]! + plate.offsetGrams + floor[k]! * plate.gain;
      if (left) value += plate.fromLeft * left[k]!;
      if (right) value += plate.fromRight * right[k]!;
      let hum = noise.normal(0, WHITE_GRAMS);
      for (let band = 0; band < plate.quiet.length; band++)
        hum += QUIET_BANDS[band]!.grams * plate.quiet[band]!.next();
      grams[k] = quantise(value + hum * plate.gain);
    }
    return grams;
  };
  return {
    plates: plateNumbers,
    load(plate, grams) {
      plateOf.get(plate)!.settledGrams += grams;
    },
    reach(motion, changes) {
      const total = changes.reduce((sum, change) => sum + Math.abs(change.grams), 0);
      for (const { plate, grams } of changes) {
        const share = total === 0 ? 1 / changes.length : Math.abs(grams) / total;
        const touched = plateOf.get(plate)!;
        touched.settledGrams += grams;
        touched.motions.push(shareOf(motion, share, grams));
      }
    },
    sample(fromMs, busy) {
      sampleFloor(busy);
      plates.forEach((plate, i) => {
        dropFinished(plate, fromMs);
        sampleForce(plate, fromMs, forces[i]!);
      });
      return plates.map(samplePlate);
    },
  };
}
