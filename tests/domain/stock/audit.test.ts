import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { culpritOf } from '../../../src/domain/stock/audit.ts';
import type { MovementFact, StockFact } from '../../../src/domain/stock/facts.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, type StockBench, shelfOf, testGtin } from '../../support/stock-bench.ts';

const [OWN, TWICE] = [testGtin(1), testGtin(2)];
/** Two units of the first weigh almost what one of the second does. */
const FACINGS = shelfOf([256, 518]);
const SECOND = 1_000;

const moves = (facts: readonly StockFact[]) =>
  facts
    .filter((fact): fact is MovementFact => fact.type === 'movement')
    .map(
      ({ cause, gtin, quantity, from, to }) =>
        `${cause} ${quantity} of ${gtin === OWN ? 1 : 2} ${from} > ${to}`,
    );

function openStore() {
  const bench = createStockBench(FACINGS);
  for (const [index, { facing, gtin }] of FACINGS.entries()) {
    const where = { place: 'shelf', facing } as const;
    bench.document({ type: 'count', key: `count/${index}`, gtin, where, quantity: 8 }, NOON);
    bench.document(
      { type: 'count', key: `back/${index}`, gtin, where: { place: 'backroom' }, quantity: 20 },
      NOON,
    );
  }
  const sell = (gtin: typeof OWN, quantity: number, atMs: number) =>
    bench.document({ type: 'sale', key: `sale/${atMs}`, till: 'till-1', lines: [{ gtin, quantity }] }, atMs);
  return {
    bench,
    sell,
    onShelf: (gtin: typeof OWN, facing: string) => bench.quantity(gtin, `shelf:${facing}`),
  };
}

/** Ticks each second, as the gateway does. */
function wait(bench: StockBench, fromMs: number, seconds: number): readonly StockFact[] {
  const facts: StockFact[] = [];
  for (let i = 1; i <= seconds; i++) facts.push(...bench.tick(fromMs + i * SECOND));
  return facts;
}

describe('what an audit corrects', () => {
  const booked = (settledMs: number, confidence: number, gtin = OWN): MovementFact => ({
    type: 'movement',
    gtin,
    from: 'shelf:F1',
    to: 'cart',
    quantity: 1,
    cause: 'pick',
    confidence,
    evidence: { kind: 'weights', device: 'shelf-1', plates: [1], deltaGrams: -256, onsetMs: 0, settledMs },
  });
  it.each([
    { which: 'the one doubtful movement', moves: [booked(1, 0.99), booked(2, 0.7), booked(3, 1)], at: 2 },
    { which: 'none of two that are as doubtful', moves: [booked(1, 0.8), booked(2, 0.8)], at: null },
    { which: 'none where all were sure', moves: [booked(1, 0.999)], at: null },
    { which: 'none of another item', moves: [booked(1, 0.5, TWICE)], at: null },
  ])('is $which', ({ moves: made, at }) => {
    const found = culpritOf(made, OWN);
    expect(found?.kind === 'weights' ? found.settledMs : null).toBe(at);
  });
});

