import { describe, expect, it } from 'vitest';
import { isHeard } from '../../src/domain/shelf-work/heard.ts';
import { doubtfulCount } from '../../src/domain/shelf-work/rules.ts';
import * as shelfWork from '../../src/domain/shelf-work/shelf-work.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { createTrustBook } from '../../src/pipeline/facing-trust.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import type { FacingTrust } from '../../src/store/store.ts';
import { MILK } from '../store/facts.ts';
import { NOTHING_LIVE, SITE } from '../store/given.ts';
import { withStore } from '../store/temp-store.ts';
import { shelfSees } from '../support/shelf-moment.ts';
import { createStockBench, NOON, shelfOf, testGtin } from '../support/stock-bench.ts';

const SECOND = 1_000;
const OWN = testGtin(1);
/** Two units of the first weigh almost what one of the second does; nobody weighs the third. */
const FACINGS = [
  ...shelfOf([256, 518]),
  { facing: 'T1', gtin: testGtin(3), unitWeightGrams: null, plates: [] },
];
const NOTHING_SAVED = { balances: [], latest: [], recent: [] };

/** The stock and the work on its shelves with what is kept of their trust. */
function openStore() {
  const bench = createStockBench(FACINGS);
  const book = createTrustBook([], bench.state);
  const facings = FACINGS.map(({ facing, gtin }) => ({ facing, gtin, minimum: 1 }));
  const items = FACINGS.map(({ gtin }) => ({ gtin, priceMinor: 100 }));
  const work = shelfWork.createShelfWork(
    { timeZone: 'UTC', items, facings },
    NOTHING_SAVED,
    NOON,
    book.weighed,
  );
  const kept = new Map<string, FacingTrust>();
  const keep = (facts: readonly StockFact[]) => {
    for (const fact of facts) {
      if (isHeard(fact)) shelfWork.listen(work, fact, NOON);
      book.hear(fact);
    }
    const taken = book.take(work);
    for (const row of taken) kept.set(row.facing, row);
    return taken.map(({ facing }) => facing);
  };
  const count = (facing: string, gtin: typeof OWN, quantity: number) => {
    const document = { type: 'count', key: `${facing}/${kept.size}/${quantity}`, gtin, quantity } as const;
    const said = bench.document({ ...document, where: { place: 'shelf', facing } });
    return keep(said.ok ? said.value : []);
  };
  for (const { facing, gtin } of FACINGS) count(facing, gtin, 8);
  return { bench, work, keep, count, kept: (facing: string) => kept.get(facing) };
}

/** Two units and one of the other left; what was put back weighs like either. */
function openDoubt() {
  const store = openStore();
  store.keep(shelfSees(store.bench, 'F1', -2, NOON));
  store.keep(shelfSees(store.bench, 'F2', -1, NOON));
  store.keep(shelfSees(store.bench, 'F1', 2, NOON + 6 * SECOND, false, 514));
  return store;
}

describe('the trust in a count', () => {
  it('is full where somebody has just counted', () => {
    const { kept } = openStore();
    expect(['F1', 'F2', 'T1'].map(facing => kept(facing)?.probability)).toEqual([1, 1, 1]);
  });

  it('does not fall with every sure pick that the plates see', () => {
    const { bench, keep, kept } = openStore();
    for (let i = 0; i < 6; i++) keep(shelfSees(bench, 'F2', -1, NOON + i * 10 * SECOND));
    expect(kept('F2')).toMatchObject({ best: 2 });
    expect(kept('F2')!.probability).toBeGreaterThan(0.99);
  });

  it('is what the plates leave of it while two readings of a weight are open, and full again by a count', () => {
    const { count, kept } = openDoubt();
    expect(kept('F1')!.probability).toBeLessThan(0.98);
    expect(kept('F1')!.contents!.length).toBeGreaterThan(1);
    count('F1', OWN, 8);
    expect(kept('F1')!.probability).toBe(1);
  });

  it('outlives a restart with its open alternatives', () => {
    const { bench, kept } = openDoubt();
    const contents = new Map([['F1', kept('F1')!.contents!]]);
    const again = createStockBench(FACINGS, { saved: { ...bench.saved(), contents } });
    expect(again.state.beliefs.of('F1')!.belief.length).toBe(contents.get('F1')!.length);
  });

  it('falls with each unit and each day where no plate weighs', () => {
    const { bench, keep, work, kept } = openStore();
    const sold = bench.document({
      type: 'sale',
      key: 's',
      till: 't',
      lines: [{ gtin: testGtin(3), quantity: 2 }],
    });
    keep(sold.ok ? sold.value : []);
    keep(bench.tick(NOON + 600 * SECOND));
    const afterSale = kept('T1')!.probability;
    expect(afterSale).toBeCloseTo(0.995 ** 2, 5);
    const tomorrow = NOON + 24 * 3600 * SECOND;
    shelfWork.decideTick(work, { kind: 'tick', eventTimeMs: tomorrow, receivedTimeMs: tomorrow });
    expect(shelfWork.trust(work, 'T1')!.probability).toBeCloseTo(afterSale * 0.99, 5);
  });

  it('is stored only when it has changed', () => {
    const { keep } = openStore();
    expect(keep([])).toEqual([]);
  });

  it('is told with the facing, its item and its reasons, as long as the facing holds that item', () =>
    withStore((store, database) => {
      writeReference(database, SITE);
      const row = { best: 3, contents: null, atMs: NOON };
      const trust = [
        { ...row, facing: 'A1-1', gtin: MILK, probability: 0.8 },
        { ...row, facing: 'A1-2', gtin: MILK, probability: 0.5 },
        { ...row, facing: 'A1-10', gtin: MILK, probability: 0.1 },
      ];
      store.commit({ entries: [], keys: [], plates: [], trust });
      expect(store.facingTrust()).toHaveLength(3);
      const queries = createQueries(database, NOTHING_LIVE, () => NOON);
      expect(queries.facings().map(({ facing, confidence }) => [facing, confidence])).toEqual([
        ['A1-1', 0.8],
        ['A1-2', 0.5],
        ['A1-10', null],
      ]);
      expect(queries.stockOf(MILK)?.confidence).toBeCloseTo(0.4, 9);
      expect(queries.whyFacing('A1-1')).toMatchObject({ confidence: 0.8 });
    }));
});

describe('a weight that no item explains', () => {
  it('makes a count doubtful once it has stayed longer than any arm', () => {
    const { bench, keep, work, kept } = openStore();
    keep(shelfSees(bench, 'F1', 0, NOON, true, 100));
    for (let i = 1; i <= 30; i++) keep(bench.tick(NOON + i * SECOND));
    expect(kept('F1')!.probability).toBeLessThan(0.7);
    const facing = work.book.facings.get('F1')!;
    const dear = { ...work.book.items.get(OWN)!, priceMinor: 10_000 };
    expect(doubtfulCount(work.book, dear, facing)?.reason).toContain('no item explains');
  });
});
