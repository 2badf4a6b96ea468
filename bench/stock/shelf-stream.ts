import { feltGrams, overMs } from '../../simulators/world/hand-motion.ts';
import { createRandom } from '../../simulators/world/random.ts';
import { QUANTUM_GRAMS } from '../../simulators/world/shelf-physics.ts';
import type { WeighedFacing } from '../../src/domain/stock/planogram.ts';
import type { WeightReading } from '../../src/readings/reading.ts';
import { createShelfNoise, type NoiseProfile } from './shelf-noise.ts';
import { planShelf } from './shelf-plan.ts';
import {
  leanGrams,
  type ScriptOptions,
  type ShelfScript,
  USUAL_SCRIPT,
  writeScript,
} from './shelf-script.ts';

export const PLATES = 12;
export const BATCH_MS = 100;
export const STREAM_START_MS = Date.UTC(2026, 0, 5, 9);
export const SHELF = 'shelf';

/** Creep of a C3 cell: this share of a load change comes later, with this time constant (weight-shelf.md 6). */
const CREEP_SHARE = 3e-4;
const CREEP_S = 600;

export interface StreamOptions {
  readonly profile: NoiseProfile;
  readonly script?: Partial<ScriptOptions>;
  /** Samples per second that the shelf sends. */
  readonly hz?: number;
  /** The converter averages over this many of its own samples before it sends one. */
  readonly average?: number;
  /** Facings of the shelf with one plate each; null or absent for the real mixture. */
  readonly facings?: number | null;
  /** Share of a load that the next plate feels is drawn between these. */
  readonly crossTalk?: readonly [number, number];
}

/** One simulated shelf: its planogram, what really happens to it, and its samples. */
export interface ShelfStream {
  readonly facings: readonly WeighedFacing[];
  readonly script: ShelfScript;
  /** The batches of 100 ms from the start to the end, in order. Each can be walked once. */
  batches(): Iterable<WeightReading>;
}

/** Shelf `number` of the store with this seed. The same arguments give the same samples. */
export function createShelfStream(seed: number, number: number, options: StreamOptions): ShelfStream {
  const random = createRandom(seed).fork(`shelf ${number}`);
  const facings = planShelf(SHELF, PLATES, random.fork('planogram'), options.facings);
  const settings = { ...USUAL_SCRIPT, ...options.script };
  const script = writeScript(facings, settings, random.fork('hands'));
  return {
    facings,
    script,
    batches: () => sample(script, settings.minutes, options, random.fork('samples')),
  };
}

function* sample(
  script: ShelfScript,
  minutes: number,
  { profile, hz = 60, average = 1, crossTalk = [0.004, 0.014] }: StreamOptions,
  random: ReturnType<typeof createRandom>,
): Generator<WeightReading> {
  const innerHz = hz * average;
  const perBatch = Math.round((innerHz * BATCH_MS) / 1000);
  const noise = createShelfNoise(PLATES, innerHz, profile, random.fork('noise'));
  const offsets = Array.from({ length: PLATES }, () => random.uniform(-5000, 5000));
  const talk = Array.from({ length: PLATES }, () => [
    random.uniform(...crossTalk),
    random.uniform(...crossTalk),
  ]);
  const loads = createLoads(script, innerHz);
  const hum = Array.from({ length: PLATES }, () => new Float64Array(perBatch));
  for (let fromMs = 0; fromMs < minutes * 60_000; fromMs += BATCH_MS) {
    const forces = loads(fromMs, perBatch);
    noise.sample(hum, perBatch);
    const plates = forces.map((force, p) => {
      const [left, right] = talk[p]!;
      const grams = new Float64Array(perBatch / average);
      for (let k = 0; k < perBatch; k++) {
        const felt =
          force[k]! + left! * (forces[p - 1]?.[k] ?? 0) + right! * (forces[p + 1]?.[k] ?? 0) + hum[p]![k]!;
        grams[Math.floor(k / average)]! += (felt + offsets[p]!) / average;
      }
      for (let k = 0; k < grams.length; k++) grams[k] = Math.round(grams[k]! / QUANTUM_GRAMS) * QUANTUM_GRAMS;
      return { plate: p + 1, grams };
    });
    const eventTimeMs = STREAM_START_MS + fromMs;
    yield {
      kind: 'weights',
      device: SHELF,
      eventTimeMs,
      receivedTimeMs: eventTimeMs + BATCH_MS,
      hz,
      plates,
    };
  }
}

/** What rests and pushes on every plate, batch by batch. */
function createLoads({ startGrams, motions, leans }: ShelfScript, hz: number) {
  const waiting = motions.toSorted((a, b) => b.motion.pushAtMs - a.motion.pushAtMs);
  const active = startGrams.map(() => [] as (typeof motions)[number]['motion'][]);
  const settled = [...startGrams];
  const crept = startGrams.map(grams => grams * CREEP_SHARE);
  return (fromMs: number, samples: number): readonly Float64Array[] => {
    const untilMs = fromMs + BATCH_MS;
    for (let next = waiting.at(-1); next && next.motion.pushAtMs < untilMs; next = waiting.at(-1)) {
      waiting.pop();
      active[next.plate - 1]!.push(next.motion);
      settled[next.plate - 1]! += next.motion.stepGrams;
    }
    return settled.map((grams, p) => {
      crept[p]! += ((grams * CREEP_SHARE - crept[p]!) * BATCH_MS) / 1000 / CREEP_S;
      const force = new Float64Array(samples).fill(grams + crept[p]!);
      active[p] = active[p]!.filter(motion => overMs(motion) >= fromMs);
      for (const motion of active[p]) {
        for (let k = 0; k < samples; k++) force[k]! += feltGrams(motion, fromMs + (k * 1000) / hz);
      }
      for (const lean of leans) {
        if (lean.plate !== p + 1 || lean.fromMs >= untilMs || lean.untilMs <= fromMs) continue;
        for (let k = 0; k < samples; k++) force[k]! += leanGrams(lean, fromMs + (k * 1000) / hz);
      }
      return force;
    });
  };
}
