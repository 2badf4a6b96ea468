import { expect, test } from 'vitest';
import type { DeviceOrder } from '../../src/readings/device-order.ts';
import { fail, ok } from '../../src/shared/result.ts';
import { apiFixture } from './api-fixture.ts';

const PATH = '/api/v1/devices/scale-1/commands/zero';

test('a write waits for what became of it, and a person at the machine is a technician', async () => {
  const given: DeviceOrder[] = [];
  const { post } = await apiFixture({
    order: async order => {
      given.push(order);
      return ok({ done: false, detail: 'the device confirmed it, but gross_weight reads 90, not 0' });
    },
  });
  const answer = await post(PATH, { id: 'w1', values: { step: 2 } });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    done: false,
    detail: 'the device confirmed it, but gross_weight reads 90, not 0',
  });
  expect(given).toEqual([
    { id: 'w1', device: 'scale-1', name: 'zero', body: { step: 2 }, role: 'technician' },
  ]);
});

test('over the network nobody is a technician', async () => {
  const roles: string[] = [];
  const { post } = await apiFixture({
    host: '0.0.0.0',
    order: async ({ role }) => {
      roles.push(role);
      return fail('invalid', 'zero on scale-1 is for technicians only');
    },
  });
  const answer = await post(PATH, { id: 'w1' });
  expect(answer.statusCode).toBe(400);
  expect(roles).toEqual(['operator']);
});

test('a gateway without such devices says so', async () => {
  const { post } = await apiFixture();
  expect((await post(PATH, { id: 'w1' })).statusCode).toBe(501);
});
