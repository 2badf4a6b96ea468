import { createServer, type Socket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { Aedes } from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import type { SiteDevice } from '../../../src/config/site.ts';
import { MetricSchema, PayloadSchema } from '../../../src/drivers/sparkplug/gen/sparkplug/b/v1/payload_pb.ts';
import { labelProfile, startDriver, until } from './test-store.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const STATE = 'spBv1.0/STATE/aisle-9521321000018';

const room: SiteDevice = {
  id: 'walk-in',
  bind: {},
  address: { protocol: 'mqtt', name: 'room-1' },
  profile: {
    ...labelProfile,
    kind: 'climate',
    mqtt: {
      topic: 'spBv1.0/{any}/{any}/{any}/{device}',
      payload: 'sparkplug',
      maxBytes: 4_096,
      commands: [],
    },
    points: [{ key: 'air_temperature', metric: 'Air', scale: 1, offset: 0, valid: { min: -60, max: 60 } }],
  },
};

async function listener(url: string) {
  const client: MqttClient = await connectAsync(url, { reconnectPeriod: 0 });
  client.on('error', () => {});
  ends.push(() => client.endAsync(true));
  const heard: { topic: string; payload: string }[] = [];
  client.on('message', (topic, payload) => heard.push({ topic, payload: payload.toString() }));
  await client.subscribeAsync('spBv1.0/#', { qos: 1 });
  const publish = (type: string, seq: number | null, value?: number) => {
    const air = { name: 'Air', alias: 1n, datatype: 9 };
    const metric =
      value === undefined ? null : create(MetricSchema, { ...air, value: { case: 'floatValue', value } });
    const payload = create(PayloadSchema, {
      timestamp: BigInt(Date.now()),
      metrics: metric ? [metric] : [],
      ...(seq === null ? {} : { seq: BigInt(seq) }),
    });
    const topic = `spBv1.0/plant/${type}/node-1${type.startsWith('D') ? '/room-1' : ''}`;
    return client.publishAsync(topic, Buffer.from(toBinary(PayloadSchema, payload)), { qos: 1 });
  };
  return { client, heard, publish };
}

describe('a Sparkplug edge node on the embedded broker', () => {
  test('hears that the host is there, is asked for its birth, and its device then has values and a presence', async () => {
    const running = await startDriver(undefined, { devices: [room] });
    ends.push(() => running.driver.stop(2_000));
    const { heard, publish } = await listener(running.url);
    await until('the host tells its state', () => heard.some(({ topic }) => topic === STATE));
    expect(JSON.parse(heard[0]!.payload)).toMatchObject({ online: true });

    await publish('DDATA', 5, 3);
    await until('the host asks for a birth', () =>
      heard.some(({ topic }) => topic === 'spBv1.0/plant/NCMD/node-1'),
    );
    await publish('NBIRTH', 0);
    await publish('DBIRTH', 1, -18.5);
    await publish('NDEATH', null);
    await until('the death is told', () =>
      running.given.some(each => each.kind === 'presence' && each.state === 'offline'),
    );
    expect(running.given).toMatchObject([
      { kind: 'presence', device: 'walk-in', state: 'online' },
      { kind: 'point', point: 'air_temperature', value: -18.5 },
      { kind: 'presence', state: 'offline' },
      { kind: 'point', point: 'air_temperature', value: null },
    ]);
    expect(running.driver.vitals?.('walk-in').clockOffsetMs).toBeLessThan(1_000);
  });

  test('cannot speak for the host', async () => {
    const running = await startDriver(undefined, { devices: [room] });
    ends.push(() => running.driver.stop(2_000));
    const { client } = await listener(running.url);
    await client.publishAsync(STATE, '{"online":false}', { qos: 1, retain: true });
    expect(running.count('mqtt_rejected_total', { reason: 'denied' })).toBe(1);
  });
});

/** aedes knows its clients, and tells nobody in its types. */
const connections = (aedes: Aedes) =>
  Object.values((aedes as unknown as { clients: Record<string, { id: string; conn: Socket }> }).clients);

describe('with somebody else’s broker', () => {
  test('the host is there while it is connected, and its will has the time of its birth', async () => {
    const aedes = await Aedes.createBroker({ concurrency: 0 });
    const server = createServer(socket => void aedes.handle(socket));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    ends.push(async () => {
      await new Promise<void>(resolve => aedes.close(() => server.close(() => resolve())));
    });
    const { heard } = await listener(url);
    const running = await startDriver(undefined, { devices: [room], mqtt: { port: 0, url } });
    ends.push(() => running.driver.stop(2_000));
    await until('the host tells its state', () => heard.some(({ topic }) => topic === STATE));
    // The network fails: the broker says the will.
    for (const { id, conn } of connections(aedes)) if (id.startsWith('aisle-')) conn.destroy();
    await until('the will is told', () => heard.filter(({ topic }) => topic === STATE).length >= 2);
    const [birth, will] = heard
      .filter(({ topic }) => topic === STATE)
      .map(({ payload }) => JSON.parse(payload) as object);
    expect(will).toEqual({ ...birth, online: false });
    await until('the host is back', () => heard.filter(({ topic }) => topic === STATE).length >= 3);
  });
});
