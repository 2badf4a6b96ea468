import { describe, expect, it } from 'vitest';
import type { Evidence, MovementFact, StockFact } from '../../../src/domain/stock/facts.ts';
import { movement } from '../../../src/domain/stock/movement.ts';
import { apply } from '../../../src/domain/stock/stock.ts';
import { createStockBench, NOON, testGtin } from '../../support/stock-bench.ts';

const [LEMON, LIME] = [testGtin(1), testGtin(2)];
const MINUTE = 60_000;
/** Twins on one plate. */
const FACINGS = [LEMON, LIME].map((gtin, index) => ({
  facing: `F${index + 1}`,
  gtin,
  unitWeightGrams: 250,
  plates: [{ device: 'shelf-1', plate: 1 }],
}));

const moves = (facts: readonly StockFact[]) =>
  facts
    .filter((fact): fact is MovementFact => fact.type === 'movement')
    .map(
      ({ cause, gtin, quantity, from, to }) =>
        `${cause} ${quantity} ${gtin === LEMON ? 'lemon' : 'lime'} ${from} > ${to}`,
    );

/** A store with ten of each, of which `units` were taken that are booked as lemons and may be limes. */
function openStore(units: number) {
  const bench = createStockBench(FACINGS);
  for (const { facing, gtin } of FACINGS) {
    const where = { place: 'shelf', facing } as const;
    bench.document({ type: 'count', key: `count/${facing}`, gtin, where, quantity: 10 });
  }
  const evidence: Evidence = {
    kind: 'weights',
    device: 'shelf-1',
    plates: [1],
    deltaGrams: -250 * units,
    onsetMs: NOON,
    settledMs: NOON + 700,
  };
  const rivals = [{ facing: 'F2', gtin: LIME, units: -units, probability: 0.4 }];
  const event = { facing: 'F1', gtin: LEMON, units: -units, matched: 0, confidence: 0.6, rivals, evidence };
  const way = { from: 'shelf:F1', to: 'cart', cause: 'pick' } as const;
  const pick = movement({ ...way, gtin: LEMON, quantity: units, confidence: 0.6, evidence });
  for (const fact of [{ type: 'shelf_event', ...event } as const, pick]) apply(bench.state, fact, NOON);
  const sell = (gtin: typeof LEMON, quantity: number, key = 'sale/1') => {
    const sold = bench.document(
      { type: 'sale', key, till: 'till-1', lines: [{ gtin, quantity }] },
      NOON + 3 * MINUTE,
    );
    return sold.ok ? sold.value : [];
  };
  return { bench, sell, evidence };
}

describe('a pick that may have been of either of two items', () => {
  it('is of the one that is paid', () => {
    const { bench, sell, evidence } = openStore(2);
    const facts = sell(LIME, 2);
    expect(moves(facts)).toEqual([
      'resolved 2 lemon cart > shelf:F1',
      'resolved 2 lime shelf:F2 > cart',
      'sale 2 lime cart > customer',
    ]);
    for (const fact of facts)
      if (fact.type === 'movement' && fact.cause === 'resolved') {
        expect(fact.corrects).toEqual(evidence);
        expect(fact.confidence).toBeGreaterThan(0.9);
      }
    expect([bench.quantity(LEMON, 'shelf:F1'), bench.quantity(LIME, 'shelf:F2')]).toEqual([10, 8]);
  });

  it('stays what it was booked as when that is paid, and a second item is then a sale without a pick', () => {
    const { sell } = openStore(1);
    expect(moves(sell(LEMON, 1))).toEqual(['sale 1 lemon cart > customer']);
    expect(moves(sell(LIME, 1, 'sale/2'))).toEqual(['sale 1 lime cart > customer']);
  });

  it('is not half of one and half of the other', () => {
    const { sell } = openStore(2);
    expect(moves(sell(LIME, 1))).toEqual(['sale 1 lime cart > customer']);
  });

  it('is told once', () => {
    const { sell } = openStore(1);
    sell(LIME, 1);
    expect(moves(sell(LIME, 1, 'sale/2'))).toEqual(['sale 1 lime cart > customer']);
  });
});
