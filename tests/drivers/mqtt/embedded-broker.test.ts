import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { createMqttDriver } from '../../../src/drivers/mqtt/mqtt-driver.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import type { Outcome } from '../../../src/readings/submit.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { ACCEPTED, BUSY, INVALID, type RunningDriver, startDriver, testSite, until } from './test-store.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(...args: Parameters<typeof startDriver>): Promise<RunningDriver> {
  const running = await startDriver(...args);
  ends.push(() => running.driver.stop(2_000));
  return running;
}

async function client({ url }: RunningDriver, options: IClientOptions = {}): Promise<MqttClient> {
  const connected = await connectAsync(url, { reconnectPeriod: 0, ...options });
  ends.push(() => connected.endAsync(true));
  return connected;
}

/** A TCP connection that speaks for itself, byte by byte. */
async function rawSocket({ driver }: RunningDriver): Promise<Socket> {
  const socket = connectTcp(driver.port!, '127.0.0.1');
  socket.on('error', () => {});
  ends.push(async () => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const sale = (key: string) => JSON.stringify({ key, lines: [{ gtin: '9521321001015', quantity: 1 }] });
const keysOf = (given: readonly Reading[]) =>
  given.flatMap(reading => (reading.kind === 'document' ? [reading.document.key] : []));
const presenceOf = (given: readonly Reading[], device: string) =>
  given.flatMap(reading => (reading.kind === 'presence' && reading.device === device ? [reading.state] : []));
const isDocument = (readings: readonly Reading[]) => readings.some(reading => reading.kind === 'document');

describe('accepted means durable', () => {
  test.each([1, 2] as const)('a QoS %i sale is acknowledged after its commit and not before', async qos => {
    let commit: (outcome: Outcome) => void = () => {};
    const running = await start(readings =>
      isDocument(readings) ? new Promise<Outcome>(resolve => (commit = resolve)) : ACCEPTED,
    );
    const till = await client(running);
    let acknowledged = false;
    const published = till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos }).then(() => {
      acknowledged = true;
    });
    await until('the sale reached the store', () => keysOf(running.given).length === 1);
    // A message of another client goes all the way, so the broker had every chance to acknowledge the sale.
    await (await client(running)).publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
    expect(acknowledged).toBe(false);
    commit(ACCEPTED);
    await published;
  });

  test('a sale that the store cannot take now is offered again until it is taken', async () => {
    let refusals = 2;
    const running = await start(readings => (isDocument(readings) && refusals-- > 0 ? BUSY : ACCEPTED));
    const till = await client(running);
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1 });
    expect(keysOf(running.given)).toEqual(['s1', 's1', 's1']);
    expect(running.count('mqtt_store_retries_total')).toBe(2);
  });

  test('a sale that the store refuses for good is acknowledged and set aside', async () => {
    const running = await start(readings => (isDocument(readings) ? INVALID : ACCEPTED));
    const till = await client(running);
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1 });
    expect(running.driver.quarantine()).toMatchObject([
      { topic: 'aisle/v1/till-1/sale', reason: 'refused', detail: 'no such item' },
    ]);
  });

  test('a sale sent twice is handed in twice with one key, and acknowledged twice', async () => {
    const seen = new Set<string>();
    const running = await start(readings => {
      const [key] = keysOf(readings);
      if (key !== undefined && seen.has(key)) return { status: 'duplicate', seq: 1 };
      if (key !== undefined) seen.add(key);
      return ACCEPTED;
    });
    const till = await client(running);
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1 });
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1, dup: true });
    expect(keysOf(running.given)).toEqual(['s1', 's1']);
  });

  test('the messages of one client keep their order, whatever their QoS', async () => {
    const running = await start();
    const shelf = await client(running);
    const sent = Array.from({ length: 200 }, (_, level) =>
      shelf.publishAsync('aisle/v1/shelf-a1/battery', String(level % 100), { qos: level % 3 === 0 ? 0 : 1 }),
    );
    await Promise.all(sent);
    await until(
      'all arrived',
      () => running.given.filter(reading => reading.kind === 'point').length === 200,
    );
    const levels = running.given.flatMap(reading => (reading.kind === 'point' ? [reading.value] : []));
    expect(levels).toEqual(Array.from({ length: 200 }, (_, level) => level % 100));
  });
});

