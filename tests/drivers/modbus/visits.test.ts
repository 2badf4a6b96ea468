import { afterEach, describe, expect, test } from 'vitest';
import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import { estimateBudgets } from '../../../src/drivers/modbus/estimate-budget.ts';
import { readOnce } from '../../../src/drivers/modbus/read-once.ts';
import { scanLine } from '../../../src/drivers/modbus/scan-line.ts';
import { fastCase, listen, modbusDevice, modbusProfile, siteOf } from './bus-fixtures.ts';
import { type RtuSlave, rtuSlave, type SlaveUnit } from './rtu-slave.ts';

let slave: RtuSlave | null = null;
afterEach(async () => {
  await slave?.close();
  slave = null;
});

const registers = (values: Record<string, number>) => ({ registers: new Map(Object.entries(values)) });

async function lineWith(...units: readonly (readonly [number, SlaveUnit])[]) {
  slave = await rtuSlave(new Map(units));
  return (unit: number) => ({ host: '127.0.0.1', port: slave!.port, unit, framing: 'rtu' as const });
}

const named = (id: string, fields: Partial<DeviceProfile>): DeviceProfile => ({ ...fastCase, id, ...fields });

describe('reading a device once', () => {
  test('gives every point with its raw words and what the profile makes of it', async () => {
    const at = await lineWith([3, registers({ 'holding:100': 0xff45, 'holding:101': 20 })]);
    const read = await readOnce(fastCase, at(3), listen().context);
    expect(read).toMatchObject({ requests: 1, answered: true, troubles: [] });
    expect(read.raw).toEqual([
      { point: 'air_temperature', table: 'holding', address: 100, words: [0xff45] },
      { point: 'setpoint', table: 'holding', address: 101, words: [20] },
    ]);
    expect(read.values.map(({ point, value }) => [point, value])).toEqual([
      ['air_temperature', -18.7],
      ['setpoint', 2],
    ]);
  });

  test('says in words which place the device refuses', async () => {
    const at = await lineWith([3, registers({ 'holding:100': 34 })]);
    const read = await readOnce(fastCase, at(3), listen().context);
    expect(read.values.map(({ value }) => value)).toEqual([3.4, null]);
    expect(read.troubles.at(-1)).toBe(
      'exception 2 (illegal data address: no such register in this device) at holding 101, 1 register',
    );
  });

  test('says so when nobody answers', async () => {
    const at = await lineWith();
    const read = await readOnce(fastCase, at(3), listen().context);
    expect(read).toMatchObject({ answered: false, values: [], roundTripMs: null });
    expect(read.troubles).toEqual(['no answer in time to holding 100, 2 registers']);
  });
});

describe('looking for units on a line', () => {
  const scan = (
    address: ReturnType<Awaited<ReturnType<typeof lineWith>>>,
    profiles: readonly DeviceProfile[],
  ) => scanLine({ address, units: [1, 2, 3, 4], timeoutMs: 60, profiles }, listen().context);

  test('finds those that answer, whatever they answer, and reads only', async () => {
    const at = await lineWith([2, registers({})], [4, registers({ 'holding:0': 1 })]);
    const found = await scan(at(1), []);
    expect(found?.map(({ unit }) => unit)).toEqual([2, 4]);
    const codes = new Set(slave!.heard.map(request => Number.parseInt(request.slice(2, 4), 16)));
    expect(codes).toEqual(new Set([3, 4, 0x2b]));
  });

  test('knows a model by its identifying register, or by the name it gives itself', async () => {
    const identify = { table: 'holding', addr: 500, type: 'u16', equals: [77] } as const;
    const modbus = { ...modbusProfile({ points: [] }).modbus!, identify: { ...identify, equals: [77] } };
    const at = await lineWith(
      [1, registers({ 'holding:500': 77 })],
      [2, { ...registers({ 'holding:500': 76 }), identification: ['Acme', 'ThermoMax-3', '1.0'] }],
    );
    const found = await scan(at(1), [
      named('by-register', { modbus }),
      named('by-name', { vendor: 'ACME', models: ['ThermoMax 3'] }),
    ]);
    expect(found?.map(({ candidates }) => candidates)).toEqual([
      [{ profile: 'by-register', because: 'holding register 500 holds 77, as in this model' }],
      [{ profile: 'by-name', because: 'it calls itself Acme ThermoMax-3' }],
    ]);
  });

  test('is over at once where there is no line', async () => {
    const at = await lineWith();
    const address = at(1);
    await slave!.close();
    expect(await scan(address, [])).toBeNull();
  });
});

describe('an estimate of a line', () => {
  const serial = { name: 'back-room', port: '/dev/null', baud: 9600, parity: 'none', stop: 1 } as const;

  test('counts what its plans ask of its speed', () => {
    const every = (everyMs: number) => ({ ...fastCase, groups: { live: { everyMs } } });
    const devices = [1, 2].map(unit => ({
      ...modbusDevice(`case-${unit}`, 0, unit, every(1_000)),
      address: { protocol: 'modbus' as const, line: serial, unit },
    }));
    const [budget] = estimateBudgets(siteOf(...devices));
    // 8 bytes out and 9 back at 9,600 baud, 10 ms of thought and 4 ms of silence: 33.5 ms.
    expect(budget).toMatchObject({
      bus: 'back-room',
      transport: 'serial',
      baud: 9600,
      basis: 'estimated',
      wantedIntervalMs: 1_000,
      reachableIntervalMs: 67,
    });
    expect(budget?.usedShare).toBeCloseTo(0.067, 2);
    expect(budget?.devices.map(({ device, requests }) => [device, requests])).toEqual([
      ['case-1', 60],
      ['case-2', 60],
    ]);
  });
});
