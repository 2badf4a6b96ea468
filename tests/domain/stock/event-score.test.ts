import { describe, expect, it } from 'vitest';
import { createShelfSignal, seededRandom } from '../../support/shelf-signal.ts';
import { createStockBench, shelfOf } from '../../support/stock-bench.ts';

/** Median and spread of the unit weights of a real convenience store, 44 to 1572 g. */
const WEIGHTS = [44, 139, 250, 95, 562, 180, 1_100, 330];
const EVENTS_PER_SHELF = 60;

interface TrueEvent {
  readonly facing: string;
  readonly units: number;
  readonly beganMs: number;
}

/** A shopper's or a staff member's next action: mostly single picks, sometimes more, puts and mere touches. */
function nextUnits(random: () => number, taken: number): number {
  const choice = random();
  if (choice < 0.6) return -1;
  if (choice < 0.7) return -2 - Math.floor(random() * 2);
  if (choice < 0.86) return taken > 0 ? 1 : -1;
  return 0;
}

function runShelf(seed: number, noiseGrams: number) {
  const random = seededRandom(seed);
  const signal = createShelfSignal({ plates: WEIGHTS.length, seed, noiseGrams });
  const bench = createStockBench(shelfOf(WEIGHTS));
  const truth: TrueEvent[] = [];
  bench.feed(signal.run(3_000));
  for (let i = 0; i < EVENTS_PER_SHELF; i++) {
    const index = Math.floor(random() * WEIGHTS.length);
    const facing = `F${index + 1}`;
    const taken = -truth.reduce((sum, event) => (event.facing === facing ? sum + event.units : sum), 0);
    const units = nextUnits(random, taken);
    if (units !== 0) truth.push({ facing, units, beganMs: signal.nowMs() });
    signal.step({
      plate: index + 1,
      // Units of one lot differ by about one per cent.
      grams: units * WEIGHTS[index]! * (1 + 0.02 * (random() - 0.5)),
      pushGrams: random() < 0.7 ? 20 + 130 * random() : 0,
      pushMs: 100 + 500 * random(),
      rampMs: 50 + 200 * random(),
    });
    bench.feed(signal.run(1_500 + Math.floor(random() * 30) * 100));
  }
  return { truth, facts: bench.facts };
}

function score(noiseGrams: number, seeds: readonly number[]) {
  let hits = 0;
  let seen = 0;
  let real = 0;
  for (const seed of seeds) {
    const { truth, facts } = runShelf(seed, noiseGrams);
    const open = [...truth];
    real += truth.length;
    for (const fact of facts) {
      if (fact.type !== 'shelf_event' || fact.evidence.kind !== 'weights') continue;
      seen++;
      const { settledMs } = fact.evidence;
      const match = open.findIndex(
        ({ facing, units, beganMs }) =>
          facing === fact.facing &&
          units === fact.units &&
          settledMs >= beganMs &&
          settledMs <= beganMs + 3_500,
      );
      if (match < 0) continue;
      hits++;
      open.splice(match, 1);
    }
  }
  return { real, f1: (2 * hits) / (seen + real) };
}

describe('item and count of seeded events', () => {
  it.each([
    { store: 'a quiet store', noiseGrams: 0.7, seeds: [1, 2, 3, 4], least: 0.97 },
    { store: 'a busy store', noiseGrams: 2, seeds: [11, 12], least: 0.95 },
  ])('reach an F1 of $least in $store', ({ noiseGrams, seeds, least }) => {
    const { real, f1 } = score(noiseGrams, seeds);
    expect(real).toBeGreaterThan(80);
    expect(f1).toBeGreaterThanOrEqual(least);
  });
});