describe('what cannot be used', () => {
  test('is acknowledged, counted and remembered by its topic, and costs nobody the connection', async () => {
    const running = await start();
    const device = await client(running);
    await device.publishAsync('aisle/v1/shelf-z9/weights', '{}', { qos: 1 });
    await device.publishAsync('aisle/v1/shelf-a1/mood', '1', { qos: 1 });
    await device.publishAsync('aisle/v1/shelf-a1/weights', 'not json', { qos: 1 });
    await device.publishAsync('aisle/v1/shelf-a1/weights', 'not json', { qos: 2 });
    expect(running.driver.quarantine()).toMatchObject([
      { topic: 'aisle/v1/shelf-z9/weights', reason: 'unknown_topic', count: 1 },
      { topic: 'aisle/v1/shelf-a1/mood', reason: 'unknown_point', count: 1 },
      { topic: 'aisle/v1/shelf-a1/weights', reason: 'syntax', count: 2 },
    ]);
    expect(running.count('mqtt_rejected_total', { reason: 'syntax' })).toBe(2);
    expect(device.connected).toBe(true);
  });

  test.each([
    'aisle/v1/store/stock/09521321001015',
    'aisle/v1/label-a1-1/command/show',
    '$SYS/x/new/clients',
  ])('a client that speaks for the gateway on %s is acknowledged and heard by nobody', async topic => {
    const running = await start();
    const listener = await client(running);
    const heard: string[] = [];
    listener.on('message', name => heard.push(name));
    await listener.subscribeAsync(['aisle/#', '$dropped/#']);
    const device = await client(running);
    await device.publishAsync(topic, 'false news', { qos: 1, retain: true });
    await device.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
    await until('the honest message arrived', () => heard.includes('aisle/v1/shelf-a1/battery'));
    expect(heard.filter(name => name.startsWith('aisle'))).toEqual(['aisle/v1/shelf-a1/battery']);
    expect(running.count('mqtt_rejected_total', { reason: 'denied' })).toBe(1);
    expect(device.connected).toBe(true);
  });

  test('what a people counter sends is shown to nobody else', async () => {
    const running = await start();
    const listener = await client(running);
    const heard: string[] = [];
    listener.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    await listener.subscribeAsync(['#', '$dropped/#']);
    const door = await client(running);
    await door.publishAsync('milesight/uplink/door-main', '{"people_total_in":7,"mac":"00:16:28"}', {
      qos: 1,
      retain: true,
    });
    await door.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
    await until('the other message arrived', () => heard.some(line => line.includes('battery')));
    expect(heard.join()).not.toMatch(/people|00:16/);
    expect(running.given).toContainEqual(expect.objectContaining({ point: 'people_in_total', value: 7 }));
  });
});

describe('presence', () => {
  test('a device is online from its first message and offline by its last will', async () => {
    const running = await start();
    const will = {
      topic: 'aisle/v1/shelf-a1/presence',
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    } as const;
    const shelf = await client(running, { clientId: 'some-board', will });
    await shelf.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
    shelf.stream.destroy();
    await until('offline', () => presenceOf(running.given, 'shelf-a1').at(-1) === 'offline');
    expect(presenceOf(running.given, 'shelf-a1')).toEqual(['online', 'offline']);
    expect(running.given).toContainEqual(
      expect.objectContaining({
        device: 'shelf-a1',
        point: 'battery',
        value: null,
        quality: { level: 'bad', reason: 'comms' },
      }),
    );
  });

  test('a device that connects under its own name is online while it is connected', async () => {
    const running = await start();
    const label = await client(running, { clientId: 'label-a1-1' });
    await label.endAsync();
    await until('offline', () => presenceOf(running.given, 'label-a1-1').length === 2);
    expect(presenceOf(running.given, 'label-a1-1')).toEqual(['online', 'offline']);
  });

  test('the end of the gateway is not the end of its devices', async () => {
    const running = await start();
    const will = {
      topic: 'aisle/v1/shelf-a1/presence',
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    } as const;
    const shelf = await client(running, { clientId: 'shelf-a1', will });
    await shelf.publishAsync('aisle/v1/shelf-a1/presence', 'online', { qos: 1, retain: true });
    await running.driver.stop(2_000);
    expect(presenceOf(running.given, 'shelf-a1')).toEqual(['online']);
  });
});

describe('the gateway speaks', () => {
  test('a command reaches its device, and the answer comes back as a reading', async () => {
    const running = await start();
    const label = await client(running, { clientId: 'label-a1-1' });
    await label.subscribeAsync('aisle/v1/label-a1-1/command/+', { qos: 1 });
    label.on('message', (topic, payload) => {
      const { id } = JSON.parse(String(payload));
      label.publish(topic.replace('command', 'ack'), JSON.stringify({ id, ok: true, detail: null }), {
        qos: 1,
      });
    });
    const body = { gtin: '09521321001015', name: 'Milk', price: '1.99', priceMinor: 199, currency: 'EUR' };
    const sent = await running.driver.send({ id: 'c1', device: 'label-a1-1', name: 'show', body });
    expect(sent.ok).toBe(true);
    await until('the answer', () => running.given.some(reading => reading.kind === 'ack'));
    expect(running.given.find(reading => reading.kind === 'ack')).toMatchObject({
      device: 'label-a1-1',
      command: 'show',
      commandId: 'c1',
      done: true,
    });
  });

  test.each([
    ['till-9', 'show', 'not_found'],
    ['label-a1-1', 'dance', 'unsupported'],
  ])('a command to %s to %s fails with %s', async (device, name, code) => {
    const running = await start();
    expect(await running.driver.send({ id: 'c1', device, name, body: {} })).toMatchObject({
      error: { code },
    });
  });

  test('what the store tells is kept for those who ask later', async () => {
    const running = await start();
    const told = await running.driver.publish('aisle/v1/store/stock/09521321001015', '{"shelf":3}', {
      retain: true,
    });
    expect(told.ok).toBe(true);
    const listener = await client(running);
    const heard = new Promise(resolve =>
      listener.on('message', (_topic, payload) => resolve(String(payload))),
    );
    await listener.subscribeAsync('aisle/v1/store/stock/+', { qos: 1 });
    expect(await heard).toBe('{"shelf":3}');
  });
});

