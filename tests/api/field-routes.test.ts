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

  test('a gateway on the network lets nobody change its site over HTTP', async () => {
    const { post } = await apiFixture({ host: '0.0.0.0' });
    const answer = await post('/api/v1/devices/adopt', NEW_CASE);
    expect(answer.statusCode).toBe(501);
    expect(answer.json()).toMatchObject({ error: { message: expect.stringContaining('aisle adopt') } });
  });
});
