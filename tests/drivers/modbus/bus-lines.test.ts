import { afterEach, describe, expect, test } from 'vitest';
import { createModbusDriver } from '../../../src/drivers/modbus/modbus-driver.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fastCase, listen, modbusDevice, siteOf } from './bus-fixtures.ts';
import { rtuSlave, type SlaveUnit } from './rtu-slave.ts';

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const caseHolding = (tenths: number): SlaveUnit => ({
  registers: new Map([
    ['holding:100', tenths],
    ['holding:101', 20],
  ]),
});

/** Units 1 to `count` behind one transparent gateway, polled every 100 ms. */
async function lineOf(count: number) {
  const units = new Map(Array.from({ length: count }, (_, index) => [index + 1, caseHolding(34 + index)]));
  const slave = await rtuSlave(units);
  cleanUps.push(slave.close);
  const profile = { ...fastCase, groups: { live: { everyMs: 100 } } };
  const devices = [...units.keys()].map(unit => {
    const device = modbusDevice(`case-${unit}`, slave.port, unit, profile);
    return { ...device, address: { ...device.address, framing: 'rtu' } as typeof device.address };
  });
  const heard = listen();
  const driver = createModbusDriver(siteOf(...devices), heard.context);
  await driver.start();
  cleanUps.push(() => driver.stop(1000));
  const ids = devices.map(({ id }) => id);
  await waitFor('all are read', () => ids.every(id => heard.last(id, 'setpoint')?.value === 2));
  return { ...heard, driver, units, ids };
}

describe('RTU behind a transparent gateway', () => {
  test('every unit gives its own value', async () => {
    const { last } = await lineOf(5);
    const values = [1, 2, 3, 4, 5].map(unit => last(`case-${unit}`, 'air_temperature')?.value);
    expect(values).toEqual([3.4, 3.5, 3.6, 3.7, 3.8]);
  });

  test('a unit that dies leaves the others alone, is said to be gone, and comes back by itself', async () => {
    const { units, values, presence, driver } = await lineOf(4);
    units.get(2)!.silent = true;
    await waitFor('it is gone', () => presence('case-2').at(-1) === 'offline');
    const [budget] = driver.budgets();
    expect(budget?.devices.find(({ device }) => device === 'case-2')).toMatchObject({ state: 'offline' });
    const before = values('case-1', 'air_temperature').length;
    await waitFor('more of another', () => values('case-1', 'air_temperature').length > before + 5);
    units.get(2)!.silent = false;
    await waitFor('it is back', () => presence('case-2').at(-1) === 'online', 20_000);
    expect(presence('case-1')).toEqual(['online']);
  });
});

describe('the budget of a line', () => {
  test('tells who uses it and what can be reached', async () => {
    const { driver, values } = await lineOf(3);
    await waitFor('some rounds', () => values('case-1', 'air_temperature').length > 8);
    const [budget, ...others] = driver.budgets();
    expect(others).toEqual([]);
    expect(budget).toMatchObject({
      transport: 'rtu-tcp',
      baud: null,
      basis: 'measured',
      isConnected: true,
      wantedIntervalMs: 100,
    });
    expect(budget!.usedShare).toBeGreaterThan(0);
    expect(budget!.reachableIntervalMs).toBeGreaterThan(0);
    for (const device of budget!.devices) {
      expect(device).toMatchObject({
        state: 'online',
        requestsPerCycle: 1,
        trouble: null,
        nextProbeInMs: null,
      });
      expect(device.requests).toBeGreaterThan(5);
      expect(device.roundTripMs!.p95).toBeGreaterThanOrEqual(device.roundTripMs!.p50);
      expect(device.actualIntervalMs).toBeGreaterThanOrEqual(90);
    }
    expect(driver.vitals!('case-1')).toMatchObject({ errorRate: 0 });
  });
});
