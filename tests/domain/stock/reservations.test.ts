import { describe, expect, it } from 'vitest';
import { availableToPromise } from '../../../src/domain/stock/stock.ts';
import type { Line } from '../../../src/readings/documents.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, shelfOf, testGtin } from '../../support/stock-bench.ts';

const ITEM = testGtin(1);
const OTHER = testGtin(2);
const MINUTE = 60_000;

/** 4 units on the shelf and 6 in the backroom of each item, 1 of them safety stock. */
function openStore() {
  const bench = createStockBench(shelfOf([250, 500]), { safetyStock: 1 });
  for (const [index, gtin] of [ITEM, OTHER].entries()) {
    const shelf = { place: 'shelf', facing: `F${index + 1}` } as const;
    bench.document({ type: 'count', key: `s${index}`, gtin, where: shelf, quantity: 4 });
    bench.document({ type: 'count', key: `b${index}`, gtin, where: { place: 'backroom' }, quantity: 6 });
  }
  const reserve = (
    reservation: string,
    lines: readonly Line[],
    { expiresAtMs = null, atMs = NOON, key = `key/${reservation}` }: ReserveOptions = {},
  ) => {
    const result = bench.document({ type: 'reserve', key, reservation, lines, expiresAtMs }, atMs);
    return result.ok ? result.value.at(-1) : result.error;
  };
  const release = (reservation: string, atMs = NOON) =>
    bench.document({ type: 'release', key: `end/${reservation}`, reservation }, atMs);
  const sell = (quantity: number) =>
    bench.document({ type: 'sale', key: 'till/1', till: 'till', lines: [{ gtin: ITEM, quantity }] });
  return { bench, reserve, release, sell, free: () => availableToPromise(bench.state, ITEM) };
}

interface ReserveOptions {
  readonly expiresAtMs?: number | null;
  readonly atMs?: number;
  readonly key?: string;
}

const of = (quantity: number, gtin = ITEM): Line => ({ gtin, quantity });

describe('available to promise', () => {
  it('is backroom and shelf without promises, safety stock and what tills sold unseen', () => {
    const { free, reserve, sell, bench } = openStore();
    expect(free()).toBe(9);
    reserve('a', [of(3)]);
    expect(free()).toBe(6);
    sell(2);
    expect(free()).toBe(4);
    shelfSees(bench, 'F1', -2);
    expect(free()).toBe(4);
    shelfSees(bench, 'F1', -1);
    expect(free()).toBe(3);
  });
});

describe('a reservation', () => {
  it('is pending without an end and temporary with one', () => {
    const { reserve } = openStore();
    expect(reserve('a', [of(1)])).toMatchObject({ state: 'pending', reason: null });
    expect(reserve('b', [of(1)], { expiresAtMs: NOON + MINUTE })).toMatchObject({ state: 'temporary' });
  });

  it('is all or nothing over its items, and says which one is short', () => {
    const { reserve, free } = openStore();
    expect(reserve('a', [of(2), of(10, OTHER)])).toMatchObject({
      state: 'refused',
      reason: `10 of ${OTHER} asked for, 9 available to promise`,
    });
    expect(free()).toBe(9);
  });

  it('adds up two lines of one item before it promises', () => {
    const { reserve } = openStore();
    expect(reserve('a', [of(5), of(5)])).toMatchObject({ state: 'refused', lines: [of(10)] });
    expect(reserve('b', [of(5), of(4)])).toMatchObject({ state: 'pending', lines: [of(9)] });
  });

  it('promises the last unit once', () => {
    const { reserve } = openStore();
    reserve('a', [of(9)]);
    expect(reserve('b', [of(1)])).toMatchObject({ state: 'refused' });
  });

  it('ends by itself, without waiting for a tick', () => {
    const { reserve } = openStore();
    reserve('a', [of(9)], { expiresAtMs: NOON + MINUTE });
    expect(reserve('b', [of(9)], { atMs: NOON + MINUTE - 1 })).toMatchObject({ state: 'refused' });
    expect(reserve('c', [of(9)], { atMs: NOON + MINUTE })).toMatchObject({ state: 'pending' });
  });

  it('that has ended is put on record by the next tick, once', () => {
    const { reserve, bench } = openStore();
    reserve('a', [of(2)], { expiresAtMs: NOON + MINUTE });
    expect(bench.tick(NOON + MINUTE - 1)).toEqual([]);
    expect(bench.tick(NOON + MINUTE)).toMatchObject([{ reservation: 'a', state: 'expired', lines: [of(2)] }]);
    expect(bench.tick(NOON + MINUTE + 1_000)).toEqual([]);
  });

  it('that arrives too late is refused and remembered so', () => {
    const { reserve } = openStore();
    expect(reserve('a', [of(1)], { expiresAtMs: NOON - 1 })).toMatchObject({
      state: 'refused',
      reason: 'the reservation had expired before it arrived',
    });
  });

  it('cannot be opened twice under two keys', () => {
    const { reserve, free } = openStore();
    reserve('a', [of(1)]);
    expect(reserve('a', [of(1)], { key: 'another' })).toMatchObject({ code: 'conflict' });
    expect(free()).toBe(8);
  });

  it('may be opened again after it ended', () => {
    const { reserve, release, bench } = openStore();
    reserve('a', [of(1)]);
    release('a');
    expect(reserve('a', [of(2)], { expiresAtMs: NOON + 1 })).toMatchObject({ state: 'temporary' });
    expect(reserve('a', [of(3)], { atMs: NOON + 1 })).toMatchObject({ state: 'pending' });
    expect(bench.facts.map(fact => ('state' in fact ? fact.state : null)).filter(Boolean)).toEqual([
      'pending',
      'released',
      'temporary',
      'expired',
      'pending',
    ]);
  });
});

