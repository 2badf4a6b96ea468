import { describe, expect, it } from 'vitest';
import type { FacingConfig } from '../../../src/domain/stock/planogram.ts';
import type { Document } from '../../../src/readings/documents.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, testGtin } from '../../support/stock-bench.ts';

const WEIGHED = testGtin(1);
const PLAIN = testGtin(2);
const FACINGS: readonly FacingConfig[] = [
  { facing: 'W', gtin: WEIGHED, unitWeightGrams: 250, plates: [{ device: 'shelf-1', plate: 1 }] },
  { facing: 'P', gtin: PLAIN, unitWeightGrams: 250, plates: [] },
];

/** Ten units of each item on its shelf and twenty in the backroom. */
function openStore() {
  const bench = createStockBench(FACINGS);
  for (const { facing, gtin } of FACINGS) {
    const shelf = { place: 'shelf', facing } as const;
    bench.document({ type: 'count', key: `s${gtin}`, gtin, where: shelf, quantity: 10 });
    bench.document({ type: 'count', key: `b${gtin}`, gtin, where: { place: 'backroom' }, quantity: 20 });
  }
  const moves = (document: Document) => {
    const result = bench.document(document);
    if (!result.ok) return result.error.message;
    return result.value.flatMap(fact =>
      fact.type === 'movement' ? [`${fact.quantity} ${fact.from} > ${fact.to}`] : [],
    );
  };
  return { bench, moves };
}

const lines = (quantity: number, gtin = WEIGHED) => [{ gtin, quantity }];
const sale: Document = { type: 'sale', key: 'till/1', till: 'till', lines: lines(2) };
const shelf = (facing: string) => ({ place: 'shelf', facing }) as const;
const backroom = { place: 'backroom' } as const;
const returns = { place: 'returns' } as const;

describe('a refund', () => {
  it('brings goods to the returns desk, from where a shelf may see them arrive', () => {
    const { bench, moves } = openStore();
    expect(moves({ type: 'refund', key: 'r', lines: lines(2) })).toEqual(['2 customer > returns']);
    shelfSees(bench, 'W', 1);
    expect(bench.quantity(WEIGHED, 'returns')).toBe(1);
    expect(bench.quantity(WEIGHED, 'shelf:W')).toBe(11);
    expect(bench.quantity(WEIGHED, 'backroom')).toBe(20);
  });
});

describe('a void', () => {
  it('puts back what the receipt moved, and leaves the receipt in the log', () => {
    const { bench, moves } = openStore();
    moves(sale);
    expect(moves({ type: 'void', key: 'v', sale: 'till/1' })).toEqual(['2 customer > cart']);
    expect(bench.quantity(WEIGHED, 'customer')).toBe(0);
    expect(bench.state.ledger.picks.items()).toEqual([]);
  });

  it.each([
    ['twice is a conflict', ['till/1', 'till/1'], /cancelled already/],
    ['of a sale that nobody sent is not found', ['till/9'], /send a refund/],
  ])('%s', (_, sales, message) => {
    const { moves } = openStore();
    moves(sale);
    const answers = sales.map((key, index) => moves({ type: 'void', key: `v${index}`, sale: key }));
    expect(answers.at(-1)).toMatch(message);
  });

  it('is still possible after a restart', () => {
    const { bench, moves } = openStore();
    moves(sale);
    const next = createStockBench(FACINGS, { saved: bench.saved() });
    expect(next.document({ type: 'void', key: 'v', sale: 'till/1' })).toMatchObject({ ok: true });
    expect(next.quantity(WEIGHED, 'customer')).toBe(0);
  });
});

