import { describe, expect, it } from 'vitest';
import type { FacingConfig, WeighedFacing } from '../../../src/domain/stock/planogram.ts';
import { type Sharer, splitUnits } from '../../../src/domain/stock/shared-plate.ts';
import { catalogueUnit } from '../../../src/domain/stock/unit-weight.ts';
import { createShelfSignal, type Step } from '../../support/shelf-signal.ts';
import { createStockBench, NOON, testGtin } from '../../support/stock-bench.ts';

/** Facings that all stand on plate 1 of one shelf, by unit weight. */
const sharing = (weights: readonly number[]): readonly FacingConfig[] =>
  weights.map((unitWeightGrams, index) => ({
    facing: `F${index + 1}`,
    gtin: testGtin(index + 1),
    unitWeightGrams,
    plates: [{ device: 'shelf-1', plate: 1 }],
  }));

function sharersOf(weights: readonly number[], popularity: readonly number[] = []): readonly Sharer[] {
  return sharing(weights).map((facing, k) => ({
    facing: facing as WeighedFacing,
    unit: catalogueUnit(weights[k]!),
    popularity: popularity[k] ?? 1,
    expected: { believed: 10, inCart: 0, filling: false, mayLean: false, afterGap: false },
  }));
}

const split = (grams: number, sharers: readonly Sharer[]) =>
  splitUnits(grams, 2, sharers, { mayLean: false, strangers: 0 });
const counts = (grams: number, weights: readonly number[]) =>
  split(grams, sharersOf(weights))?.map(({ facing, units }) => `${facing.facing} ${units}`) ?? null;

describe('a change on plates of several items', () => {
  it.each([
    [-250, ['F1 -1']],
    [-400, ['F2 -1']],
    [-650, ['F1 -1', 'F2 -1']],
    [-900, ['F1 -2', 'F2 -1']],
    [400, ['F2 1']],
    [0.5, []],
    [-90, null],
  ])('of %i g is the vector that fits: 250 g and 400 g units', (grams, expected) => {
    expect(counts(grams, [250, 400])).toEqual(expected);
  });

  it('tells twins by what sells, and says what else it may have been', () => {
    const [part] = split(-250, sharersOf([250, 251], [9, 1]))!;
    expect(part).toMatchObject({ facing: { facing: 'F1' }, units: -1 });
    expect(part!.confidence).toBeGreaterThan(0.8);
    expect(part!.rivals).toMatchObject([{ facing: 'F2', gtin: testGtin(2), units: -1 }]);
    expect(part!.confidence + part!.rivals[0]!.probability).toBeCloseTo(1, 1);
  });

  it('tells twins by what carts hold when one is put back', () => {
    const [first, second] = sharersOf([250, 251]);
    const held = { ...second!, expected: { ...second!.expected, inCart: 1 } };
    expect(split(250, [first!, held])).toMatchObject([{ facing: { facing: 'F2' }, units: 1 }]);
  });

  it('is sure where nothing else comes near', () => {
    const [part] = split(-250, sharersOf([250, 400, 90]))!;
    expect(part!.confidence).toBeGreaterThan(0.99);
    expect(part!.rivals).toEqual([]);
  });
});

describe('a plate that two items share', () => {
  function start(weights: readonly number[]) {
    const bench = createStockBench(sharing(weights));
    const signal = createShelfSignal({ plates: 1, seed: 9 });
    for (const [index] of weights.entries()) {
      const where = { place: 'shelf', facing: `F${index + 1}` } as const;
      const count = {
        type: 'count',
        key: `count/${index}`,
        gtin: testGtin(index + 1),
        where,
        quantity: 10,
      } as const;
      bench.document(count, NOON);
    }
    bench.feed(signal.run(2_000));
    const act = (step: Step) => {
      signal.step(step);
      return bench.feed(signal.run(3_000));
    };
    return { bench, act };
  }

  it('counts each item by its own weight', () => {
    const { bench, act } = start([250, 400]);
    act({ plate: 1, grams: -250, pushGrams: 60 });
    act({ plate: 1, grams: -400, pushGrams: 60 });
    act({ plate: 1, grams: -650, pushGrams: 60 });
    expect(bench.events()).toEqual(['F1 -1', 'F2 -1', 'F1 -1', 'F2 -1']);
    expect(bench.quantity(testGtin(1), 'shelf:F1')).toBe(8);
    expect(bench.quantity(testGtin(2), 'shelf:F2')).toBe(8);
  });

  it('keeps the total of twins right and puts the doubt on record', () => {
    const { bench, act } = start([250, 251]);
    for (let i = 0; i < 4; i++) act({ plate: 1, grams: -250, pushGrams: 60 });
    const left = bench.quantity(testGtin(1), 'shelf:F1') + bench.quantity(testGtin(2), 'shelf:F2');
    expect(left).toBe(16);
    for (const fact of bench.facts) {
      if (fact.type !== 'shelf_event') continue;
      expect(fact.confidence).toBeLessThan(0.7);
      expect(fact.rivals).toHaveLength(1);
    }
  });

  it('takes an arm back that seemed to bring one of them', () => {
    const { bench, act } = start([250, 251]);
    act({ plate: 1, grams: 262 });
    act({ plate: 1, grams: -262 });
    expect(bench.facts.at(-1)).toMatchObject({ cause: 'reverted' });
    expect(bench.quantity(testGtin(1), 'shelf:F1') + bench.quantity(testGtin(2), 'shelf:F2')).toBe(20);
  });
});
