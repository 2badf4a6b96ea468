import { type Block, closeBlock, createBlock } from './block.ts';
import type { PlateTrouble } from './facts.ts';
import { createHealth, type Health, isMute, watch } from './hygiene.ts';

/** Blocks whose mean is a settled level: 0.4 s (weight-shelf.md 5.4 measured 0.3 to 0.8 s; this is the fastest good one). */
const WINDOW_BLOCKS = 4;
/** A plate without usable samples for this many blocks (0.5 s) has to be compared anew when it returns. */
const LOST_AFTER_BLOCKS = 5;
/** Few hands are restless this long (0.8 s), so it may be the plate that has become noisier. */
const RESTLESS_BLOCKS = 8;

/** Between two windows, less than this is noise and no slope. */
const CREEP_SIGMAS = 1;
const CREEP_GRAMS = 1.2;

const SIGMA_START = 2;
const SIGMA_LEAST = 0.4;
const SIGMA_MOST = 20;
const SIGMA_GAIN = 0.03;
/** Standard deviation over mean absolute difference of neighbours, for normal noise. */
const SIGMA_PER_DIFFERENCE = 0.886;
/** Mean absolute first difference over mean absolute second difference, for white noise. */
const DIFFERENCE_PER_BEND = 0.577;
/** Faster than drift and creep, slower than the slowest pick (24 g in 30 s). */
const SLEW_GRAMS_PER_S = 0.03;

/** Drift since the last checkpoint that is worth a new one, and how long after the last. */
const CHECKPOINT_DRIFT_GRAMS = 0.5;
const CHECKPOINT_EVERY_MS = 30_000;

export type PlatePhase =
  | 'waiting' // no baseline yet: the first settled level becomes it
  | 'lost' // samples stopped; the baseline waits to be compared
  | 'idle' // at rest on its baseline
  | 'active'; // something touches it, or its new level is not understood yet

/**
 * One weight plate: block filter, noise estimate, baseline and state machine (weight-shelf.md 5.3, 5.4).
 * Plain numbers, changed in place, because 2,000 of these run at 60 samples a second.
 */
export interface Plate {
  readonly device: string;
  readonly number: number;
  readonly unitWeightGrams: number;
  readonly block: Block;
  readonly health: Health;
  phase: PlatePhase;
  /** The four block means before the window, oldest first. */
  a0: number;
  a1: number;
  a2: number;
  a3: number;
  /** The last four block means, oldest first: the window. */
  b0: number;
  b1: number;
  b2: number;
  b3: number;
  /** Good blocks in the window since samples began or came back. */
  filled: number;
  badBlocks: number;
  /** Mean of the window: the level of the last 0.4 s. */
  levelGrams: number;
  sigmaGrams: number;
  sigmaBlocks: number;
  /** Settled level that changes are measured against; NaN while waiting. */
  baselineGrams: number;
  /** When the present contact began, NaN when there is none. */
  onsetMs: number;
  activeBlocks: number;
  stable: boolean;
  /** Compares a level with a baseline from before a gap or a restart. */
  resumed: boolean;
  /** A level that nothing explains and that is being watched: since when, and where. NaN when there is none. */
  heldSinceMs: number;
  heldGrams: number;
  /** What it may read beside a neighbour's step that was booked while it was still restless. */
  echoGrams: number;
  /** What the temperature does to its zero, as far as learned (temperature.ts), and what that is learned from. */
  gramsPerKelvin: number;
  kelvinSquared: number;
  kelvinGrams: number;
  trackedGrams: number;
  extraSlewGramsPerS: number;
  /** Warming since samples stopped. */
  lostKelvin: number;
  checkpointDue: boolean;
  storedGrams: number;
  storedAtMs: number;
}

export interface PlateCheckpoint {
  readonly device: string;
  readonly plate: number;
  readonly baselineGrams: number;
  readonly atMs: number;
}

