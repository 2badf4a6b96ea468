import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiFixture, FIRST } from './api-fixture.ts';

let loopback: Awaited<ReturnType<typeof apiFixture>>;
beforeAll(async () => {
  loopback = await apiFixture();
});
afterAll(() => loopback.app.close());

const { gtin } = FIRST.item;

describe('what may be read', () => {
  it.each([
    ['/api/v1/stock', 30],
    ['/api/v1/facings', 30],
    ['/api/v1/devices', 20],
    ['/api/v1/cold', 3],
    ['/api/v1/labels', 8],
    ['/api/v1/movements', 2],
    ['/api/v1/reservations', 0],
  ])('%s answers the list as the store has it', async (url, length) => {
    const { get } = loopback;
    const answer = await get(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toHaveLength(length);
  });

  it('answers one item with its places, and what may be promised', async () => {
    const { get } = loopback;
    const answer = await get(`/api/v1/stock/${gtin}`);
    expect(answer.json()).toMatchObject({
      gtin,
      places: { supplier: -30, backroom: 20, 'shelf:A1-1': 10 },
      onShelf: 10,
      backroom: 20,
      availableToPromise: 29,
    });
  });

  it('takes a GTIN of 13 digits for the 14 that it stores', async () => {
    const { get } = loopback;
    const answer = await get(`/api/v1/stock/${gtin.slice(1)}`);
    expect(answer.json().gtin).toBe(gtin);
  });

  it.each([
    ['/api/v1/stock/4006381333932', 400, 'would end in 1'],
    ['/api/v1/stock/12', 400, 'params.gtin is "12"; it must be a GTIN as text'],
    ['/api/v1/stock/4006381333931', 404, 'add it to items.csv'],
    ['/api/v1/stock/4006381333931/movements', 404, 'does not sell'],
    [`/api/v1/stock/${gtin}/movements?limit=0`, 400, 'query.limit is 0; it must be'],
    [`/api/v1/stock/${gtin}/movements?limit=ten`, 400, 'query.limit is "ten"; it must be'],
    [
      `/api/v1/stock/${gtin}/movements?page=2`,
      400,
      'query.page is not a known field; known are limit, before',
    ],
    ['/api/v1/cold/Nowhere/temperatures', 404, 'this store has Dairy case, Freezer, Walk-in room'],
    ['/api/v1/footfall?hours=9999', 400, 'query.hours is 9999'],
    ['/api/v1/nothing', 404, '/api/v1/openapi.json lists what does'],
  ])('%s is refused with %i and the mend', async (url, status, words) => {
    const { get } = loopback;
    const answer = await get(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().error.message).toContain(words);
    expect(answer.json().error.retry).toBe(false);
  });

  it('pages through movements from the newest on', async () => {
    const { get } = loopback;
    const newest = (await get(`/api/v1/stock/${gtin}/movements?limit=1`)).json();
    const older = (await get(`/api/v1/stock/${gtin}/movements?limit=1&before=${newest[0].seq}`)).json();
    expect([newest[0].seq, older[0].seq]).toEqual([2, 1]);
  });

  it('answers temperatures of the last minutes only', async () => {
    const { get, store, clock } = loopback;
    const nowMs = clock.nowMs();
    store.minutes.set('Dairy case', [
      { minuteMs: nowMs - 3_600_000, celsius: 3 },
      { minuteMs: nowMs - 60_000, celsius: 4 },
    ]);
    const answer = await get('/api/v1/cold/Dairy%20case/temperatures?minutes=30');
    expect(answer.json().map((minute: { meanCelsius: number }) => minute.meanCelsius)).toEqual([4]);
  });

  it('answers footfall in the bins that were asked for', async () => {
    const { get } = loopback;
    const bins = (await get('/api/v1/footfall?hours=2&bin=30')).json() as { startMs: number }[];
    expect(new Set(bins.map(bin => bin.startMs % 1_800_000))).toEqual(new Set([0]));
  });

  it('describes itself as OpenAPI 3.1, with every address', async () => {
    const { get } = loopback;
    const document = (await get('/api/v1/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual(
      [
        'availability',
        'buses',
        'cold',
        'cold/{unit}/temperatures',
        'configuration',
        'configuration/use-files',
        'counts',
        'deliveries',
        'devices',
        'devices/adopt',
        'devices/{device}',
        'devices/{device}/commands/{name}',
        'facings',
        'facings/{facing}/why',
        'footfall',
        'health',
        'labels',
        'leases',
        'leases/{id}/report',
        'live',
        'movements',
        'movements/{seq}/why',
        'notices',
        'prices',
        'refills',
        'refunds',
        'reservations',
        'reservations/{id}/confirm',
        'reservations/{id}/extend',
        'reservations/{id}/hand-over',
        'reservations/{id}/picked',
        'reservations/{id}/release',
        'reservations/{id}/stage',
        'sales',
        'stock',
        'stock/{gtin}',
        'stock/{gtin}/forecast',
        'stock/{gtin}/movements',
        'stock/{gtin}/why',
        'strangers',
        'sync',
        'sync/replay',
        'tasks',
        'tasks/{id}/dismiss',
        'tasks/{id}/done',
        'tasks/{id}/take',
        'transfers',
        'voids',
        'waste',
      ].map(path => `/api/v1/${path}`),
    );
  });

  it('shows counts, states and the process as Prometheus text', async () => {
    const { get, counters } = loopback;
    counters.add('mqtt_messages_total', { topic: 'weights' }, 3);
    const text = (await get('/metrics')).body;
    expect(text).toContain('aisle_mqtt_messages_total{topic="weights"} 3');
    expect(text).toContain('aisle_part_ok{part="mqtt",state="degraded"} 0');
    expect(text).toContain('aisle_log_seq 2');
    expect(text).toContain('process_resident_memory_bytes');
  });
});

describe('who may ask', () => {
  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])(
    'a loopback gateway answers the name %s',
    async host => {
      const { get } = loopback;
      expect((await get('/api/v1/health', { host })).statusCode).toBe(200);
    },
  );

  it('a loopback gateway refuses a name that a foreign page could have made up', async () => {
    const { get } = loopback;
    const answer = await get('/api/v1/health', { host: 'aisle.example' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.message).toContain('use localhost or 127.0.0.1');
  });

  it('a gateway on the network answers any name', async () => {
    const network = await apiFixture({ host: '0.0.0.0' });
    const answer = await network.get('/api/v1/health', { host: 'aisle.example' });
    expect(answer.statusCode).toBe(200);
    await network.app.close();
  });

  it('forbids inline scripts, foreign frames and content guessing', async () => {
    const { get } = loopback;
    const { headers } = await get('/api/v1/health');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
  });
});
