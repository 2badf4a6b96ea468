import type { Block } from './block.ts';
import type { PlateTrouble } from './facts.ts';

/** A channel that shows nothing for this long is in trouble; one that is well for this long is over it. */
const RAISE_AFTER_MS = 10_000;
const CLEAR_AFTER_MS = 5_000;
/** A transmitter that filters to a gram may repeat itself for hours; one with finer steps never does. */
const FINE_STEP_GRAMS = 0.5;
const SILENT_DAY_MS = 24 * 3_600_000;
/** Goods weigh more than nothing. An empty plate that has drifted does not read as little as this. */
const UNTARED_GRAMS = -50;
const TARED_AGAIN_GRAMS = -25;
const UNTARED_AFTER_MS = 30_000;

/** What is known of the health of one channel (weight-shelf.md 5.2). Changed in place. */
export interface Health {
  /** NaN before the first sample and after samples that differ. */
  constantGrams: number;
  constantMs: number;
  variedMs: number;
  silentMs: number;
  railMs: number;
  belowMs: number;
  /** The smallest difference ever seen between two samples: an upper bound of the converter's step. */
  stepGrams: number;
  trouble: PlateTrouble | null;
}

export const createHealth = (trouble: PlateTrouble | null): Health => ({
  constantGrams: Number.NaN,
  constantMs: 0,
  variedMs: 0,
  silentMs: 0,
  railMs: 0,
  belowMs: 0,
  stepGrams: Number.POSITIVE_INFINITY,
  trouble,
});

/** Nothing may be counted from such a channel. A wrong zero does not matter to differences. */
export const isMute = ({ trouble }: Health): boolean => trouble !== null && trouble !== 'untared';

/** Takes note of one block of `blockMs` before it is closed. */
export function watch(health: Health, block: Block, blockMs: number): void {
  const { samples, rails, highest, secondHighest, lowest, secondLowest } = block;
  health.railMs = rails > samples ? health.railMs + blockMs : 0;
  health.silentMs = samples === 0 ? health.silentMs + blockMs : 0;
  if (samples === 0) {
    health.variedMs = 0;
    return;
  }
  if (highest === lowest) {
    const same = highest === health.constantGrams;
    health.constantMs = same ? health.constantMs + blockMs : blockMs;
    if (!same) health.variedMs += blockMs;
    health.constantGrams = highest;
    if (health.constantMs > CLEAR_AFTER_MS) health.variedMs = 0;
    return;
  }
  health.constantGrams = Number.NaN;
  health.constantMs = 0;
  health.variedMs += blockMs;
  noteStep(health, highest - secondHighest);
  noteStep(health, secondLowest - lowest);
}

function noteStep(health: Health, grams: number): void {
  if (grams > 0 && grams < health.stepGrams) health.stepGrams = grams;
}

/** Takes note of the settled level of a channel over the last `elapsedMs`; NaN while there is none. */
export function watchLevel(health: Health, levelGrams: number, elapsedMs: number): void {
  if (levelGrams < UNTARED_GRAMS) health.belowMs += elapsedMs;
  else if (levelGrams > TARED_AGAIN_GRAMS) health.belowMs = 0;
}

/** What is wrong with a channel now. `shelfStepGrams` is the finest step that any channel of its shelf has shown. */
export function diagnose(health: Health, shelfStepGrams: number): PlateTrouble | null {
  const { railMs, silentMs, constantMs, variedMs, trouble } = health;
  if (railMs >= RAISE_AFTER_MS) return 'rail';
  if (silentMs >= RAISE_AFTER_MS) return 'dead';
  const patienceMs = shelfStepGrams <= FINE_STEP_GRAMS ? RAISE_AFTER_MS : SILENT_DAY_MS;
  if (constantMs >= patienceMs) {
    if (trouble === 'dead' || trouble === 'stuck') return trouble;
    return Number.isFinite(health.stepGrams) ? 'stuck' : 'dead';
  }
  if (isMute(health) && variedMs < CLEAR_AFTER_MS) return trouble;
  return health.belowMs >= UNTARED_AFTER_MS ? 'untared' : null;
}
