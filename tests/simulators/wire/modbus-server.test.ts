import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaults, type Faults } from '../../../simulators/faults.ts';
import { type ModbusServer, startModbusServer } from '../../../simulators/wire/modbus-server.ts';
import { createRegisterMap } from '../../../simulators/wire/register-map.ts';
import type { DeviceProfile, ProfilePoint } from '../../../src/config/profile-schema.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const site = smallSite(NO_PORTS);
const caseOne = site.devices.get('case-1')!;
const caseTwo = { ...caseOne, id: 'case-2' };

const point = (more: Partial<ProfilePoint>): ProfilePoint => ({
  key: 'air_temperature',
  table: 'holding',
  addr: 10,
  scale: 1,
  offset: 0,
  ...more,
});

const mapOf = (
  points: ProfilePoint[],
  value: number | boolean,
  order: 'ABCD' | 'CDAB' | 'BADC' | 'DCBA' = 'ABCD',
) => {
  const profile: DeviceProfile = {
    ...caseOne.profile,
    points,
    modbus: { addressBase: 0, order, limits: { maxRead: 125, maxHole: 0, timeoutMs: 500, minRequestMs: 0 } },
  };
  return createRegisterMap(profile, () => value);
};

describe('the registers of a simulated device', () => {
  it.each([
    ['a temperature below zero in tenths', point({ type: 's16', scale: 0.1 }), -21.4, [0xff2a]],
    ['an offset', point({ type: 'u16', offset: -50 }), 20, [70]],
    ['true', point({ type: 'u16' }), true, [1]],
    ['a state that means true by its number', point({ type: 'u16', trueWhen: [14] }), true, [14]],
    ['a state where 0 means true', point({ type: 'u16', trueWhen: [0] }), false, [1]],
    ['a negative 32-bit number', point({ type: 's32' }), -2, [0xffff, 0xfffe]],
    ['a float', point({ type: 'f32' }), 1.5, [0x3fc0, 0x0000]],
  ])('hold %s', (_what, mapped, value, words) => {
    const read = mapOf([mapped], value);
    expect(words.map((_, i) => read('holding', 10 + i))).toEqual(words);
    expect(read('holding', 10 + words.length)).toBeNull();
    expect(read('input', 10)).toBeNull();
  });

  it.each([
    ['ABCD', [0x0a0b, 0x0c0d]],
    ['CDAB', [0x0c0d, 0x0a0b]],
    ['BADC', [0x0b0a, 0x0d0c]],
    ['DCBA', [0x0d0c, 0x0b0a]],
  ] as const)('put 32 bits in the order %s', (order, words) => {
    const read = mapOf([point({ type: 'u32' })], 0x0a0b0c0d, order);
    expect([read('holding', 10), read('holding', 11)]).toEqual(words);
  });
});

/** One request on a raw socket; resolves with the reply in hex, or null after that much silence. */
function ask(port: number, hex: string, silenceMs = 5000): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    );
    const finish = (reply: string | null) => {
      socket.destroy();
      resolve(reply);
    };
    socket.once('data', data => finish(data.toString('hex').replace(/(..)(?=.)/g, '$1 ')));
    socket.once('error', reject);
    socket.setTimeout(silenceMs, () => finish(null));
  });
}

/** MBAP header, unit, function 3, address and count. */
const readHolding = (unit: string, address: string, count = '00 01') =>
  `00 07 00 00 00 06 ${unit} 03 ${address} ${count}`;

describe('the simulated Modbus gateway', () => {
  let faults: Faults;
  let server: ModbusServer;
  let port: number;

  beforeEach(async () => {
    faults = createFaults([caseOne, caseTwo]);
    port = (await freePorts(1))[0]!;
    const read = mapOf(
      [point({ addr: 2575, type: 's16', scale: 0.1 }), point({ addr: 2576, type: 'u16' })],
      -4.7,
    );
    const units = [
      { device: 'case-1', unit: 1, read },
      { device: 'case-2', unit: 2, read },
    ];
    server = await startModbusServer('127.0.0.1', port, units, faults);
  });
  afterEach(() => server.stop());

  const turn = (device: string, fault: string, on: boolean) => void faults.set({ device, fault, on });

  it('answers a read at the wire address', async () => {
    expect(await ask(port, readHolding('01', '0a 0f'))).toBe('00 07 00 00 00 05 01 03 02 ff d1');
  });

  it('answers exception 2 outside its map, also when only the end of the range lies outside', async () => {
    expect(await ask(port, readHolding('01', '0a 0e'))).toBe('00 07 00 00 00 03 01 83 02');
    expect(await ask(port, readHolding('01', '0a 0f', '00 03'))).toBe('00 07 00 00 00 03 01 83 02');
  });

  it('keeps silent for a unit that nobody has', async () => {
    expect(await ask(port, readHolding('05', '0a 0f'), 200)).toBeNull();
  });

  it('keeps silent for a silent unit while its neighbour answers', async () => {
    turn('case-1', 'silent', true);
    expect(await ask(port, readHolding('01', '0a 0f'), 200)).toBeNull();
    expect(await ask(port, readHolding('02', '0a 0f'))).not.toBeNull();
  });

  it('says in the name of a stopped unit that it did not respond', async () => {
    turn('case-1', 'stopped', true);
    expect(await ask(port, readHolding('01', '0a 0f'))).toBe('00 07 00 00 00 03 01 83 0b');
  });

  it('closes its port when every unit is stopped and opens it again', async () => {
    turn('case-1', 'stopped', true);
    turn('case-2', 'stopped', true);
    const answers = () =>
      ask(port, readHolding('02', '0a 0f')).then(
        () => true,
        () => false,
      );
    await waitFor('the closed port', async () => !(await answers()));
    turn('case-2', 'stopped', false);
    await waitFor('an answer', answers);
  });

  it('says in one sentence that its port is taken', async () => {
    await expect(startModbusServer('127.0.0.1', port, [], faults)).rejects.toThrow(
      `Modbus simulator cannot listen on 127.0.0.1:${port}`,
    );
  });
});