describe('a release', () => {
  it('gives the units back, and a second one changes nothing', () => {
    const { reserve, release, free } = openStore();
    reserve('a', [of(3)]);
    expect(release('a')).toMatchObject({ ok: true, value: [{ state: 'released', lines: [of(3)] }] });
    expect(free()).toBe(9);
    expect(release('a')).toEqual({ ok: true, value: [] });
    expect(free()).toBe(9);
  });

  it('of something that was never reserved is not found', () => {
    expect(openStore().release('z')).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  it('is still harmless after a restart', () => {
    const { reserve, release, bench } = openStore();
    reserve('a', [of(3)]);
    release('a');
    const next = createStockBench(shelfOf([250, 500]), { saved: bench.saved() });
    expect(next.document({ type: 'release', key: 'again', reservation: 'a' })).toEqual({
      ok: true,
      value: [],
    });
  });
});

describe('a shortage of orders that are picked', () => {
  it('meets the older order when the newer one was picked first', () => {
    const { bench, reserve, sell } = openStore();
    reserve('old', [of(2)]);
    reserve('new', [of(4)]);
    sell(5);
    const from = { place: 'backroom' } as const;
    const lines = [{ ...of(4), from }];
    for (const reservation of ['old', 'new'])
      bench.document({ type: 'confirm', key: reservation, reservation });
    bench.document({ type: 'pick_order', key: 'p', reservation: 'new', lines });
    const named = bench.facts.flatMap(fact => (fact.type === 'shortage' ? [fact] : []));
    expect(named.map(({ reservation, missing }) => `${reservation} ${missing}`)).toEqual(['new 1', 'old 1']);
  });
});

describe('a shortage', () => {
  const shortagesIn = (facts: readonly { type: string }[]) =>
    facts
      .filter(fact => fact.type === 'shortage')
      .map(fact => {
        const { reservation, missing } = fact as unknown as { reservation: string; missing: number };
        return `${reservation} lacks ${missing}`;
      });

  it('hits the newest reservation first, and only when promised units are gone', () => {
    const { reserve, sell, bench } = openStore();
    reserve('old', [of(4)]);
    reserve('new', [of(4)]);
    sell(2);
    expect(shortagesIn(bench.facts)).toEqual([]);
    sell(3);
    expect(shortagesIn(bench.facts)).toEqual(['new lacks 3']);
    sell(3);
    expect(shortagesIn(bench.facts)).toEqual(['new lacks 3', 'new lacks 4', 'old lacks 2']);
  });

  it('is not told again by what does not make it worse', () => {
    const { reserve, sell, bench } = openStore();
    reserve('a', [of(8)]);
    sell(4);
    shelfSees(bench, 'F1', -4);
    bench.document({ type: 'delivery', key: 'd', lines: [of(1)] });
    expect(shortagesIn(bench.facts)).toEqual(['a lacks 2']);
  });

  it('is told when a count finds less than was promised', () => {
    const { reserve, bench } = openStore();
    reserve('a', [of(9)]);
    const where = { place: 'backroom' } as const;
    bench.document({ type: 'count', key: 'c', gtin: ITEM, where, quantity: 0 });
    expect(shortagesIn(bench.facts)).toEqual(['a lacks 5']);
  });
});