export function createPlate(
  device: string,
  number: number,
  unitWeightGrams: number,
  stored: PlateCheckpoint | null,
  trouble: PlateTrouble | null = null,
): Plate {
  return {
    device,
    number,
    unitWeightGrams,
    block: createBlock(),
    health: createHealth(trouble),
    phase: stored ? 'lost' : 'waiting',
    a0: 0,
    a1: 0,
    a2: 0,
    a3: 0,
    b0: 0,
    b1: 0,
    b2: 0,
    b3: 0,
    filled: 0,
    badBlocks: 0,
    levelGrams: Number.NaN,
    sigmaGrams: SIGMA_START,
    sigmaBlocks: 0,
    baselineGrams: stored?.baselineGrams ?? Number.NaN,
    onsetMs: Number.NaN,
    activeBlocks: 0,
    stable: false,
    resumed: false,
    heldSinceMs: Number.NaN,
    heldGrams: Number.NaN,
    echoGrams: 0,
    gramsPerKelvin: 0,
    kelvinSquared: 0,
    kelvinGrams: 0,
    trackedGrams: 0,
    extraSlewGramsPerS: 0,
    lostKelvin: 0,
    checkpointDue: false,
    storedGrams: stored?.baselineGrams ?? Number.NaN,
    storedAtMs: stored?.atMs ?? Number.NaN,
  };
}

/** Ends the block under way at `nowMs` (device time) and moves the state machine on. */
export function endBlock(plate: Plate, expectedSamples: number, nowMs: number, blockMs: number): void {
  watch(plate.health, plate.block, blockMs);
  const mean = closeBlock(plate.block, expectedSamples, plate.sigmaGrams);
  if (Number.isNaN(mean)) {
    if (++plate.badBlocks >= LOST_AFTER_BLOCKS) lose(plate);
    return;
  }
  plate.badBlocks = 0;
  if (isMute(plate.health)) {
    lose(plate);
    return;
  }
  const difference = plate.filled > 0 ? Math.abs(mean - plate.b3) : Number.NaN;
  shift(plate, mean);
  switch (plate.phase) {
    case 'waiting':
      learnNoise(plate, difference);
      if (isStable(plate)) settle(plate, nowMs);
      break;
    case 'lost':
      beginContact(plate, nowMs - blockMs);
      plate.resumed = true;
      break;
    case 'idle':
      if (isOnset(plate, mean)) beginContact(plate, nowMs - blockMs);
      else {
        learnNoise(plate, difference);
        track(plate, nowMs, blockMs);
      }
      break;
    case 'active':
      plate.activeBlocks++;
      if (plate.activeBlocks > RESTLESS_BLOCKS) learnNoise(plate, bendOf(plate));
      // The window must lie wholly after the first contact, whose block is part old level, part new.
      plate.stable = plate.activeBlocks >= WINDOW_BLOCKS && isStable(plate) && !isCreeping(plate);
      break;
  }
}

/** Samples stopped. What is there when they return is compared with the baseline, whatever happened meanwhile. */
export function lose(plate: Plate): void {
  plate.filled = 0;
  plate.stable = false;
  plate.heldSinceMs = Number.NaN;
  plate.heldGrams = Number.NaN;
  if (plate.phase !== 'waiting') plate.phase = 'lost';
}

/** Makes the present level the baseline. */
export function settle(plate: Plate, nowMs: number): void {
  plate.phase = 'idle';
  plate.baselineGrams = plate.levelGrams;
  plate.onsetMs = Number.NaN;
  plate.resumed = false;
  plate.heldSinceMs = Number.NaN;
  plate.heldGrams = Number.NaN;
  plate.echoGrams = 0;
  plate.lostKelvin = 0;
  plate.storedGrams = plate.levelGrams;
  plate.storedAtMs = nowMs;
  plate.checkpointDue = true;
}

/** Keeps the baseline and watches the present level, which nothing explains. */
export function hold(plate: Plate, nowMs: number): void {
  if (!Number.isNaN(plate.heldSinceMs)) return;
  plate.heldSinceMs = nowMs;
  plate.heldGrams = plate.levelGrams;
}

/** Held, and still where it was when it was first held. */
export function isHolding(plate: Plate): boolean {
  return (
    !Number.isNaN(plate.heldSinceMs) &&
    plate.stable &&
    Math.abs(plate.levelGrams - plate.heldGrams) <= slowOnsetGrams(plate)
  );
}

function shift(plate: Plate, mean: number): void {
  plate.a0 = plate.a1;
  plate.a1 = plate.a2;
  plate.a2 = plate.a3;
  plate.a3 = plate.b0;
  plate.b0 = plate.b1;
  plate.b1 = plate.b2;
  plate.b2 = plate.b3;
  plate.b3 = mean;
  if (plate.filled < WINDOW_BLOCKS) plate.filled++;
  if (plate.filled === WINDOW_BLOCKS) plate.levelGrams = (plate.b0 + plate.b1 + plate.b2 + plate.b3) / 4;
}

