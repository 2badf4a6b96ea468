import { createRandom } from '../../simulators/world/random.ts';
import type { Reading, WeightReading } from '../../src/readings/reading.ts';

export const HOUR_MS = 3_600_000;
export const RESTART_EVERY_MS = 2 * HOUR_MS;
/** What the shelves send meanwhile is lost. */
const RESTART_TAKES_MS = 20_000;
const LOST = 0.01;
const TWICE = 0.002;
const OVERTAKEN = 0.002;
const DOCUMENT_TWICE = 0.05;
const SWING_KELVIN = 4;
const DEFROST = { everyMs: 6 * HOUR_MS, lastsMs: HOUR_MS / 2, kelvin: 10 };
const GRAMS_PER_KELVIN = 0.3;
const MOST_PLATES = 16;

/** Shares of the whole time in which something is out of order. */
interface Span {
  readonly from: number;
  readonly until: number;
}

/** A plate of the first shelf repeats its last value; one of the second sends nothing. */
export const STUCK = { plate: 3, from: 0.25, until: 0.4 };
export const SILENT = { plate: 5, from: 0.5, until: 0.55 };
/** The first shelf's clock is set back and, later, right again; the second's runs ahead for a while. */
const CLOCKS: readonly (Span & { readonly shelf: 0 | 1; readonly aheadMs: number })[] = [
  { shelf: 0, from: 0.15, until: 0.6, aheadMs: -90_000 },
  { shelf: 1, from: 0.3, until: 0.7, aheadMs: 45_000 },
];

export interface TroubleOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly hours: number;
  readonly shelves: readonly [string, string];
}

/** What wires, cells and clocks do to what the store sends. The truth of when and what is in the batch that comes in. */
export function createTrouble({ seed, startMs, hours, shelves }: TroubleOptions) {
  const random = createRandom(seed).fork('trouble');
  const gramsPerKelvin = Array.from({ length: MOST_PLATES }, () =>
    random.uniform(-GRAMS_PER_KELVIN, GRAMS_PER_KELVIN),
  );
  const overtaken = new Map<string, WeightReading>();
  let heldGrams = Number.NaN;
  const isIn = ({ from, until }: Span, atMs: number) => {
    const share = (atMs - startMs) / (hours * HOUR_MS);
    return share >= from && share < until;
  };
  const spoil = (batch: WeightReading): WeightReading => {
    const atMs = batch.eventTimeMs;
    const shelf = shelves.indexOf(batch.device);
    const kelvin = kelvinAt(atMs - startMs, shelf === 1);
    const plates = batch.plates.map(({ plate, grams }) => {
      const drift = kelvin * gramsPerKelvin[plate]!;
      let felt = Array.from(grams, value => value + drift);
      if (shelf === 0 && plate === STUCK.plate) {
        if (!isIn(STUCK, atMs)) heldGrams = felt.at(-1)!;
        else felt = felt.map(() => heldGrams);
      }
      if (shelf === 1 && plate === SILENT.plate && isIn(SILENT, atMs)) felt = felt.map(() => Number.NaN);
      return { plate, grams: felt };
    });
    const clock = CLOCKS.find(each => each.shelf === shelf && isIn(each, atMs));
    return { ...batch, eventTimeMs: atMs + (clock?.aheadMs ?? 0), plates };
  };
  const carry = (batch: WeightReading): readonly WeightReading[] => {
    const sinceMs = batch.eventTimeMs - startMs;
    const spoiled = spoil(batch);
    if (sinceMs > HOUR_MS && sinceMs % RESTART_EVERY_MS < RESTART_TAKES_MS) return [];
    if (random.chance(LOST)) return [];
    const late = overtaken.get(batch.device);
    overtaken.delete(batch.device);
    if (!late && random.chance(OVERTAKEN)) {
      overtaken.set(batch.device, spoiled);
      return [];
    }
    if (late) return [spoiled, late];
    return random.chance(TWICE) ? [spoiled, spoiled] : [spoiled];
  };
  return {
    carry,
    /** Documents are never lost, because their senders wait for the acknowledgement; some come again. */
    comesAgain: (reading: Reading) => reading.kind === 'document' && random.chance(DOCUMENT_TWICE),
  };
}

/** The air swings once an hour; the second shelf stands in a case that is defrosted. */
function kelvinAt(sinceMs: number, isCase: boolean): number {
  const swing = SWING_KELVIN * Math.sin((2 * Math.PI * sinceMs) / HOUR_MS);
  const inDefrostMs = sinceMs % DEFROST.everyMs;
  if (!isCase || inDefrostMs > DEFROST.lastsMs) return swing;
  return swing + DEFROST.kelvin * Math.sin((Math.PI * inDefrostMs) / DEFROST.lastsMs);
}
