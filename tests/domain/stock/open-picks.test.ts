import { describe, expect, it } from 'vitest';
import type { MovementFact, StockFact } from '../../../src/domain/stock/facts.ts';
import { decideStale } from '../../../src/domain/stock/matching.ts';
import { unitsOf } from '../../../src/domain/stock/open-picks.ts';
import { decide } from '../../../src/domain/stock/stock.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, shelfOf, testGtin } from '../../support/stock-bench.ts';

const ITEM = testGtin(1);
const MINUTE = 60_000;

/** Ten units on the shelf. */
function openStore() {
  const bench = createStockBench(shelfOf([250, 500]));
  const where = { place: 'shelf', facing: 'F1' } as const;
  bench.document({ type: 'count', key: 'c', gtin: ITEM, where, quantity: 10 });
  const sell = (quantity: number, minute: number, key = `till/${minute}`) => {
    const lines = [{ gtin: ITEM, quantity }];
    return bench.document({ type: 'sale', key, till: 'till', lines }, NOON + minute * MINUTE);
  };
  const pick = (units: number, minute: number) => shelfSees(bench, 'F1', -units, NOON + minute * MINUTE);
  const tick = (minute: number) => movesOf(bench.tick(NOON + minute * MINUTE));
  return { bench, sell, pick, tick };
}

const movesOf = (facts: readonly StockFact[]) =>
  facts
    .filter((fact): fact is MovementFact => fact.type === 'movement')
    .map(({ quantity, from, to, cause }) => `${cause} ${quantity} ${from} > ${to}`);

describe('a pick that nobody pays', () => {
  it('is given up after three quarters of an hour, and not again', () => {
    const { pick, tick, bench } = openStore();
    pick(2, 0);
    expect(tick(44)).toEqual([]);
    expect(tick(46)).toEqual(['unpaid 2 cart > unaccounted']);
    expect(tick(47)).toEqual([]);
    expect(bench.quantity(ITEM, 'cart')).toBe(0);
  });

  it('does not drag along the one that came after it', () => {
    const { pick, tick } = openStore();
    pick(1, 0);
    pick(1, 30);
    expect(tick(46)).toEqual(['unpaid 1 cart > unaccounted']);
    expect(tick(76)).toEqual(['unpaid 1 cart > unaccounted']);
  });

  it('is given up at once when the store is empty', () => {
    const { pick, bench } = openStore();
    pick(1, 0);
    const atMs = NOON + 5 * MINUTE;
    const tick = { kind: 'tick', eventTimeMs: atMs, receivedTimeMs: atMs, emptySinceMs: atMs } as const;
    const decided = decide(bench.state, tick);
    expect(decided.ok && movesOf(decided.value as StockFact[])).toEqual(['unpaid 1 cart > unaccounted']);
  });

  it('was misplaced when something of its weight turned up elsewhere', () => {
    const { pick, tick, bench } = openStore();
    pick(1, 0);
    shelfSees(bench, 'F2', 0.5, NOON + MINUTE, true);
    expect(tick(46)).toEqual(['misplaced 1 cart > unaccounted']);
  });

  it('comes back to the cart when its till was only late', () => {
    const { pick, tick, sell, bench } = openStore();
    pick(2, 0);
    tick(46);
    const late = sell(1, 3);
    expect(late.ok && movesOf(late.value)).toEqual([
      'reopened 1 unaccounted > cart',
      'sale 1 cart > customer',
    ]);
    expect(bench.quantity(ITEM, 'unaccounted')).toBe(-9);
  });

  it('is not what a sale from before it paid', () => {
    const { pick, tick, sell } = openStore();
    pick(1, 10);
    tick(60);
    const early = sell(1, 5);
    expect(early.ok && movesOf(early.value)).toEqual(['sale 1 cart > customer']);
  });

  it('is still known after a restart', () => {
    const { pick, bench } = openStore();
    pick(2, 0);
    const next = createStockBench(shelfOf([250, 500]), { saved: bench.saved() });
    expect(movesOf(next.tick(NOON + 46 * MINUTE))).toEqual(['unpaid 2 cart > unaccounted']);
  });
});

describe('a sale that no shelf saw leave', () => {
  it('is an open question that the next pick answers', () => {
    const { pick, sell, tick, bench } = openStore();
    sell(2, 0);
    expect(bench.state.ledger.picks.of(ITEM).sales).toMatchObject([{ key: 'till/0', left: 2 }]);
    pick(3, 1);
    expect(bench.state.ledger.picks.of(ITEM)).toMatchObject({ sales: [], picks: [{ left: 1 }] });
    expect(tick(20)).toEqual([]);
  });

  it('leaves a shelf that weighs alone while its weight does not agree, and is told as a discrepancy', () => {
    const { sell, tick, bench } = openStore();
    sell(2, 0);
    expect(tick(16)).toEqual(['unexplained_sale 2 unaccounted > cart']);
    expect(bench.quantity(ITEM, 'shelf:F1')).toBe(10);
    expect(bench.facts.find(({ type }) => type === 'discrepancy')).toMatchObject({ expected: 2, found: 0 });
  });

  it('becomes a pick that must have been when the weight agrees, with the receipt as evidence', () => {
    const { sell, bench } = openStore();
    sell(2, 0);
    const facts = decideStale(bench.state.ledger, NOON + 16 * MINUTE, () => 'agrees', null);
    expect(movesOf(facts)).toEqual(['pick_inferred 2 shelf:F1 > cart']);
    expect(facts.at(-1)).toMatchObject({ confidence: 0.95, evidence: { kind: 'document', key: 'till/0' } });
  });

  it('of more than any shelf can have lost is a discrepancy', () => {
    const { sell, bench } = openStore();
    sell(12, 0);
    const facts = decideStale(bench.state.ledger, NOON + 16 * MINUTE, () => 'agrees', null);
    expect(movesOf(facts)).toEqual([
      'pick_inferred 10 shelf:F1 > cart',
      'unexplained_sale 2 unaccounted > cart',
    ]);
    expect(facts.find(({ type }) => type === 'discrepancy')).toMatchObject({
      kind: 'sale_without_pick',
      key: 'till/0',
      expected: 12,
      found: 10,
    });
  });
});

describe('the time from shelf to till', () => {
  it('is learned, and gives slow customers more time', () => {
    const { pick, sell, tick } = openStore();
    for (let day = 0; day < 400; day++) {
      pick(1, day * 60);
      sell(1, day * 60 + 40, `slow/${day}`);
    }
    pick(1, 30_000);
    expect(tick(30_046)).toEqual([]);
    expect(tick(30_400)).toEqual(['unpaid 1 cart > unaccounted']);
  });

  it('is measured from the pick that is paid, the oldest first', () => {
    const { pick, sell, bench } = openStore();
    pick(1, 0);
    pick(1, 4);
    sell(1, 5);
    expect(unitsOf(bench.state.ledger.picks.of(ITEM).picks)).toBe(1);
    expect(bench.state.ledger.picks.of(ITEM).picks[0]).toMatchObject({ atMs: NOON + 4 * MINUTE });
  });
});
