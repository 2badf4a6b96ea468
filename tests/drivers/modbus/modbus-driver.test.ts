import { join } from 'node:path';
import Modbus from 'modbus-serial';
import { afterEach, describe, expect, test } from 'vitest';
import { loadProfiles } from '../../../src/config/load-profiles.ts';
import type { SiteDevice } from '../../../src/config/site.ts';
import { createModbusDriver } from '../../../src/drivers/modbus/modbus-driver.ts';
import type { PointReading } from '../../../src/readings/reading.ts';
import { packageRoot } from '../../../src/shared/package-root.ts';
import { freePorts } from '../../support/free-ports.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fastCase, listen, modbusDevice, rawServer, replyTo, siteOf } from './bus-fixtures.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function run(...devices: readonly SiteDevice[]) {
  const heard = listen();
  const driver = createModbusDriver(siteOf(...devices), heard.context);
  await driver.start();
  cleanUps.push(() => driver.stop(1000));
  return { ...heard, driver };
}

/** By table and address on the wire, such as `holding:100`. */
type Registers = Map<string, number>;

/** An independent implementation as the other end. What is not there answers exception 2. */
async function serve(
  units: ReadonlyMap<number, Registers>,
  port = 0,
): Promise<{ port: number; close(): Promise<void> }> {
  const [free] = port ? [port] : await freePorts(1);
  const read = (table: string) => (address: number, unit: number) => {
    const value = units.get(unit)?.get(`${table}:${address}`);
    if (value === undefined) throw Object.assign(new Error('no such register'), { modbusErrorCode: 2 });
    return value;
  };
  const bit = (table: string) => (address: number, unit: number) => read(table)(address, unit) !== 0;
  const server = new Modbus.ServerTCP(
    {
      getHoldingRegister: read('holding'),
      getInputRegister: read('input'),
      getCoil: bit('coil'),
      getDiscreteInput: bit('discrete'),
    },
    { host: '127.0.0.1', port: free!, unitID: units.size === 1 ? [...units.keys()][0]! : 255 },
  );
  await new Promise(resolve => server.once('initialized', resolve));
  const close = () => new Promise<void>(resolve => server.close(() => resolve()));
  cleanUps.push(close);
  return { port: free!, close };
}

const caseAt = (tenths: number): Registers =>
  new Map([
    ['holding:100', tenths & 0xffff],
    ['holding:101', 20],
  ]);

describe('against another maker’s server', () => {
  test('values of two units on one bus go to their own devices', async () => {
    const { port } = await serve(
      new Map([
        [1, caseAt(34)],
        [2, caseAt(-187)],
      ]),
    );
    const { last, presence, driver } = await run(
      modbusDevice('dairy', port, 1),
      modbusDevice('freezer', port, 2),
    );
    await waitFor('both devices read', () => last('dairy', 'setpoint') && last('freezer', 'setpoint'));
    expect(last('dairy', 'air_temperature')).toMatchObject({ value: 3.4, quality: { level: 'good' } });
    expect(last('freezer', 'air_temperature')).toMatchObject({ value: -18.7, quality: { level: 'good' } });
    expect([presence('dairy'), presence('freezer')]).toEqual([['online'], ['online']]);
    expect(driver.health()).toEqual({ state: 'ok' });
  });

  test('a server that goes away and comes back', async () => {
    const first = await serve(new Map([[1, caseAt(34)]]));
    const { last, presence, values, driver } = await run(modbusDevice('dairy', first.port, 1));
    await waitFor('a value', () => last('dairy', 'air_temperature'));
    await first.close();
    await waitFor('offline', () => presence('dairy').includes('offline'));
    expect(last('dairy', 'air_temperature')).toMatchObject({ value: null, quality: { reason: 'comms' } });
    expect(driver.health()).toEqual({ state: 'degraded', detail: '1 of 1 devices do not answer: dairy' });

    await serve(new Map([[1, caseAt(51)]]), first.port);
    await waitFor('the new value', () => last('dairy', 'air_temperature')?.value === 5.1);
    expect(presence('dairy')).toEqual(['online', 'offline', 'online']);
    expect(new Set(values('dairy', 'air_temperature'))).toEqual(new Set([3.4, null, 5.1]));
  });

  test('a device that takes no commands says so', async () => {
    const { driver } = await run(modbusDevice('dairy', 1, 1));
    const sent = await driver.send({ id: '1', device: 'dairy', name: 'defrost', body: {} });
    expect(sent).toMatchObject({ ok: false, error: { code: 'unsupported', retry: false } });
  });
});

/** The first answer may take longer on a busy machine than the model's time-out allows. */
const answered = (reading: PointReading | undefined) =>
  reading?.quality.level === 'bad' && reading.quality.reason === 'comms' ? null : reading;

