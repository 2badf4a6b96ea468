import { describe, expect, it } from 'vitest';
import type { FacingConfig } from '../../../src/domain/stock/planogram.ts';
import type { Document, Line } from '../../../src/readings/documents.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, testGtin } from '../../support/stock-bench.ts';

const WEIGHED = testGtin(1);
const BY_TILL = testGtin(2);
const NOWHERE = testGtin(3);
const BOTH = testGtin(4);
const UNKNOWN = testGtin(99);

const facing = (id: string, gtin: typeof WEIGHED, plates: readonly number[] = []): FacingConfig => ({
  facing: id,
  gtin,
  unitWeightGrams: 250,
  plates: plates.map(plate => ({ device: 'shelf-1', plate })),
});
const FACINGS = [
  facing('W', WEIGHED, [1]),
  facing('T1', BY_TILL),
  facing('T2', BY_TILL),
  facing('B1', BOTH, [2]),
  facing('B2', BOTH),
];

/** 10 units of the weighed item on the shelf, 3 and 2 of the other, 20 of each in the backroom. */
function openStore() {
  const bench = createStockBench([...FACINGS, facing('N', NOWHERE)]);
  const count = (gtin: typeof WEIGHED, quantity: number, on?: string) =>
    bench.document({
      type: 'count',
      key: `count/${gtin}/${on}`,
      gtin,
      quantity,
      where: on ? { place: 'shelf', facing: on } : { place: 'backroom' },
    });
  count(WEIGHED, 10, 'W');
  count(BY_TILL, 3, 'T1');
  count(BY_TILL, 2, 'T2');
  for (const gtin of [WEIGHED, BY_TILL]) count(gtin, 20);
  return { bench, count };
}

const sale = (...lines: Line[]): Document => ({ type: 'sale', key: 'till-1/1', till: 'till-1', lines });
const movesOf = (facts: readonly { type: string }[]) =>
  facts
    .filter(fact => fact.type === 'movement')
    .map(fact => {
      const { from, to, quantity } = fact as unknown as { from: string; to: string; quantity: number };
      return `${quantity} ${from} > ${to}`;
    });
const moves = (result: ReturnType<ReturnType<typeof createStockBench>['document']>) => {
  if (!result.ok) throw new Error(result.error.message);
  return movesOf(result.value);
};

describe('a sale', () => {
  it('takes what the shelf saw leave from the cart and leaves the shelf alone', () => {
    const { bench } = openStore();
    shelfSees(bench, 'W', -2);
    expect(moves(bench.document(sale({ gtin: WEIGHED, quantity: 2 })))).toEqual(['2 cart > customer']);
    expect(bench.quantity(WEIGHED, 'shelf:W')).toBe(8);
    expect(bench.quantity(WEIGHED, 'cart')).toBe(0);
  });

  it('may leave the cart below zero until the pick is found', () => {
    const { bench } = openStore();
    moves(bench.document(sale({ gtin: WEIGHED, quantity: 1 })));
    expect(bench.quantity(WEIGHED, 'cart')).toBe(-1);
    shelfSees(bench, 'W', -1);
    expect(bench.quantity(WEIGHED, 'cart')).toBe(0);
  });

  it.each([
    ['the first facing with stock', [2], ['2 shelf:T1 > customer']],
    ['the next one when it runs out', [4], ['3 shelf:T1 > customer', '1 shelf:T2 > customer']],
    [
      'the last one below zero, because the till is right',
      [7],
      ['3 shelf:T1 > customer', '4 shelf:T2 > customer'],
    ],
    ['each line after the one before it', [3, 1], ['3 shelf:T1 > customer', '1 shelf:T2 > customer']],
  ])('takes an item without plates from %s', (_, quantities, expected) => {
    const { bench } = openStore();
    const lines = quantities.map(quantity => ({ gtin: BY_TILL, quantity }));
    expect(moves(bench.document(sale(...lines)))).toEqual(expected);
  });

  it('of an item that stands on plates and elsewhere empties the carts first, and takes the rest where nobody saw it leave', () => {
    const { bench, count } = openStore();
    count(BOTH, 6, 'B1');
    count(BOTH, 5, 'B2');
    shelfSees(bench, 'B1', -1);
    expect(moves(bench.document(sale({ gtin: BOTH, quantity: 3 })))).toEqual([
      '1 cart > customer',
      '2 shelf:B2 > customer',
    ]);
    expect(bench.quantity(BOTH, 'shelf:B1')).toBe(5);
  });

  it('stands in the log as the till sent it, before its movements', () => {
    const { bench } = openStore();
    const result = bench.document(sale({ gtin: WEIGHED, quantity: 2 }));
    expect(result.ok && result.value.map(({ type }) => type)).toEqual(['sale', 'movement']);
  });
});

