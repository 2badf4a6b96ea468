import { afterEach, describe, expect, test } from 'vitest';
import type { DeviceProfile, ProfileWrite } from '../../../src/config/profile-schema.ts';
import { createModbusDriver } from '../../../src/drivers/modbus/modbus-driver.ts';
import { createWriteDesk } from '../../../src/drivers/modbus/write-desk.ts';
import type { AckReading } from '../../../src/readings/reading.ts';
import { limits } from '../../../src/shared/limits.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fastCase, listen, modbusDevice, modbusProfile, siteOf } from './bus-fixtures.ts';
import { type RtuSlave, rtuSlave, type SlaveUnit } from './rtu-slave.ts';

const write = (fields: Partial<ProfileWrite> & Pick<ProfileWrite, 'key' | 'steps'>): ProfileWrite => ({
  eeprom: false,
  role: 'operator',
  ...fields,
});

/** Setpoint in tenths at 101, kept in the device's memory. */
const setpoint = write({
  key: 'set_setpoint',
  steps: [{ fc: 6, addr: 101, from: 'celsius', type: 's16', scale: 0.1 }],
  valid: { min: -30, max: 10 },
  verify: { point: 'setpoint', within: 0.05, afterMs: 0 },
  eeprom: true,
});
const light = write({ key: 'light_on', steps: [{ fc: 6, addr: 102, value: 1 }], role: 'technician' });
const withWrites = (...writes: ProfileWrite[]): DeviceProfile => ({ ...fastCase, writes });

const command = (name: string, body: Record<string, unknown> = {}, id = 'c1') => ({
  id,
  device: 'case',
  name,
  body,
});

describe('the closed list', () => {
  const clock = manualClock();
  const admit = (profile: DeviceProfile, ...args: Parameters<typeof command>) =>
    createWriteDesk(profile, clock).admit(command(...args));

  test.each<[string, string, Record<string, unknown>, string]>([
    [
      'a command that is not listed',
      'set_address',
      {},
      'takes no command set_address; its profile case has set_setpoint, light_on',
    ],
    ['a technician’s command of somebody else', 'light_on', {}, 'is for technicians only'],
    ['a missing value', 'set_setpoint', {}, 'needs the number celsius'],
    ['a value that is no number', 'set_setpoint', { celsius: '4' }, 'needs the number celsius'],
    ['a value out of range', 'set_setpoint', { celsius: 11 }, 'takes celsius from -30 to 10, not 11'],
  ])('refuses %s', (_what, name, body, message) => {
    const admitted = admit(withWrites(setpoint, light), name, body);
    expect(admitted).toMatchObject({ ok: false });
    expect(admitted.ok ? '' : admitted.error.message).toContain(message);
  });

  test('never reaches a denied address, not even with the end of a long value', () => {
    const deny = [{ table: 'holding' as const, from: 103, to: 103, why: 'own bus address' }];
    const profile = {
      ...modbusProfile({ points: [...fastCase.points], section: { deny } }),
      writes: [write({ key: 'long', steps: [{ fc: 16, addr: 102, value: 70_000, type: 'u32' }] })],
    };
    const admitted = admit(profile, 'long');
    expect(admitted.ok ? '' : admitted.error.message).toBe(
      'long on case would write to a denied address: own bus address',
    );
  });

  test('turns values into the device’s own words', () => {
    const steps = [
      { fc: 6 as const, addr: 1, from: 'celsius', type: 's16' as const, scale: 0.1 },
      { fc: 16 as const, addr: 2, value: 70_000, type: 'u32' as const },
      { fc: 5 as const, addr: 4, value: 1 },
    ];
    const workarounds = { ...fastCase.modbus!.workarounds, fc16Only: true };
    const profile = {
      ...modbusProfile({ points: [], section: { order: 'CDAB', workarounds } }),
      writes: [write({ key: 'all', steps })],
    };
    const admitted = admit(profile, 'all', { celsius: -18.7 });
    expect(admitted.ok && admitted.value.requests).toEqual([
      { write: 16, address: 1, values: [0xff45] },
      { write: 16, address: 2, values: [70_000 & 0xffff, 1] },
      { write: 5, address: 4, values: [1] },
    ]);
  });

  test('is bounded in time, and for what wears the device', () => {
    const limited = write({ ...setpoint, key: 'limited', eeprom: false, rateLimit: { count: 2, perS: 60 } });
    const desk = createWriteDesk(withWrites(setpoint, limited), clock);
    const tries = (name: string, times: number) =>
      Array.from({ length: times }, () => {
        const admitted = desk.admit(command(name, { celsius: 2 }));
        if (admitted.ok) desk.spend(admitted.value);
        return admitted.ok;
      });
    expect(tries('limited', 3)).toEqual([true, true, false]);
    clock.advance(60_001);
    expect(tries('limited', 1)).toEqual([true]);
    expect(tries('set_setpoint', limits.eepromWritesPerDay + 1).filter(Boolean)).toHaveLength(
      limits.eepromWritesPerDay,
    );
  });
});

