import { describe, expect, test } from 'vitest';
import type { BusBudget } from '../../src/readings/bus-budget.ts';
import type { Stranger } from '../../src/readings/discovery.ts';
import { apiFixture } from './api-fixture.ts';

const NEW_CASE = {
  id: 'case-9',
  profile: 'danfoss-ekc-202d',
  address: { host: '10.0.0.9', port: 502, unit: 3 },
  bind: { unit: 'Case 9', temperatureClass: 'chilled' },
};

describe('what a technician asks for', () => {
  test('each line says what it carries and who is dead on it', async () => {
    const { get } = await apiFixture();
    const buses = (await get('/api/v1/buses')).json<BusBudget[]>();
    expect(buses.map(({ bus }) => bus)).toEqual(['cold-room-line', '127.0.0.1:5020']);
    expect(buses[0]!.devices.filter(({ state }) => state === 'offline')).toHaveLength(10);
  });

  test('one device tells how it does', async () => {
    const { get } = await apiFixture();
    const answer = await get('/api/v1/devices/dairy-case');
    expect(answer.json()).toMatchObject({ device: 'dairy-case', vitals: { roundTripMs: 38.5 } });
    const none = await get('/api/v1/devices/nobody');
    expect([none.statusCode, none.json()]).toMatchObject([
      404,
      { error: { code: 'not_found', message: expect.stringContaining('no device "nobody"') } },
    ]);
  });

  test('a stranger comes with the profiles that fit', async () => {
    const { get } = await apiFixture();
    const [stranger] = (await get('/api/v1/strangers')).json<Stranger[]>();
    expect(stranger).toMatchObject({ name: 'vs121-6417a', suggestions: [{ profile: 'milesight-vs121' }] });
  });

  test('a device is adopted with one request, which says what to do next', async () => {
    const { post } = await apiFixture();
    const answer = await post('/api/v1/devices/adopt', NEW_CASE);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ id: 'case-9', next: expect.stringContaining('restart') });
  });

  test('what the site refuses is told with place and mend', async () => {
    const { post } = await apiFixture();
    const answer = await post('/api/v1/devices/adopt', { ...NEW_CASE, id: 'dairy-case' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      error: { code: 'invalid', message: expect.stringContaining('already used by device') },
    });
  });

  test('a malformed request is told what the field must be', async () => {
    const { post } = await apiFixture();
    const answer = await post('/api/v1/devices/adopt', { ...NEW_CASE, id: 'Case 9' });
    expect(answer.json<{ error: { message: string } }>().error.message).toBe(
      'body.id is "Case 9"; it must be your name for the device: lower-case letters, digits and hyphens',
    );
  });

  test('the configuration says whose policies hold and where site.yaml differs', async () => {
    const { get } = await apiFixture();
    expect((await get('/api/v1/configuration')).json()).toMatchObject({
      version: 7,
      differences: [{ path: 'stock.safetyStock', files: '0', inForce: '2' }],
    });
  });

  test("the store's own policies come back with one request, over loopback alone", async () => {
    const { post, store } = await apiFixture();
    expect((await post('/api/v1/configuration/use-files', { key: 'k' })).statusCode).toBe(201);
    expect(store.submitted.at(-1)).toMatchObject({
      document: { type: 'configure', key: 'k', version: 0, rollback: true, policies: null },
    });
    const network = await apiFixture({ host: '0.0.0.0' });
    expect((await network.post('/api/v1/configuration/use-files', { key: 'k' })).statusCode).toBe(501);
  });

  test('a gateway on the network lets nobody change its site over HTTP', async () => {
    const { post } = await apiFixture({ host: '0.0.0.0' });
    const answer = await post('/api/v1/devices/adopt', NEW_CASE);
    expect(answer.statusCode).toBe(501);
    expect(answer.json()).toMatchObject({ error: { message: expect.stringContaining('aisle adopt') } });
  });
});