describe('a bad document', () => {
  const bad: [string, Document, RegExp][] = [
    [
      'a sale with an unknown item',
      sale({ gtin: WEIGHED, quantity: 1 }, { gtin: UNKNOWN, quantity: 1 }),
      /^line 2 names item 0\d+, .*items\.csv/,
    ],
    ['a sale without lines', sale(), /at least one/],
    ['half a unit', sale({ gtin: WEIGHED, quantity: 0.5 }), /^line 1 has quantity 0.5; give a whole number/],
    ['a sale of no units', sale({ gtin: WEIGHED, quantity: 0 }), /from 1 to/],
    [
      'a refill of a facing that is not there',
      { type: 'refill', key: 'r', facing: 'Z9', quantity: 1 },
      /facing Z9.*planogram\.csv/,
    ],
    [
      'a count below zero',
      { type: 'count', key: 'c', gtin: WEIGHED, where: { place: 'backroom' }, quantity: -1 },
      /from 0 to/,
    ],
    [
      "a count of another item than the facing's",
      { type: 'count', key: 'c', gtin: BY_TILL, where: { place: 'shelf', facing: 'W' }, quantity: 1 },
      /facing W holds/,
    ],
    [
      'a reservation of an unknown item',
      {
        type: 'reserve',
        key: 'q',
        reservation: 'o',
        expiresAtMs: null,
        lines: [{ gtin: UNKNOWN, quantity: 1 }],
      },
      /^line 1 names item/,
    ],
  ];
  it.each(bad)('%s is refused whole, with the place and the mend', (_, document, message) => {
    const { bench } = openStore();
    const before = bench.facts.length;
    const result = bench.document(document);
    expect(result).toMatchObject({ ok: false, error: { code: 'invalid', retry: false } });
    expect(!result.ok && result.error.message).toMatch(message);
    expect(bench.facts.length).toBe(before);
  });
});

describe('deliveries and counts', () => {
  it('brings each line of a delivery to the backroom', () => {
    const { bench } = openStore();
    const lines = [
      { gtin: WEIGHED, quantity: 6 },
      { gtin: WEIGHED, quantity: 4 },
    ];
    expect(moves(bench.document({ type: 'delivery', key: 'd', lines }))).toEqual([
      '6 supplier > backroom',
      '4 supplier > backroom',
    ]);
    expect(bench.quantity(WEIGHED, 'backroom')).toBe(30);
  });

  it.each([
    [12, ['2 unaccounted > shelf:W']],
    [7, ['3 shelf:W > unaccounted']],
    [10, []],
    [0, ['10 shelf:W > unaccounted']],
  ])('moves the difference to a count of %i from or to nowhere known', (quantity, expected) => {
    const { count, bench } = openStore();
    expect(moves(count(WEIGHED, quantity, 'W'))).toEqual(expected);
    expect(bench.facts.findLast(({ type }) => type === 'count')).toMatchObject({
      counted: quantity,
      believed: 10,
    });
    expect(bench.quantity(WEIGHED, 'shelf:W')).toBe(quantity);
  });
});

describe('what a shelf saw', () => {
  it('comes from the cart as far as one has it, the rest from the backroom', () => {
    const { bench } = openStore();
    shelfSees(bench, 'W', -2);
    expect(movesOf(shelfSees(bench, 'W', 3))).toEqual(['2 cart > shelf:W', '1 backroom > shelf:W']);
  });
});
