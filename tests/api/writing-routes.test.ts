import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../src/shared/result.ts';
import { apiFixture, FIRST } from './api-fixture.ts';

const open: (() => Promise<unknown>)[] = [];
async function fixture(options: Parameters<typeof apiFixture>[0] = {}) {
  const made = await apiFixture(options);
  open.push(() => made.app.close());
  return made;
}
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

let untouched: Awaited<ReturnType<typeof apiFixture>>;
beforeAll(async () => {
  untouched = await apiFixture();
});
afterAll(() => untouched.app.close());

const { gtin } = FIRST.item;
const lines = [{ gtin: gtin.slice(1), quantity: 2 }];
const stored = [{ gtin, quantity: 2 }];
const sale = { key: 'till-1/000123', lines };

describe('a document', () => {
  it.each([
    ['sales', { key: 'k', till: 'till-1', lines }, { type: 'sale', key: 'k', till: 'till-1', lines: stored }],
    ['sales', { key: 'k', lines }, { type: 'sale', key: 'k', till: 'api', lines: stored }],
    ['deliveries', { key: 'k', lines }, { type: 'delivery', key: 'k', lines: stored }],
    [
      'counts',
      { key: 'k', gtin, place: 'backroom', quantity: 0 },
      { type: 'count', key: 'k', gtin, where: { place: 'backroom' }, quantity: 0 },
    ],
    [
      'counts',
      { key: 'k', gtin, place: 'shelf:A1-1', quantity: 7 },
      { type: 'count', key: 'k', gtin, where: { place: 'shelf', facing: 'A1-1' }, quantity: 7 },
    ],
    [
      'refills',
      { key: 'k', facing: 'A1-1', quantity: 4 },
      { type: 'refill', key: 'k', facing: 'A1-1', quantity: 4 },
    ],
    [
      'refills',
      { key: 'k', facing: 'A1-1', grams: 4_000 },
      { type: 'refill', key: 'k', facing: 'A1-1', quantity: 4_000, unit: 'g' },
    ],
    [
      'counts',
      { key: 'k', gtin, place: 'backroom', grams: 12_500 },
      { type: 'count', key: 'k', gtin, where: { place: 'backroom' }, quantity: 12_500, unit: 'g' },
    ],
    [
      'prices',
      { key: 'k', version: 'W02', prices: [{ gtin, price: '1.9' }] },
      { type: 'price_list', key: 'k', version: 'W02', prices: [{ gtin, priceMinor: 190 }] },
    ],
    ['reservations/order-1/release', { key: 'k' }, { type: 'release', key: 'k', reservation: 'order-1' }],
    [
      'deliveries',
      { key: 'k', notice: 'DN-1', lines },
      { type: 'delivery', key: 'k', notice: 'DN-1', lines: stored },
    ],
    [
      'notices',
      { key: 'k', notice: 'DN-1', lines },
      { type: 'notice', key: 'k', notice: 'DN-1', lines: stored },
    ],
    ['refunds', { key: 'k', lines }, { type: 'refund', key: 'k', lines: stored }],
    ['voids', { key: 'k', sale: 'till-1/7' }, { type: 'void', key: 'k', sale: 'till-1/7' }],
    [
      'waste',
      { key: 'k', from: 'returns', lines },
      { type: 'waste', key: 'k', from: { place: 'returns' }, lines: stored },
    ],
    [
      'transfers',
      { key: 'k', from: 'shelf:A1-1', to: 'backroom', lines },
      {
        type: 'transfer',
        key: 'k',
        from: { place: 'shelf', facing: 'A1-1' },
        to: { place: 'backroom' },
        lines: stored,
      },
    ],
    ['reservations/order-1/confirm', { key: 'k' }, { type: 'confirm', key: 'k', reservation: 'order-1' }],
    [
      'reservations/order-1/confirm',
      { key: 'k', dueAtMs: 1_767_600_000_000, handover: 'delivery' },
      {
        type: 'confirm',
        key: 'k',
        reservation: 'order-1',
        terms: { dueAtMs: 1_767_600_000_000, handover: 'delivery' },
      },
    ],
    [
      'reservations/order-1/picked',
      { key: 'k', lines: lines.map(line => ({ ...line, from: 'backroom' })) },
      {
        type: 'pick_order',
        key: 'k',
        reservation: 'order-1',
        lines: stored.map(line => ({ ...line, from: { place: 'backroom' } })),
      },
    ],
    ['reservations/order-1/hand-over', { key: 'k' }, { type: 'hand_over', key: 'k', reservation: 'order-1' }],
    [
      'reservations/order-1/extend',
      { key: 'k' },
      { type: 'extend', key: 'k', reservation: 'order-1', expiresAtMs: null },
    ],
    [
      'reservations/order-1/stage',
      { key: 'k', from: 'backroom', lines },
      { type: 'stage', key: 'k', reservation: 'order-1', from: { place: 'backroom' }, lines: stored },
    ],
    [
      'leases',
      { key: 'k', lease: 'l', gtin: gtin.slice(1), quantity: 2, expiresAtMs: 1_767_600_000_000 },
      { type: 'grant_lease', key: 'k', lease: 'l', gtin, quantity: 2, expiresAtMs: 1_767_600_000_000 },
    ],
    [
      'leases/l/report',
      { key: 'k', sold: [{ reservation: 'order-1', quantity: 2 }], final: true },
      {
        type: 'report_lease',
        key: 'k',
        lease: 'l',
        sold: [{ reservation: 'order-1', quantity: 2 }],
        final: true,
      },
    ],
  ])('posted to %s reaches the store with its GTINs in 14 digits', async (path, body, document) => {
    const { post, store, clock } = await fixture();
    const answer = await post(`/api/v1/${path}`, body);
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ status: 'accepted', seq: 3 });
    expect(store.submitted).toEqual([
      {
        kind: 'document',
        source: 'api',
        document,
        eventTimeMs: clock.nowMs(),
        receivedTimeMs: clock.nowMs(),
      },
    ]);
  });

  it.each([
    ['as Unix milliseconds', 1_767_600_000_000],
    ['as ISO 8601 in UTC', '2026-01-05T08:00:00Z'],
    ['as ISO 8601 with an offset', '2026-01-05T09:00:00.000+01:00'],
  ])('may say when it happened, %s', async (_form, time) => {
    const { post, store } = await fixture();
    await post('/api/v1/sales', { ...sale, time });
    expect(store.submitted[0]?.eventTimeMs).toBe(1_767_600_000_000);
  });

  it('that arrives again changes nothing and names the same place in the log', async () => {
    const { post } = await fixture();
    const first = await post('/api/v1/sales', sale);
    const again = await post('/api/v1/sales', sale);
    expect([first.statusCode, again.statusCode]).toEqual([201, 200]);
    expect(again.json()).toEqual({ status: 'duplicate', seq: first.json().seq });
  });

  it('with the same key and other content is a conflict', async () => {
    const { post } = await fixture();
    await post('/api/v1/sales', sale);
    const answer = await post('/api/v1/sales', { ...sale, lines: [{ gtin, quantity: 3 }] });
    expect(answer.statusCode).toBe(409);
    expect(answer.json().error.code).toBe('conflict');
  });

  it.each([
    ['sales', { lines }, "body.key is missing; it must be the sender's own number"],
    ['sales', { key: '', lines }, 'body.key is ""; it must be'],
    [
      'sales',
      { ...sale, customer: 'x' },
      'body.customer is not a known field; known are key, till, time, lines',
    ],
    ['sales', { key: 'k', lines: [] }, 'body.lines is []; it must be a list of 1 to 1000 lines'],
    [
      'sales',
      { key: 'k', lines: [{ gtin, quantity: '2' }] },
      'body.lines[0].quantity is "2"; it must be a whole number of units',
    ],
    ['sales', { key: 'k', lines: [{ gtin, quantity: 0 }] }, 'body.lines[0].quantity is 0'],
    [
      'sales',
      { key: 'k', lines: [{ gtin }] },
      'body.lines[0].quantity is missing; send quantity, or grams for what is sold by weight',
    ],
    [
      'sales',
      { key: 'k', lines: [{ gtin, quantity: 1, grams: 5 }] },
      'body.lines[0].quantity stands beside grams',
    ],
    ['counts', { key: 'k', gtin, place: 'backroom' }, 'body.quantity is missing'],
    ['sales', { key: 'k', lines: [{ gtin, quantity: 1.5 }] }, 'body.lines[0].quantity is 1.5'],
    [
      'sales',
      { key: 'k', lines: [{ gtin: 42, quantity: 1 }] },
      'body.lines[0].gtin is 42; it must be a GTIN as text',
    ],
    [
      'sales',
      { key: 'k', lines: [...lines, { gtin: '4006381333932', quantity: 1 }] },
      'body.lines[1].gtin is "4006381333932", whose check digit is wrong',
    ],
    ['sales', { ...sale, time: 1_767_600_000 }, 'body.time is 1767600000; it must be the time it happened'],
    ['sales', { ...sale, time: '2026-13-45T08:00:00Z' }, 'which no calendar has'],
    [
      'counts',
      { key: 'k', gtin, place: 'A1-1', quantity: 1 },
      'body.place is "A1-1"; it must be `backroom` or `shelf:`',
    ],
    ['prices', { key: 'k', version: 'v', prices: [{ gtin, price: 1.99 }] }, 'it must be a price as text'],
    [
      'prices',
      { key: 'k', version: 'v', prices: [{ gtin, price: '1.999' }] },
      'body.prices[0].price is "1.999"; EUR has 2 digits after the point',
    ],
  ])('posted to %s as %j is refused by place, value and mend', async (path, body, words) => {
    const { post, store } = untouched;
    const answer = await post(`/api/v1/${path}`, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({ code: 'invalid', retry: false });
    expect(answer.json().error.message).toContain(words);
    expect(store.submitted).toEqual([]);
  });

  it.each<[FailureCode, number, string | undefined]>([
    ['invalid', 400, undefined],
    ['not_found', 404, undefined],
    ['conflict', 409, undefined],
    ['insufficient', 409, undefined],
    ['expired', 410, undefined],
    ['busy', 503, '1'],
    ['storage', 503, '1'],
  ])('that the store refuses as %s is answered with %i', async (code, status, retryAfter) => {
    const refuse = { code, message: 'a sentence', retry: status === 503 };
    const { post } = await fixture({ refuse });
    const answer = await post('/api/v1/sales', sale);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: refuse });
    expect(answer.headers['retry-after']).toBe(retryAfter);
  });

  it('must be JSON: a form on a foreign page can send nothing', async () => {
    const { app } = await fixture();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/sales',
      headers: { host: 'localhost', 'content-type': 'text/plain' },
      payload: JSON.stringify(sale),
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.json().error.message).toContain('send application/json');
  });

  it('larger than the limit is refused before it is read', async () => {
    const { post } = await fixture();
    const answer = await post('/api/v1/sales', { ...sale, till: 'x'.repeat(1_100_000) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().error.message).toContain('send less');
  });
});

