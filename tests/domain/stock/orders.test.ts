import { describe, expect, it } from 'vitest';
import { availableToPromise } from '../../../src/domain/stock/stock.ts';
import type { Document } from '../../../src/readings/documents.ts';
import { shelfSees } from '../../support/shelf-moment.ts';
import { createStockBench, NOON, shelfOf, testGtin } from '../../support/stock-bench.ts';

const ITEM = testGtin(1);
const MINUTE = 60_000;
const backroom = { place: 'backroom' } as const;
const order = { reservation: 'o' } as const;

/** Four units on a shelf with plates, six in the backroom. */
function openStore() {
  const bench = createStockBench(shelfOf([250]));
  const shelf = { place: 'shelf', facing: 'F1' } as const;
  bench.document({ type: 'count', key: 's', gtin: ITEM, where: shelf, quantity: 4 });
  bench.document({ type: 'count', key: 'b', gtin: ITEM, where: backroom, quantity: 6 });
  let keys = 0;
  const send = (document: Record<string, unknown>, atMs = NOON) =>
    bench.document({ key: `k${++keys}`, ...document } as unknown as Document, atMs);
  const reserve = (quantity: number, expiresAtMs: number | null = null, reservation = 'o') =>
    send({ type: 'reserve', reservation, lines: of(quantity), expiresAtMs });
  const stage = (quantity: number, from: object = backroom) =>
    send({ type: 'stage', ...order, from, lines: of(quantity) });
  const places = () => Object.fromEntries(bench.state.ledger.balances.places(ITEM));
  return { bench, send, reserve, stage, places, free: () => availableToPromise(bench.state, ITEM) };
}

const of = (quantity: number) => [{ gtin: ITEM, quantity }];

describe('an order', () => {
  it('is confirmed, picked from two places, and handed over', () => {
    const { bench, reserve, send, stage, places, free } = openStore();
    reserve(5, NOON + MINUTE);
    expect(send({ type: 'confirm', ...order })).toMatchObject({
      value: [{ state: 'confirmed', expiresAtMs: null }],
    });
    expect(stage(3)).toMatchObject({ value: [{ state: 'confirmed' }, { cause: 'stage' }] });
    expect(free()).toBe(5);
    expect(stage(2, { place: 'shelf', facing: 'F1' })).toMatchObject({ value: [{ state: 'staged' }, {}] });
    shelfSees(bench, 'F1', -2);
    expect(places()).toMatchObject({ backroom: 3, 'shelf:F1': 2, staged: 5 });
    expect(free()).toBe(5);
    expect(send({ type: 'hand_over', ...order })).toMatchObject({ value: [{ state: 'handed_over' }, {}] });
    expect(places()).toMatchObject({ customer: 5 });
    expect(free()).toBe(5);
  });

  it('that is released after it was picked goes back to the backroom', () => {
    const { reserve, stage, send, places, free } = openStore();
    reserve(4);
    stage(3);
    send({ type: 'release', ...order });
    expect(places()).toMatchObject({ backroom: 6 });
    expect(free()).toBe(10);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['more than was ordered', { type: 'stage', from: backroom, lines: of(5) }, 'invalid'],
    [
      'something else',
      { type: 'stage', from: backroom, lines: [{ gtin: testGtin(9), quantity: 1 }] },
      'invalid',
    ],
    ['goods of the returns desk', { type: 'stage', from: { place: 'returns' }, lines: of(1) }, 'invalid'],
    ['a handing over of nothing', { type: 'hand_over' }, 'conflict'],
    ['an end for what has none', { type: 'extend', expiresAtMs: NOON + MINUTE }, 'conflict'],
    ['an order that is not there', { type: 'confirm', reservation: 'x' }, 'not_found'],
  ])('refuses %s', (_, document, code) => {
    const { reserve, send } = openStore();
    reserve(4);
    expect(send({ ...order, ...document })).toMatchObject({ ok: false, error: { code } });
  });

  it('is extended while it lasts, and not after', () => {
    const { reserve, send, free } = openStore();
    reserve(4, NOON + MINUTE);
    const extend = (expiresAtMs: number | null, atMs: number) =>
      send({ type: 'extend', ...order, expiresAtMs }, atMs);
    expect(extend(NOON + 3 * MINUTE, NOON + MINUTE - 1)).toMatchObject({ value: [{ state: 'temporary' }] });
    expect(extend(NOON + 9 * MINUTE, NOON + 3 * MINUTE)).toMatchObject({ error: { code: 'expired' } });
    expect(free()).toBe(10);
  });

  it('that stands picked suffers no shortage; the newest that does not, suffers', () => {
    const { bench, reserve, stage, send } = openStore();
    reserve(5, null, 'old');
    reserve(5);
    stage(5);
    send({ type: 'sale', till: 't', lines: of(2) });
    expect(bench.facts.filter(({ type }) => type === 'shortage')).toMatchObject([
      { reservation: 'old', missing: 2 },
    ]);
  });

  it('does not hinder a count, which says who lacks what', () => {
    const { bench, reserve, send } = openStore();
    reserve(8);
    expect(send({ type: 'count', gtin: ITEM, where: backroom, quantity: 1 })).toMatchObject({ ok: true });
    expect(bench.facts.at(-1)).toMatchObject({ type: 'shortage', reservation: 'o', missing: 3 });
  });

  it('keeps what is picked over a restart', () => {
    const { bench, reserve, stage } = openStore();
    reserve(4);
    stage(3);
    const next = createStockBench(shelfOf([250]), { saved: bench.saved() });
    next.tick(NOON);
    expect(availableToPromise(next.state, ITEM)).toBe(6);
  });
});

