import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { FacingConfig } from '../../../src/domain/stock/planogram.ts';
import { availableToPromise } from '../../../src/domain/stock/stock.ts';
import { explainGrams } from '../../../src/domain/stock/weighed-goods.ts';
import type { Document, Line } from '../../../src/readings/documents.ts';
import { createShelfSignal } from '../../support/shelf-signal.ts';
import { createStockBench, NOON, testGtin } from '../../support/stock-bench.ts';

const APPLES = testGtin(1);
const CRISPS = testGtin(2);
const FACINGS: readonly FacingConfig[] = [
  {
    facing: 'F1',
    gtin: APPLES,
    unitWeightGrams: 180,
    byWeight: true,
    plates: [{ device: 'shelf-1', plate: 1 }],
  },
  { facing: 'F2', gtin: CRISPS, unitWeightGrams: 120, plates: [{ device: 'shelf-1', plate: 2 }] },
];
const grams = (quantity: number): Line => ({ gtin: APPLES, quantity, unit: 'g' });
const sale = (key: string, ...lines: Line[]): Document => ({ type: 'sale', key, till: 'till-1', lines });

/** Five kilograms of apples on the shelf, on plates that have settled. */
function fruitShelf() {
  const bench = createStockBench(FACINGS, { safetyStock: 2 });
  const signal = createShelfSignal({ plates: 2, seed: 3 });
  bench.feed(signal.run(2_000));
  let shelfMs = bench.state.nowMs;
  const where = { place: 'shelf', facing: 'F1' } as const;
  bench.document({ type: 'count', key: 'c-1', gtin: APPLES, where, quantity: 5_000, unit: 'g' });
  const act = (change: number) => {
    signal.step({ plate: 1, grams: change });
    const facts = bench.feed(signal.run(9_000));
    shelfMs = bench.state.nowMs;
    return facts;
  };
  return { bench, act, shelfMs: () => shelfMs };
}