describe('a reservation', () => {
  const reserve = (quantity: number, key = 'k1') => ({
    key,
    reservation: 'order-1',
    lines: [{ gtin, quantity }],
    expiresInSeconds: 900,
  });

  it('is held until its time has passed', async () => {
    const { post, get, clock } = await fixture();
    const answer = await post('/api/v1/reservations', reserve(2));
    expect(answer.statusCode).toBe(201);
    expect((await get('/api/v1/reservations')).json()).toEqual([
      {
        reservation: 'order-1',
        state: 'temporary',
        lines: stored,
        expiresAtMs: clock.nowMs() + 900_000,
        reason: null,
      },
    ]);
  });

  it('that is more than may be promised is refused as insufficient, with the reason', async () => {
    const { post } = await fixture();
    const answer = await post('/api/v1/reservations', reserve(1_000));
    expect(answer.statusCode).toBe(409);
    expect(answer.json().error).toEqual({
      code: 'insufficient',
      message: 'not enough units',
      retry: false,
    });
  });

  it('sent again a minute later is the same reservation with the same end', async () => {
    const { post, clock } = await fixture();
    await post('/api/v1/reservations', reserve(2));
    clock.advance(60_000);
    const again = await post('/api/v1/reservations', reserve(2));
    expect(again.json().status).toBe('duplicate');
  });
});
