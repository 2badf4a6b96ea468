import { limits } from '../shared/limits.ts';

const FIRST_MS = 500;

/**
 * Full-jitter exponential back-off: anywhere from 0 to 0.5 s after the first failure, to 1 s after the second, and so on
 * up to 30 s, so that the stores of a chain do not all come back in the same second.
 */
export const backoffMs = (failures: number, random: () => number): number =>
  random() * Math.min(limits.uplinkBackoffMaxMs, FIRST_MS * 2 ** Math.min(failures - 1, 16));
