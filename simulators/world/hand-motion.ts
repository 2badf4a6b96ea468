import type { Random } from './random.ts';

/**
 * One reach into a facing as a plate feels it: a push (half-sine), a ramp in which weight comes or goes,
 * and the ring-down after it. Times are simulated milliseconds; figures from measurements on real shelves.
 */
export interface Motion {
  readonly pushAtMs: number;
  readonly pushMs: number;
  readonly pushGrams: number;
  /** The settled weight changes by this much during the ramp (0: only touched). */
  readonly stepGrams: number;
  readonly rampAtMs: number;
  readonly rampMs: number;
  readonly ringShare: number;
  readonly ringHz: number;
  readonly ringDecayMs: number;
}

/** When the hand has left: the weight only rings from here on. */
export const handGoneMs = (motion: Motion): number =>
  Math.max(motion.pushAtMs + motion.pushMs, motion.rampAtMs + motion.rampMs);

/** After this instant nothing is left of the motion but its step. */
export const overMs = (motion: Motion): number => handGoneMs(motion) + 6 * motion.ringDecayMs;

const SLOW = 0.03;

/** A reach that begins at `atMs`. Three in a hundred people take their things slowly (2 to 6 s). */
export function reach(atMs: number, stepGrams: number, random: Random): Motion {
  const pushMs = random.uniform(100, 600);
  const slow = stepGrams !== 0 && random.chance(SLOW);
  return {
    pushAtMs: atMs,
    pushMs,
    pushGrams: random.uniform(0, 150),
    stepGrams,
    rampAtMs: atMs + pushMs * random.uniform(0.5, 1),
    rampMs: slow ? random.uniform(2000, 6000) : random.uniform(50, 250),
    ringShare: random.uniform(0.03, 0.15) * (random.chance(0.5) ? 1 : -1),
    ringHz: random.uniform(8, 13),
    ringDecayMs: random.uniform(120, 370),
  };
}

/** The same reach on a plate that carries only a share of the step. */
export const shareOf = (motion: Motion, share: number, stepGrams: number): Motion => ({
  ...motion,
  pushGrams: motion.pushGrams * share,
  stepGrams,
});

/** What the plate feels at `atMs` beyond the settled weight that already includes the step, in grams. */
export function feltGrams(motion: Motion, atMs: number): number {
  let grams = 0;
  const sincePush = atMs - motion.pushAtMs;
  if (sincePush > 0 && sincePush < motion.pushMs)
    grams += motion.pushGrams * Math.sin((Math.PI * sincePush) / motion.pushMs);
  const sinceRamp = atMs - motion.rampAtMs;
  if (sinceRamp < motion.rampMs) {
    grams -= motion.stepGrams * (1 - Math.max(0, sinceRamp) / motion.rampMs);
  } else {
    const ringing = sinceRamp - motion.rampMs;
    const swing = Math.sin((2 * Math.PI * motion.ringHz * ringing) / 1000);
    grams += motion.stepGrams * motion.ringShare * swing * Math.exp(-ringing / motion.ringDecayMs);
  }
  return grams;
}
