import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { StockFact } from '../../../src/domain/stock/facts.ts';
import { movement } from '../../../src/domain/stock/movement.ts';
import { availableToPromise } from '../../../src/domain/stock/stock.ts';
import type { Document } from '../../../src/readings/documents.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, type StockBench, shelfOf, testGtin } from '../../support/stock-bench.ts';

const FACINGS = [
  ...shelfOf([250, 500]),
  { facing: 'T1', gtin: testGtin(3), unitWeightGrams: null, plates: [] },
  { facing: 'T2', gtin: testGtin(3), unitWeightGrams: null, plates: [] },
];
const ITEMS = [1, 2, 3].map(testGtin);

const units = fc.integer({ min: 1, max: 6 });
const item = fc.constantFrom(...ITEMS);
const line = fc.record({ gtin: item, quantity: units });
const lines = fc.array(line, { minLength: 1, maxLength: 3 });
const facing = fc.constantFrom(...FACINGS.map(({ facing }) => facing));

/** Anything that can happen to a store, sensible or not. */
const happening = fc.oneof(
  fc.record({ type: fc.constant('delivery' as const), lines }),
  fc.record({ type: fc.constant('sale' as const), till: fc.constant('till-1'), lines }),
  fc.record({ type: fc.constant('refill' as const), facing, quantity: units }),
  fc.record({
    type: fc.constant('count' as const),
    gtin: item,
    quantity: fc.nat(12),
    where: fc.oneof(
      fc.constant({ place: 'backroom' as const }),
      fc.record({ place: fc.constant('shelf' as const), facing }),
    ),
  }),
  fc.record({
    type: fc.constant('reserve' as const),
    reservation: fc.constantFrom('a', 'b', 'c', 'd'),
    lines,
    expiresAtMs: fc.option(fc.integer({ min: NOON, max: NOON + 60_000 })),
  }),
  fc.record({ type: fc.constant('release' as const), reservation: fc.constantFrom('a', 'b', 'c', 'd') }),
  fc.record({
    type: fc.constant('shelf' as const),
    facing: fc.constantFrom('F1', 'F2'),
    units: fc.integer({ min: -6, max: 6 }),
  }),
  fc.record({ type: fc.constant('tick' as const) }),
);

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
const histories = fc.array(happening, { maxLength: 40 });

/** One happening every two seconds. Returns what it led to. */
function happen(bench: StockBench, what: Happening, index: number): readonly StockFact[] {
  const atMs = NOON + index * 2_000;
  if (what.type === 'shelf') return shelfSees(bench, what.facing, what.units, atMs);
  if (what.type === 'tick') return bench.tick(atMs);
  const result = bench.document({ ...what, key: `key/${index}` } as Document, atMs);
  return result.ok ? result.value : [];
}

const openStore = () => createStockBench(FACINGS, { safetyStock: 1 });

describe('the ledger', () => {
  test.prop([histories], { seed: 1, numRuns: 200 })(
    'keeps every item at a sum of zero over all places, whatever happens',
    history => {
      const bench = openStore();
      for (const [index, what] of history.entries()) happen(bench, what, index);
      for (const gtin of ITEMS) {
        const quantities = [...bench.state.ledger.balances.places(gtin).values()];
        expect(quantities.reduce((sum, quantity) => sum + quantity, 0)).toBe(0);
        expect(quantities.every(Number.isSafeInteger)).toBe(true);
      }
    },
  );

  test.prop([histories], { seed: 2, numRuns: 200 })(
    'never promises more than it has, nor has less than nothing to promise',
    history => {
      const bench = openStore();
      for (const [index, what] of history.entries()) {
        bench.tick(NOON + index * 2_000);
        const free = new Map(ITEMS.map(gtin => [gtin, availableToPromise(bench.state, gtin)]));
        expect(Math.min(...free.values())).toBeGreaterThanOrEqual(0);
        for (const fact of happen(bench, what, index)) {
          if (fact.type !== 'reservation' || !['pending', 'temporary'].includes(fact.state)) continue;
          for (const { gtin, quantity } of fact.lines) expect(quantity).toBeLessThanOrEqual(free.get(gtin)!);
        }
      }
    },
  );

  it.each([
    ['a quantity of zero', { quantity: 0, from: 'cart', to: 'customer', cause: 'sale' }],
    ['a fraction', { quantity: 1.5, from: 'cart', to: 'customer', cause: 'sale' }],
    ['a way that no cause allows', { quantity: 1, from: 'customer', to: 'cart', cause: 'sale' }],
    ['a pick into the backroom', { quantity: 1, from: 'shelf:F1', to: 'backroom', cause: 'pick' }],
  ] as const)('takes %s for the bug that it is', (_, move) => {
    const evidence = { kind: 'document', key: 'k' } as const;
    expect(() => movement({ gtin: ITEMS[0]!, evidence, ...move })).toThrow();
  });
});
