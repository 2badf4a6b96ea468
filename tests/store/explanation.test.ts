import { describe, expect, it } from 'vitest';
import type { TaskFact } from '../../src/domain/shelf-work/facts.ts';
import { NOTHING_KNOWN } from '../../src/domain/shelf-work/forecast.ts';
import type { MovementFact, Place } from '../../src/domain/stock/facts.ts';
import type { Fact } from '../../src/store/fact.ts';
import { explanationSentence } from '../../src/store/queries/explanation-sentence.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import type { ExplanationView } from '../../src/store/views.ts';
import { MILK, movement, TEA } from './facts.ts';
import { given, NOTHING_LIVE, SITE } from './given.ts';
import { entry, T0, withStore } from './temp-store.ts';

const onShelf: Place = 'shelf:A1-1';
const weights = {
  kind: 'weights',
  device: 'shelf-a1',
  plates: [1],
  deltaGrams: -412.4,
  onsetMs: T0,
  settledMs: T0 + 900,
} as const;
const pick = (quantity = 1, confidence = 0.98): Fact => ({
  ...(movement(onShelf, 'cart', quantity) as MovementFact),
  cause: 'pick',
  confidence,
  evidence: weights,
});
const count = (counted: number, believed = counted): Fact => ({
  type: 'count',
  key: 'c-1',
  gtin: MILK,
  place: onShelf,
  counted,
  believed,
});
const fill = (quantity: number): Fact => movement('supplier', onShelf, quantity);

describe('why a facing has so many', () => {
  it('starts from the last count and names every movement since with what showed it', () =>
    given({ facts: [fill(9), count(5), pick(), pick(2, 0.9), movement('cart', 'customer', 1)] }, queries => {
      const why = queries.whyFacing('A1-1')!;
      expect(why).toMatchObject({ quantity: 6, anchor: { key: 'c-1', counted: 5 } });
      expect(why.reasons.map(({ change, evidence }) => [change, evidence])).toEqual([
        [-1, weights],
        [-2, weights],
      ]);
      expect(why.confidence).toBeCloseTo(0.98 * 0.9);
    }));

  it('reads as one sentence', () =>
    given({ facts: [fill(5), count(5), pick(), pick()], nowMs: T0 + 7 * 60_000 }, queries => {
      expect(queries.whyFacing('A1-1')!.sentence).toBe(
        '3 on A1-1, 96 % sure: 5 counted 6 min ago (count c-1), then 2 taken. ' +
          'Last: 1 taken 6 min ago: −412 g on shelf-a1 plate 1, settled in 0.9 s (98 % sure).',
      );
    }));

  it("takes a count's own correction for the count itself", () => {
    const corrected: Fact = {
      ...(movement(onShelf, 'unaccounted', 2) as MovementFact),
      cause: 'count',
      evidence: { kind: 'document', key: 'c-1' },
    };
    given({ facts: [fill(9), count(7, 9), corrected, pick()] }, queries => {
      expect(queries.whyFacing('A1-1')).toMatchObject({ quantity: 6, start: 7, isComplete: true });
      expect(queries.whyFacing('A1-1')!.reasons).toHaveLength(1);
    });
  });

  it('always adds up: where it starts and what came and went make the number', () =>
    given({ facts: [fill(3), pick(), fill(4), pick(2), movement('cart', onShelf, 1)] }, queries => {
      const { start, reasons, quantity } = queries.whyFacing('A1-1')!;
      expect(reasons.reduce((sum, { change }) => sum + change, start)).toBe(quantity);
    }));

  it('leads from a receipt to its place in the log', () =>
    withStore((store, database) => {
      writeReference(database, SITE);
      const sale: Fact = { type: 'sale', key: 't-1', till: 'till-1', lines: [{ gtin: TEA, quantity: 1 }] };
      const sold: Fact = {
        ...(movement('shelf:A1-10', 'customer', 1, TEA) as MovementFact),
        cause: 'sale',
        evidence: { kind: 'document', key: 't-1' },
      };
      const keys = [{ key: 'sale:t-1', hash: 'h', firstEntry: 0 }];
      store.commit({ entries: [sale, sold].map(fact => entry(fact, T0)), keys, plates: [] });
      const queries = createQueries(database, NOTHING_LIVE, () => T0);
      expect(queries.whyFacing('A1-10')!.reasons).toMatchObject([{ change: -1, documentSeq: 1 }]);
      expect(queries.whyFacing('A1-10')!.sentence).toContain('No plate weighs it');
    }));

  it('says so when the log no longer goes back to the beginning', () =>
    withStore((store, database) => {
      writeReference(database, SITE);
      const commit = (facts: readonly Fact[]) =>
        store.commit({ entries: facts.map(fact => entry(fact, T0)), keys: [], plates: [] });
      commit([fill(9), pick()]);
      store.outbox.trim(Number.MAX_SAFE_INTEGER, 1);
      const why = createQueries(database, NOTHING_LIVE, () => T0).whyFacing('A1-1')!;
      expect(why).toMatchObject({ quantity: 8, start: 9, isComplete: false });
      expect(why.sentence).toContain('9 from movements further back');
    }, true));

  it('is nothing for a facing that the planogram does not have', () =>
    given({}, queries => expect(queries.whyFacing('Z9-9')).toBeNull()));
});

