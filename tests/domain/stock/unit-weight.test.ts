import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../simulators/world/random.ts';
import type { StockFact, UnitWeightFact } from '../../../src/domain/stock/facts.ts';
import { createPlanogram } from '../../../src/domain/stock/planogram.ts';
import { createUnitWeights, unitSigmaGrams } from '../../../src/domain/stock/unit-weight.ts';
import { createShelfSignal } from '../../support/shelf-signal.ts';
import { createStockBench, NOON, shelfOf, testGtin } from '../../support/stock-bench.ts';

const CATALOGUE = 250;
const facings = shelfOf([CATALOGUE]);
const planogram = createPlanogram({ facings, gtins: facings.map(({ gtin }) => gtin), safetyStock: 0 });
const item = testGtin(1);

const taken = (grams: number, confidence = 0.999, more: object = {}): StockFact => ({
  type: 'shelf_event',
  facing: 'F1',
  gtin: item,
  units: -1,
  matched: 0,
  confidence,
  evidence: { kind: 'weights', device: 'shelf-1', plates: [1], deltaGrams: -grams, onsetMs: 0, settledMs: 1 },
  ...more,
});

/** Plays facts through as the log would, with what is told about them; gives what was told. */
function learn(facts: readonly StockFact[], weights = createUnitWeights(planogram)) {
  const told: UnitWeightFact[] = [];
  for (const fact of facts) {
    const words = weights.tell([fact]);
    for (const each of [fact, ...words]) weights.fold(each);
    told.push(...words);
  }
  return { weights, told };
}

/** `count` units of about `mean` grams, that vary by 1 %. */
const units = (count: number, mean: number, seed = 1) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.normal(mean, 0.01 * mean));
};

describe('the weight of a unit', () => {
  it('is the catalogue’s, with the spread that the law allows, until units are seen', () => {
    const model = createUnitWeights(planogram).of(item, CATALOGUE);
    expect(model).toMatchObject({ meanGrams: 250, meanSigmaGrams: expect.closeTo(2.5) });
    expect(model.sigmaGrams).toBeCloseTo(9 / 2.05);
  });

  it('is learned where the catalogue is 3 % wrong, and so is the smaller spread', () => {
    const { weights } = learn(units(60, 242.5).map(grams => taken(grams)));
    const model = weights.of(item, CATALOGUE);
    expect(Math.abs(model.meanGrams - 242.5)).toBeLessThan(1.2);
    expect(model.sigmaGrams).toBeLessThan(0.8 * unitSigmaGrams(CATALOGUE));
    expect(model.meanSigmaGrams).toBeLessThan(0.6);
  });

  it('is told after ten units and less and less often', () => {
    const { told } = learn(units(330, 250).map(grams => taken(grams)));
    expect(told.map(({ change }) => change)).toEqual(Array(6).fill('learned'));
    expect(told[0]).toMatchObject({ gtin: item, catalogueGrams: 250 });
  });

  it.each([0.92, 1.1])('is told within five units when the pack changes to %d of its weight', share => {
    for (let seed = 1; seed <= 20; seed++) {
      const before = learn(units(40, 250, seed).map(grams => taken(grams)));
      const { told, weights } = learn(
        units(5, share * 250, seed + 100).map(grams => taken(grams, 0.9)),
        before.weights,
      );
      expect(told.map(({ change }) => change)).toEqual(['pack_change']);
      expect(Math.abs(weights.of(item, CATALOGUE).meanGrams - share * 250)).toBeLessThan(5);
    }
  });

  it('stays what it is while the pack does: no word of a change in thousands of units', () => {
    const { told } = learn(units(3_000, 251).map(grams => taken(grams)));
    expect(told.filter(({ change }) => change === 'pack_change')).toEqual([]);
  });

  it.each([
    ['what is not sure', taken(240, 0.9)],
    ['two at once', taken(480, 0.999, { units: -2 })],
    ['an item that does not belong there', taken(240, 0.999, { gtin: testGtin(2) })],
    ['a weight that is far from the catalogue', taken(180)],
  ])('is not learned from %s', (_, fact) => {
    const { weights } = learn(Array(3).fill(fact));
    expect(weights.of(item, CATALOGUE).meanGrams).toBe(250);
  });

  it('is learned from a scanned refill as from many', () => {
    const { weights } = learn([taken(6 * 244, 0.999, { units: 6, matched: 6 })]);
    expect(weights.of(item, CATALOGUE).meanGrams).toBeLessThan(247);
  });

  it('cannot run away, whatever is seen', () => {
    const random = createRandom(3);
    const drifting = Array.from({ length: 2_000 }, (_, i) => taken(250 - random.uniform(0.4, 0.6) * (i / 2)));
    const { weights } = learn(drifting);
    expect(weights.of(item, CATALOGUE).meanGrams).toBeGreaterThan(0.74 * CATALOGUE);
  });

  it('is forgotten when somebody corrects the catalogue', () => {
    const { weights } = learn(units(60, 242.5).map(grams => taken(grams)));
    expect(weights.of(item, 243)).toMatchObject({ meanGrams: 243, meanSigmaGrams: expect.closeTo(2.43) });
  });

  it('survives a restart from the last word on it alone', () => {
    const { weights, told } = learn(units(40, 242.5).map(grams => taken(grams)));
    const again = createUnitWeights(planogram);
    again.fold(told.at(-1)!);
    expect(again.of(item, CATALOGUE).meanGrams).toBeCloseTo(weights.of(item, CATALOGUE).meanGrams, 2);
    expect(again.tell([taken(242)])).toEqual([]);
  });
});

describe('a shelf whose items got a new pack', () => {
  it('counts every pick right, before and after it has noticed', () => {
    const bench = createStockBench(shelfOf([620, CATALOGUE]));
    const signal = createShelfSignal({ plates: 2, seed: 5 });
    bench.feed(signal.run(2_000));
    const lighter = [...units(12, 250), ...units(12, 0.92 * 250, 2)];
    bench.document(
      {
        type: 'count',
        key: 'count/1',
        gtin: testGtin(2),
        where: { place: 'shelf', facing: 'F2' },
        quantity: 30,
      },
      NOON,
    );
    for (const grams of lighter) {
      signal.step({ plate: 2, grams: -grams, pushGrams: 50 });
      bench.feed(signal.run(3_000));
    }
    expect(bench.events()).toEqual(Array(24).fill('F2 -1'));
    const changes = bench.facts.filter(fact => fact.type === 'unit_weight');
    expect(changes.map(({ change }) => change)).toContain('pack_change');
    expect(bench.state.ledger.unitWeights.of(testGtin(2), 250).meanGrams).toBeLessThan(236);
  });
});
