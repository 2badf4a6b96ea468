import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, type StockBench, shelfOf, testGtin } from '../../support/stock-bench.ts';

const ITEM = testGtin(1);
const MINUTE = 60_000;

function openStore(): StockBench {
  const bench = createStockBench(shelfOf([250]));
  bench.document({
    type: 'delivery',
    key: 'opening',
    lines: [{ gtin: ITEM, quantity: 100 }],
  });
  return bench;
}

const refill = (bench: StockBench, quantity: number, atMs = NOON, key = `refill/${atMs}`) =>
  bench.document({ type: 'refill', key, facing: 'F1', quantity }, atMs);

const places = (bench: StockBench) => Object.fromEntries(bench.state.ledger.balances.places(ITEM));

describe('a refill and the puts that the shelf sees', () => {
  it('moves the announced units at once and expects to see them', () => {
    const bench = openStore();
    refill(bench, 6);
    expect(places(bench)).toMatchObject({ backroom: 94, 'shelf:F1': 6 });
    const [event, ...rest] = shelfSees(bench, 'F1', 6, NOON + MINUTE);
    expect(event).toMatchObject({ units: 6, matched: 6 });
    expect(rest).toEqual([]);
  });

  it('moves nothing when the shelf has seen it all already', () => {
    const bench = openStore();
    shelfSees(bench, 'F1', 6);
    refill(bench, 6, NOON + MINUTE);
    expect(places(bench)).toMatchObject({ backroom: 94, 'shelf:F1': 6 });
  });

  it('gives back to the cart what it seemed to have put back', () => {
    const bench = openStore();
    refill(bench, 10);
    shelfSees(bench, 'F1', 6);
    shelfSees(bench, 'F1', 4);
    shelfSees(bench, 'F1', -2);
    shelfSees(bench, 'F1', 6, NOON + MINUTE);
    expect(places(bench)).toMatchObject({ 'shelf:F1': 14, backroom: 86 });
    refill(bench, 6, NOON + 2 * MINUTE);
    expect(places(bench)).toMatchObject({ 'shelf:F1': 14, cart: 2, backroom: 84 });
  });

  it.each([
    { after: 9, shelf: 6, why: 'still belongs to the scan' },
    { after: 11, shelf: 12, why: 'is new stock' },
  ])('a put $after minutes after the scan $why', ({ after, shelf }) => {
    const bench = openStore();
    refill(bench, 6);
    shelfSees(bench, 'F1', 6, NOON + after * MINUTE);
    expect(places(bench)['shelf:F1']).toBe(shelf);
  });

  it('does not match the same put with two refills', () => {
    const bench = openStore();
    shelfSees(bench, 'F1', 6);
    refill(bench, 6, NOON + 1, 'first');
    refill(bench, 6, NOON + 2, 'second');
    expect(places(bench)['shelf:F1']).toBe(12);
  });

  it.each([
    { noted: 3, why: 'is over once what came is noted', isFilling: false },
    { noted: 5, why: 'goes on while more is noted than came', isFilling: true },
  ])('$why', ({ noted, isFilling }) => {
    const bench = openStore();
    for (let put = 0; put < 3; put++) shelfSees(bench, 'F1', 1, NOON + put * 2_000);
    const doneMs = NOON + 8_000;
    expect(bench.state.ledger.refills.isFilling('F1', doneMs)).toBe(true);
    refill(bench, noted, doneMs);
    expect(bench.state.ledger.refills.isFilling('F1', doneMs)).toBe(isFilling);
  });

  it('expects nothing more once somebody has counted', () => {
    const bench = openStore();
    refill(bench, 6);
    const where = { place: 'shelf', facing: 'F1' } as const;
    bench.document({ type: 'count', key: 'c', gtin: ITEM, where, quantity: 4 }, NOON + 1);
    shelfSees(bench, 'F1', 2, NOON + 2);
    expect(places(bench)['shelf:F1']).toBe(6);
  });

  it('expects no puts on a facing without plates', () => {
    const bench = createStockBench([{ facing: 'F1', gtin: ITEM, unitWeightGrams: 250, plates: [] }]);
    refill(bench, 6);
    expect(bench.state.ledger.refills.openCredit('F1', NOON)).toBe(0);
    expect(places(bench)).toEqual({ backroom: -6, 'shelf:F1': 6 });
  });

  it('knows after a restart what it expected before', () => {
    const bench = openStore();
    refill(bench, 6);
    const next = createStockBench(shelfOf([250]), { saved: bench.saved() });
    shelfSees(next, 'F1', 6, NOON + MINUTE);
    expect(places(next)).toMatchObject({ backroom: 94, 'shelf:F1': 6 });
  });

  /** Puts of these sizes with the scan after the first `scanAfter` of them, some units being in carts before. */
  const outcome = (puts: readonly number[], announced: number, inCart: number, scanAfter: number) => {
    const bench = openStore();
    if (inCart > 0) {
      refill(bench, 6);
      shelfSees(bench, 'F1', 6);
      shelfSees(bench, 'F1', -inCart);
    }
    for (const [index, units] of [...puts, 0].entries()) {
      if (index === scanAfter) refill(bench, announced, NOON + MINUTE);
      if (units > 0) shelfSees(bench, 'F1', units, NOON + MINUTE + index);
    }
    return places(bench);
  };

  test.prop(
    [
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 0, max: 36 }),
      fc.nat(),
    ],
    { seed: 4, numRuns: 150 },
  )('end the same, whenever the scan comes', (puts, inCart, announced, position) => {
    const quantity = announced + 1;
    const scanFirst = outcome(puts, quantity, inCart, 0);
    expect(outcome(puts, quantity, inCart, position % (puts.length + 1))).toEqual(scanFirst);
  });
});