describe('an order whose picking is over', () => {
  const shelf = { place: 'shelf', facing: 'F1' } as const;
  const picked = (units: number, from: object) => ({ gtin: ITEM, quantity: units, from });
  const confirmed = (quantity: number) => {
    const store = openStore();
    store.reserve(quantity);
    store.send({ type: 'confirm', ...order });
    const pick = (...lines: object[]) => store.send({ type: 'pick_order', ...order, lines });
    return { ...store, pick };
  };

  it('stands ready with what was found, and each unit is counted once, whoever tells of it first', () => {
    const { bench, pick, places, free } = confirmed(5);
    shelfSees(bench, 'F1', -2);
    expect(pick(picked(3, shelf), picked(2, backroom))).toMatchObject({
      value: [{ state: 'staged', lines: [{ staged: 5 }] }, { from: 'cart' }, { from: 'backroom' }],
    });
    // The plates tell of the third unit late.
    shelfSees(bench, 'F1', -1);
    expect(places()).toMatchObject({ backroom: 4, 'shelf:F1': 1, staged: 5 });
    expect(places()).not.toHaveProperty('cart');
    expect(free()).toBe(5);
  });

  it('names what was not found and keeps it from others until the order ends', () => {
    const { pick, send, free } = confirmed(5);
    expect(pick(picked(3, backroom))).toMatchObject({
      value: [
        { state: 'staged', lines: [{ quantity: 5, staged: 3 }] },
        { cause: 'stage' },
        { type: 'shortage', reservation: 'o', missing: 2, cause: 'not_found' },
      ],
    });
    expect(free()).toBe(5);
    expect(send({ type: 'stage', ...order, from: backroom, lines: of(1) })).toMatchObject({
      value: [{ state: 'staged', lines: [{ staged: 4 }] }, {}],
    });
    send({ type: 'hand_over', ...order });
    expect(free()).toBe(6);
  });

  it('may have found nothing at all', () => {
    const { pick, send, free } = confirmed(4);
    expect(pick()).toMatchObject({ value: [{ state: 'staged' }, { missing: 4 }] });
    expect(send({ type: 'hand_over', ...order })).toMatchObject({ error: { code: 'conflict' } });
    send({ type: 'release', ...order });
    expect(free()).toBe(10);
  });

  it('is not short while its last units are in the hands of whoever picks it, but is when a till sells them', () => {
    const { bench, send } = confirmed(10);
    const shortages = () => bench.facts.filter(({ type }) => type === 'shortage');
    shelfSees(bench, 'F1', -2);
    expect(shortages()).toEqual([]);
    send({ type: 'sale', till: 't', lines: of(1) });
    expect(shortages()).toMatchObject([{ reservation: 'o', missing: 1 }]);
  });
});

describe('the last unit', () => {
  it.each([2, 50])('goes to exactly one of %i clients', clients => {
    const { reserve } = openStore();
    reserve(9, null, 'first');
    const answers = Array.from({ length: clients }, (_, client) => reserve(1, null, `c${client}`));
    const granted = answers.filter(answer => answer.ok && JSON.stringify(answer.value).includes('pending'));
    expect(granted).toHaveLength(1);
  });
});

describe('a lease', () => {
  const end = NOON + 60 * MINUTE;
  const leased = () => {
    const store = openStore();
    const grant = { type: 'grant_lease', lease: 'l', gtin: ITEM, quantity: 6, expiresAtMs: end };
    return { ...store, grant, granted: store.send(grant) };
  };
  const report = (quantities: readonly number[], final: boolean) => ({
    type: 'report_lease',
    lease: 'l',
    sold: quantities.map((quantity, index) => ({ reservation: `${final}${index}`, quantity })),
    final,
  });

  it('takes its units out of what the store may promise', () => {
    const { granted, free, reserve } = leased();
    expect(granted).toMatchObject({ ok: true, value: [{ state: 'active', granted: 6, sold: 0 }] });
    expect(free()).toBe(4);
    expect(reserve(5)).toMatchObject({ value: [{ state: 'refused' }] });
  });

  it('is refused for more than there is, and the second time', () => {
    const { send, grant } = leased();
    expect(send({ ...grant, lease: 'm' })).toMatchObject({ error: { code: 'insufficient' } });
    expect(send(grant)).toMatchObject({ error: { code: 'conflict' } });
  });

  it('gives nothing back by time alone, because the cloud may have sold before the link was cut', () => {
    const { bench, free } = leased();
    bench.tick(end + 24 * 60 * MINUTE);
    expect(free()).toBe(4);
  });

  it('turns what the cloud sold into orders and gives the rest back when it is settled', () => {
    const { send, free } = leased();
    send(report([2], false));
    expect(free()).toBe(4);
    send(report([1], true));
    expect(free()).toBe(7);
    expect(send(report([1], true))).toMatchObject({ error: { code: 'conflict' } });
  });

  it('covers no more than was granted', () => {
    const { send } = leased();
    expect(send(report([4, 3], true))).toMatchObject({ error: { code: 'conflict' } });
  });

  it('whose units a till took meanwhile makes its newest order suffer', () => {
    const { bench, send } = leased();
    send({ type: 'sale', till: 't', lines: of(6) });
    send(report([3, 2], true));
    expect(bench.facts.filter(({ type }) => type === 'shortage')).toMatchObject([
      { reservation: 'true1', missing: 1 },
    ]);
  });

  it('is still known after a restart', () => {
    const { bench } = leased();
    const next = createStockBench(shelfOf([250]), { saved: bench.saved() });
    next.tick(NOON);
    expect(availableToPromise(next.state, ITEM)).toBe(4);
  });
});
