import type { Plate } from './plate.ts';

/** Metal follows the air with about this delay. */
const LAG_MS = 5 * 60_000;
/** A thermometer that was silent for longer than this starts anew. */
const SILENT_MS = 30 * 60_000;

/** Nothing is known of a cell's own coefficient, g/K; a poor one has two or three (weight-shelf.md 2.1). */
const MOST_GRAMS_PER_KELVIN = 3;
/** Zero until learned, give or take this. */
const PRIOR_SIGMA = 0.5;
/** What a zero wanders within one stretch by itself, grams. */
const STRETCH_SIGMA = 0.8;
const PRIOR_WEIGHT = (STRETCH_SIGMA / PRIOR_SIGMA) ** 2;
/** A stretch is learned from when it is so warm or so long. */
const STRETCH_KELVIN = 1;
const STRETCH_MS = 15 * 60_000;
/** Older stretches fade: seasons and loads change a cell. */
const FADING = 0.98;

/** While the temperature moves, zeros may follow by so much more than drift alone, and never faster than this. */
const POOR_GRAMS_PER_KELVIN = 2;
const MOST_SLEW_GRAMS_PER_S = 0.1;

/** The temperature of the metal of one shelf, from one thermometer in its air. Changed in place. */
export interface Warmth {
  /** NaN before the first value. */
  celsius: number;
  atMs: number;
  stretchKelvin: number;
  stretchMs: number;
}

export const createWarmth = (): Warmth => ({
  celsius: Number.NaN,
  atMs: Number.NaN,
  stretchKelvin: 0,
  stretchMs: 0,
});

/**
 * A thermometer of the shelf says `celsius`. Moves each plate's baseline by what its cell is known to do, and learns
 * that from what the baselines had to follow by themselves.
 */
export function feelTemperature(
  warmth: Warmth,
  plates: readonly Plate[],
  celsius: number,
  atMs: number,
): void {
  const elapsedMs = atMs - warmth.atMs;
  if (elapsedMs <= 0) return;
  if (Number.isNaN(warmth.celsius) || elapsedMs > SILENT_MS) {
    Object.assign(warmth, createWarmth(), { celsius, atMs });
    for (const plate of plates) plate.trackedGrams = 0;
    return;
  }
  const kelvin = (celsius - warmth.celsius) * (1 - Math.exp(-elapsedMs / LAG_MS));
  warmth.celsius += kelvin;
  warmth.atMs = atMs;
  const perSecond = (POOR_GRAMS_PER_KELVIN * Math.abs(kelvin) * 1000) / elapsedMs;
  for (const plate of plates) {
    const grams = plate.gramsPerKelvin * kelvin;
    plate.extraSlewGramsPerS = Math.min(MOST_SLEW_GRAMS_PER_S, perSecond);
    plate.baselineGrams += grams;
    plate.heldGrams += grams;
    plate.trackedGrams += grams;
    if (plate.phase === 'lost') plate.lostKelvin += kelvin;
  }
  warmth.stretchKelvin += kelvin;
  warmth.stretchMs += elapsedMs;
  if (Math.abs(warmth.stretchKelvin) < STRETCH_KELVIN && warmth.stretchMs < STRETCH_MS) return;
  for (const plate of plates) learn(plate, warmth.stretchKelvin);
  warmth.stretchKelvin = 0;
  warmth.stretchMs = 0;
}

/** Ridge regression of what the zero did on what the temperature did. */
function learn(plate: Plate, kelvin: number): void {
  plate.kelvinSquared = FADING * plate.kelvinSquared + kelvin ** 2;
  plate.kelvinGrams = FADING * plate.kelvinGrams + kelvin * plate.trackedGrams;
  const slope = plate.kelvinGrams / (plate.kelvinSquared + PRIOR_WEIGHT);
  plate.gramsPerKelvin = Math.max(-MOST_GRAMS_PER_KELVIN, Math.min(MOST_GRAMS_PER_KELVIN, slope));
  plate.trackedGrams = 0;
}

/** How far a zero may be off after `kelvin` of warming in which nobody looked, in square grams. */
export const warmingVariance = (kelvin: number): number => (PRIOR_SIGMA * kelvin) ** 2;