describe('a client cannot harm the others', () => {
  test('a subscriber that stops reading holds up nobody and is cut', async () => {
    const running = await start();
    const stalled = await client(running, { clientId: 'stalled' });
    await stalled.subscribeAsync('aisle/v1/+/weights', { qos: 0 });
    stalled.stream.pause();
    const shelves = await Promise.all(Array.from({ length: 20 }, () => client(running)));
    const bulky = Buffer.from(`{"t0":1,"hz":80,"g":{"1":[${Array(250).fill('1000.0000000').join()}]}}`);
    let ackedBesideIt = 0;
    for (let batch = 0; batch < 20 && running.count('mqtt_connections_cut_total') === 0; batch++) {
      await Promise.all(
        shelves.flatMap(shelf =>
          Array.from({ length: 10 }, () =>
            shelf.publishAsync('aisle/v1/shelf-a1/weights', bulky, { qos: 1 }),
          ),
        ),
      );
      if (running.count('mqtt_connections_cut_total') === 0) ackedBesideIt += 200;
    }
    // Far more than its socket holds: a broker that waits for it would stop long before.
    expect(ackedBesideIt).toBeGreaterThanOrEqual(800);
    expect(running.count('mqtt_connections_cut_total', { reason: 'unread' })).toBe(1);
    await until('the others are left', () => running.driver.health().detail === '20 clients connected');
  });

  test('a CONNECT that declares 256 MB is cut on its first bytes', async () => {
    const running = await start();
    const socket = await rawSocket(running);
    socket.write(Buffer.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    await once(socket, 'close');
    expect(running.count('mqtt_connections_cut_total', { reason: 'connect_too_large' })).toBe(1);
  });

  test('a subscription over the limit ends its connection and no other', async () => {
    const running = await start();
    const other = await client(running);
    const socket = await rawSocket(running);
    socket.write(Buffer.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 0));
    socket.write(Buffer.of(0x82, 0xff, 0xff, 0x7f));
    await once(socket, 'close');
    expect(running.count('mqtt_connections_cut_total', { reason: 'packet_too_large' })).toBe(1);
    await other.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
  });

  test.each<[string, number[]]>([
    ['noise', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['HTTP', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')]],
    ['a publish before CONNECT', [0x30, 0x03, 0x00, 0x01, 0x61]],
  ])('%s ends its connection', async (_what, bytes) => {
    const running = await start();
    const socket = await rawSocket(running);
    socket.write(Buffer.from(bytes));
    await once(socket, 'close');
    expect(running.driver.health().state).toBe('ok');
  });

  test('an empty client id without a clean session gets return code 2', async () => {
    const running = await start();
    const socket = await rawSocket(running);
    socket.write(Buffer.from('100c00044d5154540400003c0000', 'hex'));
    const [answer] = await once(socket, 'data');
    expect([...answer]).toEqual([0x20, 0x02, 0x00, 0x02]);
  });

  test('names that JavaScript objects inherit are ordinary names', async () => {
    const running = await start();
    const odd = await client(running, { clientId: 'constructor' });
    await odd.publishAsync('aisle/v1/__proto__/weights', '1', { qos: 1 });
    expect(running.driver.health().detail).toBe('1 client connected');
  });

  test('a shared subscription, which would never get a message, is refused', async () => {
    const running = await start();
    const device = await client(running);
    await expect(device.subscribeAsync('$share/group/aisle/#')).rejects.toThrow();
    expect(device.connected).toBe(true);
  });
});

describe('the port', () => {
  test('that is taken is named, with the way out', async () => {
    const { driver } = await start();
    const context = {
      clock: systemClock(),
      log: silentLog,
      counters: createCounters(),
      random: () => 0,
      submit: async () => ACCEPTED,
    };
    const second = createMqttDriver(testSite({ port: driver.port! }), context);
    await expect(second.start()).rejects.toThrow(
      `MQTT port ${driver.port} on 127.0.0.1 is in use; stop the other program or choose another with --mqtt`,
    );
    expect(second.health().state).toBe('failed');
  });

  test('is free again after stop, and stop may be called twice', async () => {
    const first = await start();
    const port = first.driver.port!;
    await client(first);
    await rawSocket(first);
    await first.driver.stop(2_000);
    await first.driver.stop(2_000);
    expect(first.driver.health().state).toBe('stopped');
    const second = await start(undefined, { mqtt: { port } });
    expect(second.driver.port).toBe(port);
  });
});
