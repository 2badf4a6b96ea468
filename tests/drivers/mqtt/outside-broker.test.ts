import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import type { Reading } from '../../../src/readings/reading.ts';
import type { Outcome } from '../../../src/readings/submit.ts';
import { ACCEPTED, BUSY, type RunningDriver, startDriver, until } from './test-store.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Somebody else's broker: plain aedes, whose network can be cut and mended while it keeps its sessions. */
async function foreignBroker() {
  const aedes = await Aedes.createBroker({ concurrency: 0 });
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const mend = () =>
    new Promise<void>(resolve => {
      server = createServer(socket => {
        sockets.add(socket);
        aedes.handle(socket);
      });
      server.listen(port, '127.0.0.1', () => {
        const address = server!.address();
        port = typeof address === 'object' ? (address?.port ?? 0) : 0;
        resolve();
      });
    });
  const cut = () =>
    new Promise<void>(resolve => {
      server?.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    });
  await mend();
  ends.push(async () => {
    await cut();
    await new Promise<void>(resolve => aedes.close(resolve));
  });
  return { aedes, cut, mend, url: `mqtt://127.0.0.1:${port}` };
}

async function start(
  url: string,
  answer?: (readings: readonly Reading[]) => Outcome | Promise<Outcome>,
): Promise<RunningDriver> {
  const running = await startDriver(answer, { mqtt: { port: 0, url } });
  ends.push(() => running.driver.stop(2_000));
  return running;
}

async function connected(running: RunningDriver): Promise<RunningDriver> {
  await until('the driver is connected', () => running.driver.health().state === 'ok');
  return running;
}

async function client(url: string): Promise<MqttClient> {
  const device = await connectAsync(url, { reconnectPeriod: 0 });
  device.on('error', () => {});
  ends.push(() => device.endAsync(true));
  return device;
}

const sale = (key: string) => JSON.stringify({ key, lines: [{ gtin: '9521321001015', quantity: 1 }] });
const isSale = (reading: Reading) => reading.kind === 'document';

/** Publishes until the driver, whose subscriptions take effect a moment after its connection, has heard it. */
async function publishUntilHeard(device: MqttClient, { given }: RunningDriver): Promise<void> {
  const before = given.length;
  for (let attempt = 0; attempt < 100 && given.length === before; attempt++) {
    await device.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
  }
  await until('the driver heard the shelf', () => given.length > before);
}

describe('with somebody else’s broker', () => {
  test('devices are heard and commands reach them', async () => {
    const broker = await foreignBroker();
    const running = await connected(await start(broker.url));
    const label = await client(broker.url);
    await label.subscribeAsync('aisle/v1/label-a1-1/command/show', { qos: 1 });
    label.on('message', (_topic, payload) => {
      const { id } = JSON.parse(String(payload));
      label.publish('aisle/v1/label-a1-1/ack/show', JSON.stringify({ id, ok: true }), { qos: 1 });
    });
    await publishUntilHeard(label, running);
    expect(await running.driver.send({ id: 'c1', device: 'label-a1-1', name: 'show', body: {} })).toEqual({
      ok: true,
    });
    await until('the answer', () => running.given.some(reading => reading.kind === 'ack'));
    expect(running.driver.port).toBeNull();
  });

  test('a message is acknowledged to the broker after its commit', async () => {
    const broker = await foreignBroker();
    const acknowledged: string[] = [];
    broker.aedes.on('ack', packet => {
      if (packet && 'topic' in packet) acknowledged.push(packet.topic);
    });
    let commit: (outcome: Outcome) => void = () => {};
    const answer = (readings: readonly Reading[]) =>
      readings.some(isSale) ? new Promise<Outcome>(resolve => (commit = resolve)) : ACCEPTED;
    const running = await connected(await start(broker.url, answer));
    const till = await client(broker.url);
    await publishUntilHeard(till, running);
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1 });
    await until('the sale reached the store', () => running.given.some(isSale));
    // News on the same connection arrives after whatever the driver sent before it.
    const news = new Promise<void>(resolve => till.on('message', () => resolve()));
    await till.subscribeAsync('aisle/v1/store/stock/x');
    const told = running.driver.publish('aisle/v1/store/stock/x', '1', { retain: false });
    await news;
    expect(acknowledged).not.toContain('aisle/v1/till-1/sale');
    commit(ACCEPTED);
    await until('the sale is acknowledged', () => acknowledged.includes('aisle/v1/till-1/sale'));
    expect(await told).toEqual({ ok: true });
  });

  test('a sale that could not be stored when the link broke comes again', async () => {
    const broker = await foreignBroker();
    let storing = false;
    const running = await connected(
      await start(broker.url, readings => (readings.some(isSale) && !storing ? BUSY : ACCEPTED)),
    );
    const till = await client(broker.url);
    await publishUntilHeard(till, running);
    await till.publishAsync('aisle/v1/till-1/sale', sale('s1'), { qos: 1 });
    await until('the sale was refused', () => running.given.some(isSale));
    await broker.cut();
    await until('the driver noticed', () => running.driver.health().state === 'degraded');
    const offered = running.given.filter(isSale).length;
    storing = true;
    await broker.mend();
    await until('the sale came again', () => running.given.filter(isSale).length > offered);
  });

  test('while it is away every device is unknown, and sending fails at once', async () => {
    const broker = await foreignBroker();
    const running = await connected(await start(broker.url));
    const shelf = await client(broker.url);
    await publishUntilHeard(shelf, running);
    await broker.cut();
    await until('the driver noticed', () => running.driver.health().state === 'degraded');
    const states = new Map(
      running.given.flatMap(reading =>
        reading.kind === 'presence' ? [[reading.device, reading] as const] : [],
      ),
    );
    expect([...states.keys()].sort()).toEqual([...running.driver.devices].sort());
    for (const reading of states.values())
      expect(reading).toMatchObject({ state: 'unknown', reason: 'comms' });
    expect(await running.driver.publish('aisle/v1/store/stock/x', '1', { retain: true })).toMatchObject({
      error: { code: 'comms', retry: true },
    });
  });

  test('that comes back, the driver is there again and hears again', async () => {
    const broker = await foreignBroker();
    const running = await connected(await start(broker.url));
    await broker.cut();
    await until('the driver noticed', () => running.driver.health().state === 'degraded');
    await broker.mend();
    await connected(running);
    await publishUntilHeard(await client(broker.url), running);
    expect(running.given.at(-1)).toMatchObject({ kind: 'point', device: 'shelf-a1', value: 80 });
  });

  test('that is not there at the start, the gateway starts all the same', async () => {
    const broker = await foreignBroker();
    await broker.cut();
    const running = await start(broker.url);
    await until('the driver noticed', () => running.driver.health().state === 'degraded');
    await broker.mend();
    await connected(running);
  });

  test('what it had kept from before is not taken for the present', async () => {
    const broker = await foreignBroker();
    const shelf = await client(broker.url);
    await shelf.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1, retain: true });
    const running = await connected(await start(broker.url));
    await until('the kept value arrived', () => running.given.length > 0);
    expect(running.given).toEqual([
      expect.objectContaining({ kind: 'point', value: 80, quality: { level: 'uncertain', reason: 'stale' } }),
    ]);
  });
});
