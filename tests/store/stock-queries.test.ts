import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/store/fact.ts';
import { createQueries, writeReference } from '../../src/store/queries.ts';
import { deviceState, lease, MILK, movement, reservation, TEA } from './facts.ts';
import { given, NOTHING_LIVE, SITE } from './given.ts';
import { commit, T0, withStore } from './temp-store.ts';

describe('stock', () => {
  it('lists every item of the site by name, also those that never moved', () =>
    given({}, queries => {
      expect(queries.stock().map(({ name }) => name)).toEqual(['Milk', 'Tea']);
      expect(queries.stockOf(TEA)).toEqual({
        gtin: TEA,
        name: 'Tea',
        temperatureClass: 'ambient',
        places: {},
        onShelf: 0,
        backroom: 0,
        inCart: 0,
        reserved: 0,
        availableToPromise: 0,
        updatedAtMs: null,
        seq: 0,
      });
      expect(queries.stockOf('09521321000094')).toBeNull();
    }));

  it('tells what is sold by weight in grams, with the pieces that it may be', () =>
    withStore((store, database) => {
      const items = SITE.items.map(item => (item.gtin === MILK ? { ...item, pieceGrams: 180 } : item));
      writeReference(database, { ...SITE, items });
      commit(store, movement('supplier', 'backroom', 9_000), movement('backroom', 'shelf:A1-1', 1_850));
      const queries = createQueries(database, NOTHING_LIVE, () => T0);
      const milk = queries.stockOf(MILK)!;
      expect(milk).toMatchObject({ unit: 'g', onShelf: 1_850, piecesOnShelf: { least: 9, most: 12 } });
      // One unit is kept back, which here is one piece.
      expect(milk.availableToPromise).toBe(9_000 - 180);
      expect(queries.facings().map(({ unit }) => unit)).toEqual(['g', 'g', undefined]);
      expect(queries.whyFacing('A1-1')!.sentence).toContain('1.85 kg on A1-1');
      expect(queries.stockOf(TEA)!.unit).toBeUndefined();
    }));

  it('shows each place that is not empty, and when it last moved', () => {
    const facts = [
      movement('supplier', 'backroom', 9),
      movement('backroom', 'shelf:A1-1', 4),
      movement('backroom', 'shelf:A1-2', 2),
      movement('shelf:A1-2', 'cart', 2),
    ];
    return given({ facts }, queries => {
      expect(queries.stockOf(MILK)).toMatchObject({
        places: { supplier: -9, backroom: 3, 'shelf:A1-1': 4, cart: 2 },
        onShelf: 4,
        backroom: 3,
        inCart: 2,
        availableToPromise: 6,
        updatedAtMs: T0 + 3,
        seq: 4,
      });
      expect(queries.stock().find(({ gtin }) => gtin === MILK)).toEqual(queries.stockOf(MILK));
    });
  });

  const stocked = [movement('supplier', 'backroom', 3), movement('supplier', 'shelf:A1-1', 7)];
  it.each<{ case: string; facts: Fact[]; promised: number }>([
    { case: 'everything but the safety stock', facts: [], promised: 9 },
    { case: 'less what is reserved', facts: [reservation()], promised: 7 },
    {
      case: 'less what is reserved and not picked yet',
      facts: [reservation({ state: 'confirmed', lines: [{ gtin: MILK, quantity: 2, staged: 1 }] })],
      promised: 8,
    },
    { case: 'less what the cloud may promise alone', facts: [lease()], promised: 6 },
    { case: 'less what the cloud has left of it', facts: [lease(), lease({ sold: 2 })], promised: 8 },
    {
      case: 'and nothing of a settled lease',
      facts: [lease(), lease({ state: 'settled' })],
      promised: 9,
    },
    {
      case: 'a reservation that ends later counts',
      facts: [reservation({ expiresAtMs: T0 + 1 })],
      promised: 7,
    },
    { case: 'one that has ended does not', facts: [reservation({ expiresAtMs: T0 })], promised: 9 },
    {
      case: 'nor a released one',
      facts: [reservation(), reservation({ state: 'released', lines: [] })],
      promised: 9,
    },
    { case: 'nor a refused one', facts: [reservation({ state: 'refused' })], promised: 9 },
    { case: 'units in carts are not for sale', facts: [movement('shelf:A1-1', 'cart', 2)], promised: 7 },
    { case: 'what was sold unseen is gone', facts: [movement('cart', 'customer', 2)], promised: 7 },
    {
      case: 'never below zero',
      facts: [reservation({ lines: [{ gtin: MILK, quantity: 50 }] })],
      promised: 0,
    },
  ])('can be promised: $case', ({ facts, promised }) =>
    given({ facts: [...stocked, ...facts] }, queries =>
      expect(queries.stockOf(MILK)?.availableToPromise).toBe(promised),
    ),
  );

  it('keeps an item that left the site, under its number', () =>
    given({ facts: stocked, site: { ...SITE, items: [] } }, queries => {
      expect(queries.stock()).toMatchObject([{ gtin: MILK, name: MILK, onShelf: 7 }]);
    }));
});

describe('movements', () => {
  const facts = [
    movement('supplier', 'backroom', 1),
    movement('supplier', 'backroom', 2, TEA),
    deviceState(),
    movement('backroom', 'cart', 3),
    movement('cart', 'customer', 4),
  ];
  it('of one item come newest first, a page at a time', () =>
    given({ facts }, queries => {
      expect(queries.movements(MILK, 2).map(({ seq }) => seq)).toEqual([5, 4]);
      expect(queries.movements(MILK, 2, 4).map(({ seq }) => seq)).toEqual([1]);
      expect(queries.movements(TEA, 9)).toMatchObject([
        { seq: 2, to: 'backroom', quantity: 2, eventTimeMs: T0 + 1 },
      ]);
      expect(queries.movements('09521321000094', 9)).toEqual([]);
    }));

  it('of the store come newest first', () =>
    given({ facts }, queries => expect(queries.recentMovements(3).map(({ seq }) => seq)).toEqual([5, 4, 2])));

  it('begin with the oldest that was kept', () =>
    withStore((store, database) => {
      commit(store, ...facts);
      store.outbox.trim(Number.MAX_SAFE_INTEGER, 3);
      commit(store, movement('customer', 'returns'));
      const queries = createQueries(database, NOTHING_LIVE, () => T0);
      expect(queries.movements(MILK, 9).map(({ seq }) => seq)).toEqual([6, 5, 4]);
      expect(queries.movements(TEA, 9)).toEqual([]);
    }, true));
});
