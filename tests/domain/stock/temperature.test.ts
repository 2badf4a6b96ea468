import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../simulators/world/random.ts';
import { createPlanogram } from '../../../src/domain/stock/planogram.ts';
import { createWeights } from '../../../src/domain/stock/weights.ts';
import { GOOD } from '../../../src/readings/quality.ts';
import { shelfOf } from '../../support/stock-bench.ts';

const START_MS = Date.UTC(2026, 0, 5);
const HOUR_MS = 3_600_000;
const SECOND_MS = 1_000;

interface World {
  readonly hours: number;
  /** What a cell does to its zero, by plate, g/K. */
  readonly gramsPerKelvin: readonly number[];
  readonly celsius: (hours: number) => number;
  /** Whether anybody tells the shelf of the temperature. */
  readonly thermometer: boolean;
  /** Load in grams, which creeps by 3e-4 with 600 s. */
  readonly load?: (hours: number) => number;
  /** No samples come between these hours. */
  readonly silent?: readonly [number, number];
}

/** Runs a shelf at 10 samples a second, one batch a second, and gives what it took for changes of weight. */
function watch({ hours, gramsPerKelvin, celsius, thermometer, load = () => 0, silent }: World) {
  const facings = shelfOf(gramsPerKelvin.map((_, i) => [60, 250, 620, 120][i % 4]!));
  const planogram = createPlanogram({
    facings,
    gtins: facings.map(({ gtin }) => gtin),
    safetyStock: 0,
    thermometers: new Map(thermometer ? [['shelf-1', 'fridge']] : []),
  });
  const weights = createWeights(planogram, []);
  const random = createRandom(11);
  // A table of noise, because drawing millions of it would take longer than what is tested.
  const noise = Float64Array.from({ length: 8_191 }, () => random.normal(0, 0.6));
  let drawn = 0;
  const changes: number[] = [];
  let metal = celsius(0);
  let crept = load(0) * 3e-4;
  for (let ms = 0; ms < hours * HOUR_MS; ms += SECOND_MS) {
    const hour = ms / HOUR_MS;
    metal += (celsius(hour) - metal) * (SECOND_MS / 300_000);
    crept += (load(hour) * 3e-4 - crept) * (SECOND_MS / 600_000);
    const atMs = START_MS + ms;
    if (ms % (30 * SECOND_MS) === 0) {
      const value = celsius(hour);
      const times = { eventTimeMs: atMs, receivedTimeMs: atMs };
      weights.warm({
        kind: 'point',
        device: 'fridge',
        point: 'air_temperature',
        value,
        quality: GOOD,
        ...times,
      });
    }
    if (silent && hour >= silent[0] && hour < silent[1]) continue;
    const plates = gramsPerKelvin.map((coefficient, i) => {
      const level = load(hour) + crept + coefficient * metal;
      return {
        plate: i + 1,
        grams: Float64Array.from({ length: 10 }, () => level + noise[drawn++ % noise.length]!),
      };
    });
    const batch = {
      kind: 'weights',
      device: 'shelf-1',
      hz: 10,
      plates,
      eventTimeMs: atMs,
      receivedTimeMs: atMs,
    } as const;
    weights.sense(
      batch,
      change => {
        changes.push(change.deltaGrams);
        return true;
      },
      () => {},
    );
  }
  return changes;
}

/** A case between 0 and 8 °C whose evaporator is defrosted four times a day. */
const fridge = (hours: number) =>
  4 + 1.5 * Math.sin(hours * 9) + (hours % 6 < 0.5 ? 6 * Math.sin(Math.PI * 2 * (hours % 6)) : 0);

describe('a shelf in a changing temperature', () => {
  it('sees nothing in a day of cooling and defrosting, with usual cells, without a thermometer', () => {
    const changes = watch({
      hours: 24,
      gramsPerKelvin: [0.3, -0.3],
      celsius: fridge,
      thermometer: false,
    });
    expect(changes).toEqual([]);
  });

  it('sees nothing either with poor cells, once it knows the temperature', () => {
    const changes = watch({ hours: 12, gramsPerKelvin: [2, -2], celsius: fridge, thermometer: true });
    expect(changes).toEqual([]);
  });

  it('knows what an hour of warming did while nobody looked', () => {
    const celsius = (hours: number) =>
      hours < 9 ? fridge(hours) : fridge(9) + Math.min(1, (hours - 9) * 1.2) * 8;
    const world = { hours: 11, gramsPerKelvin: [2, -2], celsius, silent: [9, 10.5] } as const;
    const [blind, told] = [watch({ ...world, thermometer: false }), watch({ ...world, thermometer: true })];
    expect(Math.max(...blind.map(Math.abs))).toBeGreaterThan(10);
    for (const grams of told) expect(Math.abs(grams)).toBeLessThan(3);
  });

  it('sees nothing but the restock when a heavy load creeps afterwards', () => {
    const load = (hours: number) => (hours < 0.1 ? 1_000 : 21_000);
    const changes = watch({ hours: 2, gramsPerKelvin: [0], celsius: () => 20, thermometer: false, load });
    expect(changes).toHaveLength(1);
    expect(changes[0]).toBeCloseTo(20_000, -1);
  });
});
