import type { WeightReading } from '../../src/readings/reading.ts';

/** Numbers from 0 to below 1 that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal deviate by Box and Muller. */
export const normal = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

export interface Step {
  readonly plate: number;
  /** Of the settled weight; 0 for a touch. */
  readonly grams: number;
  /** A hand presses this hard for `pushMs` before the weight changes. */
  readonly pushGrams?: number;
  readonly pushMs?: number;
  readonly rampMs?: number;
}

export interface ShelfSignal {
  nowMs(): number;
  /** The weight of a plate begins to change now. */
  step(step: Step): void;
  /** Batches of 100 ms for the next stretch of time. */
  run(durationMs: number): readonly WeightReading[];
}

export interface SignalOptions {
  readonly device?: string;
  readonly plates: number;
  readonly seed: number;
  readonly hz?: number;
  /** Standard deviation of one sample: 0.7 g in a quiet store, 2 g in a busy one. */
  readonly noiseGrams?: number;
  readonly driftGramsPerS?: number;
  readonly startMs?: number;
}

const BATCH_MS = 100;
const CROSS_TALK = 0.01;
const QUANTUM_GRAMS = 0.241;
const RING_HZ = 10;
const RING_SHARE = 0.08;
const RING_TAU_MS = 150;

/** A shelf of load cells as weight-shelf research section 6 describes it, small enough to read. */
export function createShelfSignal(options: SignalOptions): ShelfSignal {
  const { device = 'shelf-1', plates, seed, hz = 80, noiseGrams = 0.7, driftGramsPerS = 0 } = options;
  const random = seededRandom(seed);
  const startMs = options.startMs ?? Date.UTC(2026, 0, 5, 8);
  const zeros = Array.from({ length: plates }, () => (random() - 0.5) * 10_000);
  const sways = Array.from({ length: plates }, () => createSway(random, noiseGrams));
  const steps: { readonly atMs: number; readonly step: Step }[] = [];
  let nowMs = startMs;

  const gramsAt = (plate: number, atMs: number) => {
    const index = plate - 1;
    let grams = zeros[index]! + (driftGramsPerS * (atMs - startMs)) / 1000 + sways[index]!(atMs / 1000);
    for (const { atMs: stepMs, step } of steps) {
      const distance = Math.abs(step.plate - plate);
      if (distance <= 1) grams += shapeOf(step, atMs - stepMs) * (distance === 0 ? 1 : CROSS_TALK);
    }
    return Math.round(grams / QUANTUM_GRAMS) * QUANTUM_GRAMS;
  };
  /** What has rung out becomes part of the zero, so that a long run stays fast. */
  const forget = () => {
    while (steps[0] && nowMs - steps[0].atMs > 10_000) {
      const { step } = steps.shift()!;
      zeros[step.plate - 1]! += step.grams;
      for (const beside of [step.plate - 2, step.plate]) {
        if (zeros[beside] !== undefined) zeros[beside] += step.grams * CROSS_TALK;
      }
    }
  };
  const batch = (): WeightReading => {
    const samples = Math.round((hz * BATCH_MS) / 1000);
    const atMs = nowMs;
    nowMs += BATCH_MS;
    forget();
    return {
      kind: 'weights',
      device,
      eventTimeMs: atMs,
      receivedTimeMs: atMs + BATCH_MS,
      hz,
      plates: Array.from({ length: plates }, (_, index) => ({
        plate: index + 1,
        grams: Array.from({ length: samples }, (_, i) => gramsAt(index + 1, atMs + (i * 1000) / hz)),
      })),
    };
  };
  return {
    nowMs: () => nowMs,
    step: step => void steps.push({ atMs: nowMs, step }),
    run: durationMs => Array.from({ length: Math.round(durationMs / BATCH_MS) }, batch),
  };
}

/** The change that a step has made `sinceMs` after it began. */
function shapeOf({ grams, pushGrams = 0, pushMs = 300, rampMs = 120 }: Step, sinceMs: number): number {
  if (sinceMs < 0) return 0;
  const push = pushGrams > 0 ? pushMs : 0;
  if (sinceMs < push) return pushGrams * Math.sin((Math.PI * sinceMs) / push);
  const rampedMs = sinceMs - push;
  if (rampedMs < rampMs) return (grams * rampedMs) / rampMs;
  const ringMs = rampedMs - rampMs;
  const ring = Math.exp(-ringMs / RING_TAU_MS) * Math.sin((2 * Math.PI * RING_HZ * ringMs) / 1000);
  return grams * (1 + RING_SHARE * ring);
}

/** Vibration of a building: two narrow bands and a little that is white. */
function createSway(random: () => number, sigmaGrams: number): (seconds: number) => number {
  const waves = [1.5, 12.7, 17.3].map(hertz => ({
    hertz: hertz * (0.9 + 0.2 * random()),
    phase: 2 * Math.PI * random(),
    share: hertz < 2 ? 0.35 : 0.8,
  }));
  return seconds => {
    let grams = 0.5 * normal(random);
    for (const { hertz, phase, share } of waves) {
      grams += share * Math.sin(2 * Math.PI * hertz * seconds + phase);
    }
    return sigmaGrams * grams;
  };
}