describe('why the store has so many of an item', () => {
  it('explains every place that has some', () =>
    given({ facts: [movement('supplier', 'backroom', 9), movement('backroom', onShelf, 4)] }, queries => {
      const why = queries.whyItem(MILK)!;
      expect(why.sentence).toBe('9 of Milk in the store: 4 on A1-1, 5 in the backroom.');
      expect(why.places.map(({ place }) => place)).toEqual([onShelf, 'shelf:A1-2', 'backroom']);
    }));

  it('is nothing for an item that nobody knows', () =>
    given({}, queries => expect(queries.whyItem('00000000000000')).toBeNull()));
});

describe('what led to one movement', () => {
  const last = (facts: readonly Fact[], keys: readonly string[] = []) =>
    withStore((store, database) => {
      writeReference(database, SITE);
      const stored = keys.map(key => ({ key, hash: 'h', firstEntry: 0 }));
      store.commit({ entries: facts.map(fact => entry(fact, T0)), keys: stored, plates: [] });
      return createQueries(database, NOTHING_LIVE, () => T0).whyMovement(facts.length)!;
    });
  const by = (moved: Fact, cause: MovementFact['cause'], key: string): Fact =>
    ({ ...moved, cause, evidence: { kind: 'document', key } }) as Fact;

  it('is the weights of its shelf', () =>
    expect(last([fill(3), pick()])).toMatchObject({
      name: 'Milk',
      evidence: weights,
      sources: [],
      sentence:
        '1 of Milk from A1-1 to a cart 0 s ago (taken): −412 g on shelf-a1 plate 1, settled in 0.9 s (98 % sure).',
    }));

  it('is the pick, where nobody paid', () => {
    const unpaid = by(movement('cart', 'unaccounted', 1), 'unpaid', `unpaid/A1-1/${T0}`);
    const why = last([fill(3), pick(), unpaid]);
    expect(why.sources).toMatchObject([{ seq: 2, type: 'movement' }]);
    expect(why.sentence).toContain(
      '1 taken from A1-1: −412 g on shelf-a1 plate 1, settled in 0.9 s, and no receipt',
    );
  });

  it.each<[MovementFact['cause'], string]>([
    ['sale', 'sale:d-1'],
    ['pick_inferred', 'sale:d-1'],
    ['reopened', 'sale:d-1'],
    ['refill', 'transfer:d-1'],
    ['refill', 'refill:d-1'],
    ['unstage', 'release:d-1'],
  ])('is, for a %s, the document %s', (cause, key) => {
    const sale: Fact = { type: 'sale', key: 'd-1', till: 'till-1', lines: [{ gtin: MILK, quantity: 1 }] };
    const why = last([sale, by(movement('cart', 'customer', 1), cause, 'd-1')], [key]);
    expect(why).toMatchObject({ documentSeq: 1, sources: [{ seq: 1, sentence: 'receipt d-1 of till-1' }] });
  });

  it('says how sure it is from where units came', () => {
    const put = {
      ...movement('cart', onShelf, 1),
      cause: 'put',
      evidence: weights,
      originConfidence: 0.7,
    } as Fact;
    expect(last([put]).sentence).toContain('That they came from a cart is 70 % sure.');
  });

  it('is unknown where the log has no movement', () =>
    given({ facts: [count(3)] }, queries => {
      expect(queries.whyMovement(1)).toBeNull();
      expect(queries.whyMovement(2)).toBeNull();
    }));
});