describe('the audit of a facing', () => {
  it('leaves a book alone that the weights agree with', () => {
    const { bench } = openStore();
    shelfSees(bench, 'F1', -1, NOON + SECOND);
    shelfSees(bench, 'F1', 1, NOON + 9 * SECOND);
    expect(moves(wait(bench, NOON + 10 * SECOND, 60))).toEqual([]);
  });

  it('finds the pick that was hidden behind a put of the same moment', () => {
    const { bench, onShelf } = openStore();
    for (let i = 0; i < 3; i++) shelfSees(bench, 'F1', 1, NOON + i * 2 * SECOND);
    // Four were carried, but while one was put down somebody took one.
    const note = { type: 'refill', key: 'refill/1', facing: 'F1', quantity: 4 } as const;
    bench.document(note, NOON + 8 * SECOND);
    expect(onShelf(OWN, 'F1')).toBe(12);
    expect(moves(wait(bench, NOON + 8 * SECOND, 60))).toEqual(['audit 1 of 1 shelf:F1 > cart']);
    expect(onShelf(OWN, 'F1')).toBe(11);
  });

  it('waits while what a note announced may still be carried', () => {
    const { bench, onShelf } = openStore();
    bench.document({ type: 'refill', key: 'refill/1', facing: 'F1', quantity: 2 }, NOON);
    expect(moves(wait(bench, NOON, 20))).toEqual([]);
    shelfSees(bench, 'F1', 2, NOON + 21 * SECOND);
    expect(moves(wait(bench, NOON + 21 * SECOND, 60))).toEqual([]);
    expect(onShelf(OWN, 'F1')).toBe(10);
  });

  it('knows a misplaced unit from two of its own by what was taken a moment ago', () => {
    const { bench, onShelf } = openStore();
    shelfSees(bench, 'F1', -1, NOON - 30 * 60 * SECOND);
    shelfSees(bench, 'F1', -1, NOON - 29 * 60 * SECOND);
    shelfSees(bench, 'F2', -1, NOON);
    shelfSees(bench, 'F1', 2, NOON + 6 * SECOND, false, 516);
    wait(bench, NOON + 6 * SECOND, 30);
    expect([onShelf(OWN, 'F1'), onShelf(TWICE, 'F1')]).toEqual([6, 1]);
  });

  it('lets the receipts tell which it was', () => {
    const { bench, sell, onShelf } = openStore();
    shelfSees(bench, 'F1', -2, NOON);
    shelfSees(bench, 'F2', -1, NOON);
    shelfSees(bench, 'F1', 2, NOON + 6 * SECOND, false, 512);
    wait(bench, NOON + 6 * SECOND, 30);
    expect([onShelf(OWN, 'F1'), onShelf(TWICE, 'F1')]).toEqual([8, 0]);
    // Both are paid after all, and the other thing is not.
    sell(OWN, 2, NOON + 90 * SECOND);
    expect(moves(wait(bench, NOON + 90 * SECOND, 30)).toSorted()).toEqual([
      'audit 1 of 2 cart > shelf:F1',
      'audit 2 of 1 shelf:F1 > cart',
    ]);
    expect([onShelf(OWN, 'F1'), onShelf(TWICE, 'F1')]).toEqual([6, 1]);
    expect(bench.quantity(OWN, 'cart')).toBe(0);
  });

  it('corrects nothing twice, and nothing again after a restart', () => {
    const { bench } = openStore();
    shelfSees(bench, 'F1', 1, NOON);
    shelfSees(bench, 'F1', 1, NOON + 2 * SECOND);
    bench.document({ type: 'refill', key: 'refill/1', facing: 'F1', quantity: 3 }, NOON + 4 * SECOND);
    expect(moves(wait(bench, NOON + 4 * SECOND, 60))).toHaveLength(1);
    expect(moves(wait(bench, NOON + 64 * SECOND, 60))).toEqual([]);
    const restarted = createStockBench(FACINGS, { saved: bench.saved() });
    expect(moves(wait(restarted, NOON + 130 * SECOND, 60))).toEqual([]);
    expect(restarted.quantity(OWN, 'shelf:F1')).toBe(10);
  });

  it('leaves a facing alone that nobody has ever counted', () => {
    const bench = createStockBench(FACINGS);
    shelfSees(bench, 'F1', -1, NOON);
    expect(moves(wait(bench, NOON, 60))).toEqual([]);
  });

  const happening = fc.record({
    facing: fc.constantFrom('F1', 'F2'),
    grams: fc.double({ min: -900, max: 900, noNaN: true }),
  });
  test.prop([fc.array(happening, { maxLength: 20 })], { seed: 3, numRuns: 60 })(
    'keeps every unit whatever the plates say, and settles',
    history => {
      const { bench } = openStore();
      for (const [index, { facing, grams }] of history.entries())
        shelfSees(bench, facing, 1, NOON + index * 7 * SECOND, true, grams);
      const endsMs = NOON + history.length * 7 * SECOND;
      wait(bench, endsMs, 90);
      expect(moves(wait(bench, endsMs + 90 * SECOND, 5))).toEqual([]);
      for (const gtin of [OWN, TWICE]) {
        const places = [...bench.state.ledger.balances.places(gtin).values()];
        expect(places.reduce((sum, units) => sum + units, 0)).toBe(0);
      }
    },
  );
});
