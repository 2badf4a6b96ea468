import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFaults, type Faults } from '../../../simulators/faults.ts';
import { mbap } from '../../../simulators/wire/modbus-frames.ts';
import {
  type ModbusServer,
  type ModbusServerOptions,
  startModbusServer,
} from '../../../simulators/wire/modbus-server.ts';
import { createRegisterMap } from '../../../simulators/wire/register-map.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { modbusProfile } from '../support/modbus-profile.ts';
import { NO_PORTS, smallSite } from '../support/small-site.ts';

const site = smallSite(NO_PORTS);
const caseOne = site.devices.get('case-1')!;
const caseTwo = { ...caseOne, id: 'case-2' };

const memory = createRegisterMap(
  modbusProfile([
    { key: 'air_temperature', table: 'holding', addr: 2575, type: 's16', scale: 0.1, offset: 0 },
    { key: 'setpoint', table: 'holding', addr: 2576, type: 'u16', scale: 1, offset: 0 },
  ]),
  { background: {}, values: key => (key === 'air_temperature' ? -4.7 : undefined) },
);
const units = ['case-1', 'case-2'].map((device, i) => ({ device, unit: i + 1, memory, timeoutMs: 40 }));

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
    socket.once('close', () => finish(null));
    socket.setTimeout(silenceMs, () => finish(null));
  });
}

/** MBAP header, unit, function 3, address and count. */
const readHolding = (unit: string, address: string, count = '00 01') =>
  `00 07 00 00 00 06 ${unit} 03 ${address} ${count}`;

const serverAt = (port: number, faults: Faults): ModbusServerOptions => ({
  units,
  faults,
  port,
  host: '127.0.0.1',
  clock: systemClock(),
  framing: mbap,
  baud: null,
  turnaroundMs: 0,
  gateway: true,
  maxClients: 2,
});

describe('the simulated Modbus gateway', () => {
  let faults: Faults;
  let server: ModbusServer;
  let port: number;

  beforeEach(async () => {
    faults = createFaults([caseOne, caseTwo]);
    port = (await freePorts(1))[0]!;
    server = await startModbusServer(serverAt(port, faults));
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

  it.each([
    ['late', '00 07 00 00 00 05 01 03 02 ff d1'],
    ['wrong_unit', '00 07 00 00 00 05 02 03 02 ff d1'],
    ['failing', '00 07 00 00 00 03 01 83 04'],
    ['busy', '00 07 00 00 00 03 01 83 06'],
    ['truncated', '00 07 00 00 00'],
    ['garbled', null],
  ])('%s: answers as a sick unit does', async (fault, reply) => {
    turn('case-1', fault, true);
    const askedMs = performance.now();
    expect(await ask(port, readHolding('01', '0a 0f'), 300)).toBe(reply);
    if (fault === 'late') expect(performance.now() - askedMs).toBeGreaterThan(40);
  });

  it('bears only so many clients at once', async () => {
    const open = () => connect(port, '127.0.0.1');
    const clients = [open(), open()];
    await waitFor('two clients', () => clients.every(client => client.readyState === 'open'));
    expect(await ask(port, readHolding('01', '0a 0f'), 300).catch(() => null)).toBeNull();
    for (const client of clients) client.destroy();
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
    await expect(startModbusServer(serverAt(port, faults))).rejects.toThrow(
      `Modbus simulator cannot listen on 127.0.0.1:${port}`,
    );
  });
});
