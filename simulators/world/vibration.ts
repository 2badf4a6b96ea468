import type { Random } from './random.ts';

/** One band of a building's vibration: a resonator driven by chance. `next` gives one sample of unit variance. */
export interface Band {
  next(): number;
}

/**
 * A second-order autoregressive process with its peak at `hz`; `damping` (0 to 1, near 1 is narrow) is the
 * radius of its poles. The drive is scaled so that the output has standard deviation 1.
 */
export function createBand(hz: number, damping: number, sampleHz: number, random: Random): Band {
  const angle = (2 * Math.PI * hz) / sampleHz;
  const a1 = 2 * damping * Math.cos(angle);
  const a2 = -damping * damping;
  const drive = Math.sqrt(((1 + a2) * ((1 - a2) ** 2 - a1 ** 2)) / (1 - a2));
  let last = random.normal(0, 1);
  let beforeLast = last * (a1 / (1 - a2));
  return {
    next() {
      const value = a1 * last + a2 * beforeLast + random.normal(0, drive);
      beforeLast = last;
      last = value;
      return value;
    },
  };
}

/**
 * Bands as measured on real gondolas: a slow sway and the mains' half in a quiet store, the structure's
 * own frequencies when people walk by. Grams of standard deviation on a plate of average stiffness.
 */
export const QUIET_BANDS = [
  { hz: 1.5, damping: 0.97, grams: 0.3 },
  { hz: 24, damping: 0.9, grams: 0.58 },
] as const;
export const BUSY_BANDS = [
  { hz: 7.8, damping: 0.97, grams: 0.9 },
  { hz: 12.7, damping: 0.97, grams: 1.5 },
  { hz: 17, damping: 0.96, grams: 1.1 },
] as const;
export const WHITE_GRAMS = 0.22;