describe('the sentence', () => {
  const view: Omit<ExplanationView, 'sentence'> = {
    gtin: MILK,
    name: 'Milk',
    place: onShelf,
    quantity: 0,
    confidence: 1,
    countedBy: 'weights',
    trouble: null,
    anchor: null,
    start: 0,
    reasons: [],
    isComplete: true,
  };
  it.each([
    { change: {}, sentence: '0 on A1-1: never counted by a person.' },
    {
      change: { trouble: 'stale' },
      sentence: '0 on A1-1: never counted by a person. Its shelf cannot be trusted now (stale).',
    },
    { change: { confidence: 0.5 }, sentence: '0 on A1-1, 50 % sure: never counted by a person.' },
  ] as const)('is: $sentence', ({ change, sentence }) => {
    expect(explanationSentence({ ...view, ...change }, T0)).toBe(sentence);
  });
});

describe('the work on the shelves', () => {
  const task = (change: Partial<TaskFact> = {}): TaskFact => ({
    type: 'task',
    task: 'shelf_gap-A1-1-1',
    kind: 'shelf_gap',
    state: 'open',
    gtin: MILK,
    facing: 'A1-1',
    reservation: null,
    reason: 'A1-1 is empty.',
    priority: 100,
    openedAtMs: T0,
    by: 'store',
    note: null,
    ...change,
  });
  const day = (date: string, stockedMinutes: number): Fact => ({
    type: 'item_day',
    gtin: MILK,
    day: date,
    soldUnits: 6,
    facingMinutes: 1000,
    stockedMinutes,
    onShelfShare: 1,
    silentUnits: 0,
    facings: [],
    meanPerDay: 6.2,
    reorderPoint: 17,
    demand: { ...NOTHING_KNOWN, days: 12 },
  });

  it('is listed by what waiting costs, what ended behind it', () => {
    const facts = [
      task({ task: 'a', state: 'done' }),
      task({ task: 'b' }),
      task({ task: 'c', priority: 900 }),
    ];
    given({ facts }, queries => {
      expect(queries.tasks().map(({ task: id, name }) => [id, name])).toEqual([
        ['c', 'Milk'],
        ['b', 'Milk'],
        ['a', 'Milk'],
      ]);
    });
  });

  it('shows each task in the state that it reached', () =>
    given({ facts: [task(), task({ state: 'taken', by: 'staff' })] }, queries => {
      expect(queries.tasks()).toMatchObject([{ state: 'taken', openedAtMs: T0, changedAtMs: T0 + 1 }]);
    }));

  it('tells the availability of each day, newest first', () =>
    given({ facts: [day('2026-01-04', 900), day('2026-01-05', 1000)] }, queries => {
      expect(queries.availability(7)).toMatchObject([
        { day: '2026-01-05', share: 1 },
        { day: '2026-01-04', share: 0.9 },
      ]);
    }));

  it('says when to order', () =>
    given({ facts: [day('2026-01-05', 1000), movement('supplier', 'backroom', 17)] }, queries => {
      expect(queries.forecast(MILK)).toMatchObject({
        onHand: 17,
        reorderPoint: 17,
        orderNow: true,
        daysLearned: 12,
      });
      expect(queries.forecast(TEA)).toBeNull();
    }));
});
