import type { Random } from '../../simulators/world/random.ts';
import { BUSY_BANDS, createBand, QUIET_BANDS, WHITE_GRAMS } from '../../simulators/world/vibration.ts';

/** How restless a shelf's surroundings are. */
export interface NoiseProfile {
  readonly name: string;
  /** Share of the time in which people walk by. */
  readonly busyShare: number;
  /** Everything times this. */
  readonly scale: number;
}

export const NOISE_PROFILES = {
  quiet: { name: 'quiet', busyShare: 0, scale: 1 },
  base: { name: 'base', busyShare: 0.4, scale: 1 },
  busy: { name: 'busy', busyShare: 0.9, scale: 1 },
  noise2: { name: '2x', busyShare: 0.4, scale: 2 },
  noise4: { name: '4x', busyShare: 0.4, scale: 4 },
} as const satisfies Record<string, NoiseProfile>;

/**
 * Spread between shelves and plates so that the standard deviation of a plate is as measured on 247 real ones:
 * quiet median 0.65 g, p95 2.6 g; busy median 2.2 g, p90 12.9 g, p99 21 g. One gondola in five stands badly.
 */
const QUIET_SHELF_SPREAD = 0.75;
const PLATE_SPREAD = 0.35;
const LOUD_SHELF = 0.2;
const LOUD_FACTOR = 5.5;
const USUAL_FACTOR = 0.85;

/**
 * Plates swing in a mode of the shelf, not as one: with phases inside this range the noise of the shelf's sum is
 * half of the sum of the plates' noises (0.3 to 0.65 on the real gondolas).
 */
const PHASE_RANGE = 1.9;

const BOUT_MS = 20_000;
const SPIKES_PER_SAMPLE = 5e-6;
const DRIFT_GRAMS_PER_ROOT_HOUR = 2;

/** Noise of the plates of one shelf, sample by sample. */
export interface ShelfNoise {
  /** Moves on by `samples` samples; `into[plate]` gets the noise in grams. */
  sample(into: readonly Float64Array[], samples: number): void;
}

export function createShelfNoise(
  plates: number,
  hz: number,
  { busyShare, scale }: NoiseProfile,
  random: Random,
): ShelfNoise {
  const shelfQuiet = Math.exp(random.normal(0, QUIET_SHELF_SPREAD));
  const shelfBusy = random.chance(LOUD_SHELF) ? LOUD_FACTOR : USUAL_FACTOR;
  const floor = BUSY_BANDS.flatMap(({ hz: bandHz, damping, grams }) =>
    [0, 1].map(() => ({ grams, band: createBand(bandHz, damping, hz, random) })),
  );
  const each = Array.from({ length: plates }, () => {
    const own = Math.exp(random.normal(0, PLATE_SPREAD));
    return {
      quietGain: scale * shelfQuiet * own,
      busyGain: scale * shelfBusy * own,
      mode: BUSY_BANDS.flatMap(() => {
        const phase = random.uniform(-PHASE_RANGE, PHASE_RANGE);
        return [Math.cos(phase), Math.sin(phase)];
      }),
      bands: QUIET_BANDS.map(band => createBand(band.hz, band.damping, hz, random)),
      driftGrams: 0,
    };
  });
  const driftPerSample = DRIFT_GRAMS_PER_ROOT_HOUR / Math.sqrt(3600 * hz);
  const smoothing = 1 - Math.exp(-1 / (0.5 * hz));
  let isBusy = random.chance(busyShare);
  let left = 0;
  const swing = new Float64Array(floor.length);
  let walking = isBusy ? 1 : 0;
  const walkBy = () => {
    if (left-- <= 0) {
      isBusy = random.chance(busyShare);
      left = Math.round((random.exponential(BOUT_MS) * hz) / 1000);
    }
    walking += smoothing * ((isBusy ? 1 : 0) - walking);
  };
  return {
    sample(into, samples) {
      for (let k = 0; k < samples; k++) {
        walkBy();
        const isShaken = walking > 1e-3;
        if (isShaken) for (const [b, { grams, band }] of floor.entries()) swing[b] = grams * band.next();
        for (let p = 0; p < plates; p++) {
          const plate = each[p]!;
          let hum = random.normal(0, WHITE_GRAMS);
          for (let b = 0; b < plate.bands.length; b++) hum += QUIET_BANDS[b]!.grams * plate.bands[b]!.next();
          let steps = 0;
          if (isShaken) for (let b = 0; b < swing.length; b++) steps += plate.mode[b]! * swing[b]!;
          plate.driftGrams += (random.next() - 0.5) * 3.46 * driftPerSample;
          const spike = random.chance(SPIKES_PER_SAMPLE) ? random.uniform(-5000, 5000) : 0;
          into[p]![k] = hum * plate.quietGain + steps * walking * plate.busyGain + plate.driftGrams + spike;
        }
      }
    },
  };
}