describe('the golden frames of the shipped Modbus profiles', async () => {
  const { profiles } = loadProfiles(join(packageRoot(), 'devices'));
  const cases = [...profiles.values()]
    .filter(profile => profile.protocol === 'modbus')
    .flatMap(profile =>
      profile.golden.flatMap(golden =>
        'registers' in golden ? [{ id: profile.id, name: golden.name, profile, golden }] : [],
      ),
    );

  test.each(cases)('$id: $name', async ({ profile, golden }) => {
    const registers = new Map(Object.entries(golden.registers));
    const { port } = await serve(new Map([[1, registers]]));
    const { last } = await run(modbusDevice('case', port, 1, profile));
    for (const [point, expected] of Object.entries(golden.expect)) {
      const reading = await waitFor(`${point} read`, () => answered(last('case', point)));
      const reason = reading.quality.level === 'good' ? null : reading.quality.reason;
      expect([point, reason ? { bad: reason } : reading.value]).toEqual([point, expected]);
    }
  });
});

describe('against a server that lies', () => {
  test('a late reply never becomes a later value', async () => {
    // Register 100 holds the number of the request, and every third reply comes after its time-out.
    let requests = 0;
    const server = await rawServer((socket, request) => {
      requests += 1;
      const reply = replyTo(request, address => (address === 100 ? request.readUInt16BE(0) * 10 : 0));
      if (requests % 3 === 0) setTimeout(() => socket.write(reply), 250);
      else socket.write(reply);
    });
    cleanUps.push(server.close);
    const { values, counted } = await run(modbusDevice('dairy', server.port, 1));
    await waitFor('late replies', () => counted('modbus_replies_dropped_total', 'late') >= 2);
    const numbers = values('dairy', 'air_temperature').filter(value => value !== null);
    expect(numbers.some(number => Number(number) % 3 === 0)).toBe(false);
    expect(numbers).toEqual([...numbers].sort((a, b) => Number(a) - Number(b)));
  });

  test.each<[string, string, (reply: Buffer) => unknown]>([
    ['another transaction', 'late', reply => reply.writeUInt16BE(0xbeef, 0)],
    ['another unit', 'unit', reply => reply.writeUInt8(99, 6)],
    ['another function', 'function', reply => reply.writeUInt8(4, 7)],
    ['a wrong byte count', 'length', reply => reply.writeUInt8(2, 8)],
    ['a broken frame', '', reply => reply.writeUInt16BE(7, 2)],
  ])('%s is no answer', async (_what, reason, spoil) => {
    const server = await rawServer((socket, request) => {
      const reply = replyTo(request, () => 34);
      spoil(reply);
      socket.write(reply);
    });
    cleanUps.push(server.close);
    const { values, presence, counted } = await run(modbusDevice('dairy', server.port, 1));
    await waitFor('offline', () => presence('dairy').includes('offline'));
    expect(values('dairy', 'air_temperature').every(value => value === null)).toBe(true);
    const counter = reason ? 'modbus_replies_dropped_total' : 'modbus_connections_lost_total';
    expect(counted(counter, reason || 'framing')).toBeGreaterThan(0);
  });

  test('a reply in single bytes is one reply', async () => {
    const server = await rawServer((socket, request) => {
      for (const byte of replyTo(request, () => 34)) socket.write(Uint8Array.of(byte));
    });
    cleanUps.push(server.close);
    const { last } = await run(modbusDevice('dairy', server.port, 1));
    await waitFor('a value', () => last('dairy', 'air_temperature')?.value === 3.4);
  });

  test('three time-outs in a row make the connection anew', async () => {
    const server = await rawServer((socket, request) => {
      if (server.connections() > 1) socket.write(replyTo(request, () => 34));
    });
    cleanUps.push(server.close);
    const eager = {
      ...fastCase,
      modbus: { ...fastCase.modbus!, limits: { ...fastCase.modbus!.limits, timeoutMs: 30 } },
    };
    const { last, counted } = await run(
      modbusDevice('dairy', server.port, 1, eager),
      modbusDevice('freezer', server.port, 2, eager),
    );
    await waitFor('a value', () => last('dairy', 'air_temperature')?.value === 3.4);
    expect(counted('modbus_connections_lost_total', 'timeouts')).toBe(1);
  });

  test('a silent unit does not silence its neighbour, and both share one connection', async () => {
    const server = await rawServer((socket, request) => {
      if (request.readUInt8(6) === 1) socket.write(replyTo(request, () => 34));
    });
    cleanUps.push(server.close);
    const { presence, values } = await run(
      modbusDevice('dairy', server.port, 1),
      modbusDevice('freezer', server.port, 2),
    );
    await waitFor('the silent one offline', () => presence('freezer').includes('offline'));
    const before = values('dairy', 'air_temperature').length;
    await waitFor('more values of the other', () => values('dairy', 'air_temperature').length > before + 10);
    expect(presence('dairy')).toEqual(['online']);
    expect(server.connections()).toBe(1);
  });
});

test('stopping does not wait for an answer that never comes', async () => {
  const server = await rawServer(() => {});
  cleanUps.push(server.close);
  const { driver } = await run(modbusDevice('dairy', server.port, 1));
  await waitFor('a connection', () => server.connections() === 1);
  await driver.stop(1000);
  expect(driver.health()).toEqual({ state: 'stopped' });
});
