import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { countOn } from '../../simulators/world/goods.ts';
import type { World } from '../../simulators/world/world.ts';
import type { Facing } from '../../src/config/site.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { createTrouble, HOUR_MS, RESTART_EVERY_MS, SILENT, STUCK } from './endurance-trouble.ts';
import { type EnduranceResult, endurancePage } from './report/endurance-page.ts';
import { createStoreRun, loadDemo } from './store-run.ts';
import { createStoredBooks, type StoredBooks } from './stored-books.ts';

/**
 * B7: two shelves of the demo store for 72 simulated hours, through the gateway's step and its database. The process
 * ends every 2 hours and knows afterwards what the database says; what the shelves send in the 20 s meanwhile is
 * lost. Batches are lost, repeated and overtaken, documents come again, cells drift with temperature, clocks are
 * set, one plate is stuck and another sends nothing for some hours. Nobody counts anything after the first minute.
 *
 * Usage: npx node bench/stock/endurance.ts [hours] [seed] [folder for the results]
 */
const [hours = 72, seed = 1000] = process.argv.slice(2, 4).map(Number);
const folder = process.argv[4];
const START_MS = Date.UTC(2026, 0, 5, 6);
const SHELVES = ['shelf-a1', 'shelf-b2'] as const;
const LOOK_EVERY_MS = 60_000;
const PARTS = 6;
const CLOSING_MS = 10 * 60_000;

/** How far the book of each facing is from what stands there, while no hand is inside. */
function createDrift(world: World, books: StoredBooks) {
  const places = [...world.goods.facings.values()];
  const isHurt = ({ plates }: Facing) =>
    plates.some(
      ({ device, plate }) =>
        (device === SHELVES[0] && plate === STUCK.plate) || (device === SHELVES[1] && plate === SILENT.plate),
    );
  const healthy = places.filter(({ facing }) => !isHurt(facing));
  const errors = (onlyFree: boolean) => {
    const book = new Map(books.queries.facings().map(({ facing, quantity }) => [facing, quantity]));
    return healthy
      .filter(place => !onlyFree || world.desk.isFree(place))
      .map(place => (book.get(place.facing.id) ?? 0) - countOn(place));
  };
  const wrongOf = (facings: typeof places) => {
    const book = new Map(books.queries.facings().map(({ facing, quantity }) => [facing, quantity]));
    return facings
      .map(place => ({
        facing: place.facing.id,
        counted: book.get(place.facing.id) ?? 0,
        truth: countOn(place),
      }))
      .filter(({ counted, truth }) => counted !== truth);
  };
  return {
    healthy: healthy.length,
    facings: places.length,
    errors,
    wrongHealthy: () => wrongOf(healthy),
    wrongHurt: () => wrongOf(places.filter(place => !healthy.includes(place))),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function run(): EnduranceResult {
  const site = loadDemo();
  const trouble = createTrouble({ seed, startMs: START_MS, hours, shelves: SHELVES });
  let facts = 0;
  const books = createStoredBooks(site, START_MS, entries => {
    facts += entries.length;
  });
  let repeated = 0;
  const feed = (reading: Reading) => {
    books.feed(reading);
    if (!trouble.comesAgain(reading)) return;
    repeated++;
    books.feed(reading);
  };
  const devices = new Set<string>(SHELVES);
  const options = { seed, busy: 1, startMs: START_MS, devices, carry: trouble.carry };
  const { world, tick, nowMs } = createStoreRun(site, { feed }, options);
  books.settle();
  world.open();
  const drift = createDrift(world, books);
  const endsMs = START_MS + hours * HOUR_MS;
  const parts = Array.from({ length: PARTS }, () => ({ looks: 0, exact: 0, error: 0, furthest: 0 }));
  let restarts = 0;
  let broken = 0;
  while (nowMs() < endsMs) {
    tick();
    if (nowMs() % 1000 === 0) books.settle();
    if (nowMs() % LOOK_EVERY_MS === 0) {
      const part =
        parts[Math.min(PARTS - 1, Math.floor((PARTS * (nowMs() - START_MS)) / (hours * HOUR_MS)))]!;
      const errors = drift.errors(true);
      part.looks += errors.length;
      part.exact += errors.filter(error => error === 0).length;
      part.error += sum(errors.map(Math.abs));
      part.furthest = Math.max(part.furthest, Math.abs(sum(errors)));
    }
    if ((nowMs() - START_MS) % RESTART_EVERY_MS === 0) {
      if (books.unbalancedUnits() !== 0 || !books.isReplayed()) broken++;
      books.restart();
      restarts++;
    }
    if (endsMs - nowMs() <= CLOSING_MS) world.pause(true);
  }
  books.settle();
  const result = {
    hours,
    seed,
    restarts,
    broken,
    repeated,
    facts,
    isReplayed: books.isReplayed(),
    ledgerSum: books.unbalancedUnits(),
    facings: drift.facings,
    healthy: drift.healthy,
    parts,
    totalErrorAtEnd: sum(drift.errors(false)),
    wrongHealthy: drift.wrongHealthy(),
    wrongHurt: drift.wrongHurt(),
    sold: sum([...world.goods.sold.values()]),
  };
  books.close();
  return result;
}

const result = run();
if (folder !== undefined) writeFileSync(join(folder, 'stock-endurance.md'), endurancePage(result));
const looks = sum(result.parts.map(part => part.looks));
console.log(
  JSON.stringify({
    bench: 'stock-endurance',
    ...result,
    exact: sum(result.parts.map(part => part.exact)) / looks,
    mae: sum(result.parts.map(part => part.error)) / looks,
  }),
);
