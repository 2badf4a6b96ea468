import { createRandom } from '../../simulators/world/random.ts';
import type { WeightReading } from '../../src/readings/reading.ts';
import { createBooks } from './books.ts';
import { createCountErrors, createEstimates } from './count-errors.ts';
import { createStoreRun, loadDemo } from './store-run.ts';

/**
 * B7: two shelves of the demo store for 72 simulated hours. The process restarts every 2 hours, and what comes
 * in the 20 s meanwhile is lost; so is 1 % of all batches, and 0.2 % come twice. Cells drift with a temperature
 * that swings once an hour. One plate is stuck and another sends nothing for some hours.
 *
 * Usage: npx node bench/stock/endurance.ts [hours] [seed]
 */
const [hours = 72, seed = 1000] = process.argv.slice(2).map(Number);
const START_MS = Date.UTC(2026, 0, 5, 6);
const HOUR_MS = 3_600_000;
const SHELVES = ['shelf-a1', 'shelf-b2'] as const;
const RESTART_EVERY_MS = 2 * HOUR_MS;
const RESTART_TAKES_MS = 20_000;
const LOST = 0.01;
const TWICE = 0.002;
const SWING_KELVIN = 4;
/** Shares of the whole time in which a plate of the first and of the second shelf is out of order. */
const STUCK = { plate: 3, from: 0.25, until: 0.4 };
const SILENT = { plate: 5, from: 0.5, until: 0.55 };
const CLOSING_MS = 10 * 60_000;

/** What the wires do to the batches. */
function createTrouble() {
  const random = createRandom(seed).fork('trouble');
  const gramsPerKelvin = Array.from({ length: 16 }, () => random.uniform(-0.3, 0.3));
  let heldGrams = Number.NaN;
  const share = (atMs: number) => (atMs - START_MS) / (hours * HOUR_MS);
  const isIn = ({ from, until }: typeof STUCK, atMs: number) => share(atMs) >= from && share(atMs) < until;
  return (batch: WeightReading): readonly WeightReading[] => {
    const atMs = batch.eventTimeMs;
    if ((atMs - START_MS) % RESTART_EVERY_MS < RESTART_TAKES_MS && atMs - START_MS > HOUR_MS) return [];
    if (random.chance(LOST)) return [];
    const kelvin = SWING_KELVIN * Math.sin((2 * Math.PI * (atMs - START_MS)) / HOUR_MS);
    const plates = batch.plates.map(({ plate, grams }) => {
      const drift = kelvin * gramsPerKelvin[plate]!;
      let felt = Array.from(grams, value => value + drift);
      if (batch.device === SHELVES[0] && plate === STUCK.plate) {
        if (!isIn(STUCK, atMs)) heldGrams = felt.at(-1)!;
        else felt = felt.map(() => heldGrams);
      }
      if (batch.device === SHELVES[1] && plate === SILENT.plate && isIn(SILENT, atMs))
        felt = felt.map(() => Number.NaN);
      return { plate, grams: felt };
    });
    const carried = { ...batch, plates };
    return random.chance(TWICE) ? [carried, carried] : [carried];
  };
}

function run() {
  const site = loadDemo();
  const estimates = createEstimates(site);
  const books = createBooks(site, estimates.note);
  const devices = new Set<string>(SHELVES);
  const { world, tick, nowMs } = createStoreRun(site, books, {
    seed,
    busy: 1,
    startMs: START_MS,
    devices,
    carry: createTrouble(),
  });
  world.open();
  const errors = createCountErrors(books, estimates, world);
  const endsMs = START_MS + hours * HOUR_MS;
  let restarts = 0;
  let unbalanced = 0;
  while (nowMs() < endsMs) {
    tick();
    if (nowMs() % 60_000 === 0) errors.look();
    if ((nowMs() - START_MS) % RESTART_EVERY_MS === 0) {
      if (books.sum() !== 0 || !books.isReplayed()) unbalanced++;
      books.restart();
      restarts++;
    }
    if (endsMs - nowMs() <= CLOSING_MS) world.pause(true);
  }
  const { facings, aisle, wrongAtClose } = errors.result();
  // A facing on a plate that was out of order cannot know what happened meanwhile.
  const isHurt = (id: string) =>
    site.facings
      .get(id)!
      .plates.some(
        ({ device, plate }) =>
          (device === SHELVES[0] && plate === STUCK.plate) ||
          (device === SHELVES[1] && plate === SILENT.plate),
      );
  const wrongHealthy = wrongAtClose.filter(({ facing }) => !isHurt(facing)).length;
  return {
    facings,
    restarts,
    unbalanced,
    isReplayed: books.isReplayed(),
    ledgerSum: books.sum(),
    ...aisle,
    wrongHealthy,
    wrongAtClose,
  };
}

console.log(JSON.stringify({ bench: 'stock-endurance', hours, seed, ...run() }));