describe('a write on the line', () => {
  let slave: RtuSlave | null = null;
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    await slave?.close();
  });

  async function caseOn(unit: Partial<SlaveUnit> = {}, ...writes: ProfileWrite[]) {
    const registers = new Map([
      ['holding:100', 34],
      ['holding:101', 20],
      ['holding:102', 0],
    ]);
    const held: SlaveUnit = { registers, ...unit };
    slave = await rtuSlave(new Map([[1, held]]));
    const device = modbusDevice('case', slave.port, 1, withWrites(...writes));
    const heard = listen();
    const driver = createModbusDriver(
      siteOf({ ...device, address: { ...device.address, framing: 'rtu' } as typeof device.address }),
      heard.context,
    );
    await driver.start();
    cleanUps.push(() => driver.stop(1000));
    await waitFor('the device is there', () => heard.last('case', 'setpoint'));
    const writesHeard = () => slave!.heard.filter(request => request.slice(2, 4) === '06');
    const acks = () => heard.readings.filter((reading): reading is AckReading => reading.kind === 'ack');
    return { ...heard, driver, held, writesHeard, acks };
  }

  test('is read back, and the answer comes as a device’s does', async () => {
    const { driver, writesHeard, acks, last } = await caseOn({}, setpoint);
    expect(await driver.send(command('set_setpoint', { celsius: -1.5 }))).toEqual({
      ok: true,
      value: undefined,
    });
    const ack = await waitFor('the answer', () => acks()[0]);
    expect(ack).toMatchObject({
      device: 'case',
      command: 'set_setpoint',
      commandId: 'c1',
      done: true,
      detail: null,
    });
    expect(writesHeard()).toEqual(['01060065fff1']);
    await waitFor('the new value', () => last('case', 'setpoint')?.value === -1.5);
  });

  test('is not done again when it is sent again', async () => {
    const { driver, writesHeard, acks } = await caseOn({}, setpoint);
    await driver.execute(command('set_setpoint', { celsius: 3 }));
    await driver.send(command('set_setpoint', { celsius: 3 }));
    await waitFor('two answers', () => acks().length === 2);
    expect(writesHeard()).toHaveLength(1);
  });

  test('wears nothing when the value is there already', async () => {
    const { driver, writesHeard } = await caseOn({}, setpoint);
    expect(await driver.execute(command('set_setpoint', { celsius: 2 }))).toEqual({
      ok: true,
      value: { done: true, detail: 'it was so already' },
    });
    expect(writesHeard()).toEqual([]);
  });

  test('that the device confirmed and did not keep has failed', async () => {
    const { driver } = await caseOn({ forgetful: true }, setpoint);
    expect(await driver.execute(command('set_setpoint', { celsius: 5 }))).toEqual({
      ok: true,
      value: { done: false, detail: 'the device confirmed it, but setpoint reads 2, not 5' },
    });
  });

  test('that is not answered is not repeated', async () => {
    const { driver, held, writesHeard } = await caseOn({}, light);
    held.silent = true;
    const outcome = await driver.execute({ ...command('light_on'), role: 'technician' });
    expect(outcome).toMatchObject({ ok: true, value: { done: false } });
    expect(writesHeard().length).toBeLessThanOrEqual(1);
  });

  test('to a device that is gone fails at once', async () => {
    const { driver, held, presence } = await caseOn({}, setpoint);
    held.silent = true;
    await waitFor('offline', () => presence('case').includes('offline'));
    expect(await driver.send(command('set_setpoint', { celsius: 5 }))).toMatchObject({
      ok: false,
      error: { code: 'comms', retry: true },
    });
  });
});