function isStable({ filled, sigmaGrams, b0, b1, b2, b3 }: Plate): boolean {
  if (filled < WINDOW_BLOCKS) return false;
  const trend = Math.abs(b2 + b3 - b0 - b1) / 2;
  const range = Math.max(b0, b1, b2, b3) - Math.min(b0, b1, b2, b3);
  return trend < Math.max(2.1 * sigmaGrams, 2.5) && range < Math.max(5 * sigmaGrams, 5);
}

/**
 * Whether the window is one stretch of a long smooth slope, as when somebody lifts a thing slowly: it looks stable
 * by itself, but together with the window before it a line fits better than any single step.
 */
function isCreeping(plate: Plate): boolean {
  const { a0, a1, a2, a3, b0, b1, b2, b3, levelGrams, sigmaGrams } = plate;
  const moved = levelGrams - (a0 + a1 + a2 + a3) / 4;
  if (Math.abs(moved) < Math.max(CREEP_SIGMAS * sigmaGrams, CREEP_GRAMS)) return false;
  const sum = a0 + a1 + a2 + a3 + b0 + b1 + b2 + b3;
  const tilt = 7 * (b3 - a0) + 5 * (b2 - a1) + 3 * (b1 - a2) + (b0 - a3);
  // Of the sum of squares, what a line and what the best step takes away.
  const byLine = tilt ** 2 / 168;
  let left = 0;
  let byStep = 0;
  let of = 0;
  for (const mean of [a0, a1, a2, a3, b0, b1, b2]) {
    left += mean;
    of++;
    byStep = Math.max(byStep, (left - (sum * of) / 8) ** 2 * (1 / of + 1 / (8 - of)));
  }
  return byLine > byStep;
}

/** What neighbours differ by, as `learnNoise` wants it, without what a slope adds: a hand may still be taking things. */
const bendOf = ({ b1, b2, b3 }: Plate) => Math.abs(b3 - 2 * b2 + b1) * DIFFERENCE_PER_BEND;

function isOnset(plate: Plate, mean: number): boolean {
  const { sigmaGrams, unitWeightGrams, baselineGrams, levelGrams } = plate;
  const sudden = Math.max(6 * sigmaGrams, 4, Math.min(0.3 * unitWeightGrams, 25));
  return (
    Math.abs(mean - baselineGrams) > sudden || Math.abs(levelGrams - baselineGrams) > slowOnsetGrams(plate)
  );
}

const slowOnsetGrams = ({ sigmaGrams, unitWeightGrams }: Plate) =>
  Math.max(4 * sigmaGrams, 3, Math.min(0.4 * unitWeightGrams, 12));

function beginContact(plate: Plate, onsetMs: number): void {
  plate.phase = 'active';
  plate.onsetMs = onsetMs;
  plate.activeBlocks = 0;
  plate.stable = false;
}

function learnNoise(plate: Plate, difference: number): void {
  if (Number.isNaN(difference)) return;
  plate.sigmaBlocks++;
  const gain = Math.max(SIGMA_GAIN, 1 / (plate.sigmaBlocks + 1));
  const sample = SIGMA_PER_DIFFERENCE * Math.min(difference, 15);
  const sigma = plate.sigmaGrams + gain * (sample - plate.sigmaGrams);
  plate.sigmaGrams = Math.min(SIGMA_MOST, Math.max(SIGMA_LEAST, sigma));
}

/** Follows drift and creep. */
function track(plate: Plate, nowMs: number, blockMs: number): void {
  const off = plate.levelGrams - plate.baselineGrams;
  const slew = ((SLEW_GRAMS_PER_S + plate.extraSlewGramsPerS) * blockMs) / 1000;
  let grams = Math.min(slew, Math.max(-slew, 0.05 * off));
  if (Math.abs(off) < Math.max(1.5 * plate.sigmaGrams, 1.2)) grams += 0.02 * off;
  plate.baselineGrams += grams;
  plate.trackedGrams += grams;
  const drifted = Math.abs(plate.baselineGrams - plate.storedGrams) > CHECKPOINT_DRIFT_GRAMS;
  if (drifted && nowMs - plate.storedAtMs >= CHECKPOINT_EVERY_MS) {
    plate.storedGrams = plate.baselineGrams;
    plate.storedAtMs = nowMs;
    plate.checkpointDue = true;
  }
}