describe('an item that is sold by weight', () => {
  it('is counted in grams, which is what its plates tell', () => {
    const { bench, act } = fruitShelf();
    const [event, moved] = act(-734);
    expect(event).toMatchObject({ type: 'shelf_event', facing: 'F1', unit: 'g' });
    expect(moved).toMatchObject({ from: 'shelf:F1', to: 'cart', cause: 'pick', unit: 'g' });
    const left = bench.quantity(APPLES, 'shelf:F1');
    expect(Number.isSafeInteger(left)).toBe(true);
    expect(Math.abs(left - (5_000 - 734))).toBeLessThanOrEqual(3);
  });

  it('comes back from a cart as it went', () => {
    const { bench, act } = fruitShelf();
    act(-734);
    act(412);
    expect(Math.abs(bench.quantity(APPLES, 'cart') - 322)).toBeLessThanOrEqual(5);
  });

  it('is sold in grams; what the two scales differ by is written off without a word', () => {
    const { bench, act } = fruitShelf();
    act(-734);
    bench.document(sale('t-1', grams(744)), NOON + 60_000);
    bench.tick(NOON + 3 * 60 * 60_000);
    expect(bench.quantity(APPLES, 'cart')).toBe(0);
    expect(bench.quantity(APPLES, 'customer')).toBe(744);
    expect(bench.facts.filter(({ type }) => type === 'discrepancy')).toEqual([]);
  });

  it('keeps back the weight of as many pieces as other items keep back units', () => {
    const { bench } = fruitShelf();
    expect(availableToPromise(bench.state, APPLES)).toBe(5_000 - 2 * 180);
  });

  it('moves from the backroom in grams, whether the note or the plates come first', () => {
    for (const noteFirst of [true, false]) {
      const { bench, act, shelfMs } = fruitShelf();
      const note = () =>
        bench.document({ type: 'refill', key: 'r-1', facing: 'F1', quantity: 2_000, unit: 'g' }, shelfMs());
      bench.document({ type: 'delivery', key: 'd-1', lines: [grams(9_000)] }, shelfMs());
      if (noteFirst) note();
      act(2_000);
      if (!noteFirst) note();
      expect(Math.abs(bench.quantity(APPLES, 'shelf:F1') - 7_000)).toBeLessThanOrEqual(3);
      expect(Math.abs(bench.quantity(APPLES, 'backroom') - 7_000)).toBeLessThanOrEqual(3);
    }
  });

  it('says grams in every fact that counts, and other items say nothing', () => {
    const { bench, act } = fruitShelf();
    act(-500);
    bench.document(sale('t-1', grams(500), { gtin: CRISPS, quantity: 1 }));
    for (const fact of bench.facts) {
      if (fact.type !== 'movement' && fact.type !== 'count' && fact.type !== 'shelf_event') continue;
      expect(fact.unit).toBe(fact.gtin === APPLES ? 'g' : undefined);
    }
  });

  it('is undone by a void in grams', () => {
    const { bench } = fruitShelf();
    bench.document(sale('t-1', grams(500)));
    bench.document({ type: 'void', key: 'v-1', sale: 't-1' });
    expect(bench.quantity(APPLES, 'customer')).toBe(0);
    expect(bench.facts).toContainEqual(expect.objectContaining({ cause: 'void', lines: [grams(500)] }));
  });

  it.each<[string, Document, string]>([
    [
      'pieces of it',
      sale('t', { gtin: APPLES, quantity: 2 }),
      'line 1 names item 09521320000010, which is sold by weight; send grams instead of a quantity',
    ],
    [
      'grams of another item',
      sale('t', { gtin: CRISPS, quantity: 120, unit: 'g' }),
      `line 1 gives grams of item ${CRISPS}, which is sold by the piece; send a quantity, or write soldBy kg in items.csv`,
    ],
    [
      'a count in pieces',
      { type: 'count', key: 'c', gtin: APPLES, where: { place: 'backroom' }, quantity: 3 },
      `the count names item ${APPLES}, which is sold by weight; send grams instead of a quantity`,
    ],
    [
      'a lease of it',
      { type: 'grant_lease', key: 'l', lease: 'l', gtin: APPLES, quantity: 1, expiresAtMs: NOON + 1 },
      `item ${APPLES} is sold by weight, of which nothing is leased; reserve it instead`,
    ],
  ])('refuses %s and changes nothing', (_, document, message) => {
    const { bench } = fruitShelf();
    const before = bench.facts.length;
    const said = bench.document(document);
    expect(said).toMatchObject({ ok: false, error: { message: message.replace('09521320000010', APPLES) } });
    expect(bench.facts).toHaveLength(before);
  });
});

describe('a change of weight of what is sold by weight', () => {
  it.each([
    { deltaGrams: -734.4, variance: 2, units: -734 },
    { deltaGrams: 734.4, variance: 2, units: 734 },
    { deltaGrams: 3, variance: 4, units: 0 },
    { deltaGrams: -25, variance: 400, units: 0 },
  ])('of $deltaGrams g on plates with a variance of $variance is $units g', ({ units, ...change }) =>
    expect(explainGrams({ ...change, mayLean: false })).toMatchObject({ foreign: null, units }),
  );

  it('may be an arm while somebody leans on the shelf', () =>
    expect(explainGrams({ deltaGrams: 900, variance: 2, mayLean: true })).toBeNull());

  test.prop(
    [fc.double({ min: -5_000, max: 5_000, noNaN: true }), fc.double({ min: 0, max: 500, noNaN: true })],
    {
      seed: 5,
      numRuns: 200,
    },
  )('is a whole number with a probability of at least one half', (deltaGrams, variance) => {
    const { units, confidence } = explainGrams({ deltaGrams, variance, mayLean: false })!;
    expect(Number.isSafeInteger(units)).toBe(true);
    expect(confidence).toBeGreaterThanOrEqual(0.5);
    expect(confidence).toBeLessThanOrEqual(1);
  });
});