describe('waste and transfers', () => {
  it.each<[string, Document, readonly string[]]>([
    [
      'waste of the backroom',
      { type: 'waste', key: 'k', from: backroom, lines: lines(3) },
      ['3 backroom > waste'],
    ],
    [
      'waste of a facing',
      { type: 'waste', key: 'k', from: shelf('P'), lines: lines(3, PLAIN) },
      ['3 shelf:P > waste'],
    ],
    [
      'waste that plates see leave',
      { type: 'waste', key: 'k', from: shelf('W'), lines: lines(3) },
      ['3 cart > waste'],
    ],
    [
      'a transfer to the shelf',
      { type: 'transfer', key: 'k', from: backroom, to: shelf('P'), lines: lines(3, PLAIN) },
      ['3 backroom > shelf:P'],
    ],
    [
      'a transfer to the backroom',
      { type: 'transfer', key: 'k', from: shelf('P'), to: backroom, lines: lines(3, PLAIN) },
      ['3 shelf:P > backroom'],
    ],
    [
      'a transfer from the returns desk',
      { type: 'transfer', key: 'k', from: returns, to: shelf('P'), lines: lines(1, PLAIN) },
      ['1 returns > shelf:P'],
    ],
  ])('%s moves the units', (_, document, expected) => {
    expect(openStore().moves(document)).toEqual(expected);
  });

  it('from plates ends the same, whether the plates or the document come first', () => {
    const document: Document = {
      type: 'transfer',
      key: 'k',
      from: shelf('W'),
      to: backroom,
      lines: lines(3),
    };
    const ends = [true, false].map(seenFirst => {
      const { bench, moves } = openStore();
      if (seenFirst) shelfSees(bench, 'W', -3);
      moves(document);
      if (!seenFirst) shelfSees(bench, 'W', -3);
      return Object.fromEntries(bench.state.ledger.balances.places(WEIGHED));
    });
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]).toMatchObject({ 'shelf:W': 7, backroom: 23 });
  });

  it('to plates is a refill, which the plates may have seen before', () => {
    const { bench, moves } = openStore();
    shelfSees(bench, 'W', 3);
    expect(moves({ type: 'transfer', key: 'k', from: backroom, to: shelf('W'), lines: lines(3) })).toEqual(
      [],
    );
    expect(bench.quantity(WEIGHED, 'shelf:W')).toBe(13);
  });

  it.each<[string, Document, RegExp]>([
    [
      'an item from a facing of another',
      { type: 'waste', key: 'k', from: shelf('W'), lines: lines(1, PLAIN) },
      /line 1 .* facing W holds/,
    ],
    [
      'a facing that is not there',
      { type: 'waste', key: 'k', from: shelf('Z'), lines: lines(1) },
      /planogram\.csv/,
    ],
    [
      'from the returns desk to plates',
      { type: 'transfer', key: 'k', from: returns, to: shelf('W'), lines: lines(1) },
      /send nothing/,
    ],
    [
      'from the backroom to itself',
      { type: 'transfer', key: 'k', from: backroom, to: backroom, lines: lines(1) },
      /one step at a time/,
    ],
  ])('%s is refused', (_, document, message) => {
    expect(openStore().moves(document)).toMatch(message);
  });
});

describe('an advance notice', () => {
  const notice: Document = {
    type: 'notice',
    key: 'n',
    notice: 'DN-1',
    lines: [...lines(6), ...lines(4, PLAIN)],
  };

  it('moves nothing, and shows what the delivery brought too few and too many', () => {
    const { bench, moves } = openStore();
    expect(moves(notice)).toEqual([]);
    moves({ type: 'delivery', key: 'd', notice: 'DN-1', lines: [...lines(5), ...lines(4, PLAIN)] });
    expect(bench.facts.filter(({ type }) => type === 'discrepancy')).toEqual([
      { type: 'discrepancy', kind: 'delivery', key: 'd', gtin: WEIGHED, expected: 6, found: 5 },
    ]);
    expect(bench.quantity(WEIGHED, 'backroom')).toBe(25);
  });

  it('is answered once', () => {
    const { moves } = openStore();
    moves(notice);
    const delivery = { type: 'delivery', notice: 'DN-1', lines: lines(6) } as const;
    moves({ ...delivery, key: 'd1' });
    expect(moves({ ...delivery, key: 'd2' })).toMatch(/no open notice DN-1/);
  });
});
