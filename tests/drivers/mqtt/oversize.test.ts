import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, test } from 'vitest';
import { type RunningDriver, startDriver } from './test-store.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function start(): Promise<RunningDriver> {
  const running = await startDriver();
  ends.push(() => running.driver.stop(2_000));
  return running;
}

async function client({ url }: RunningDriver): Promise<MqttClient> {
  const connected = await connectAsync(url, { reconnectPeriod: 0 });
  ends.push(() => connected.endAsync(true));
  return connected;
}

describe('a connection that carries many devices', () => {
  test('a message over the limit is acknowledged and counted, and its connection goes on', async () => {
    const running = await start();
    const hog = await client(running);
    await hog.publishAsync('aisle/v1/shelf-a1/weights', Buffer.alloc(3_000_000), { qos: 1, retain: true });
    await hog.publishAsync('aisle/v1/shelf-a1/weights', Buffer.alloc(300 * 1024), { qos: 2 });
    hog.publish('nobody/knows', Buffer.alloc(300 * 1024), { qos: 0 });
    await hog.publishAsync('aisle/v1/shelf-a1/battery', '80', { qos: 1 });
    expect(hog.connected).toBe(true);
    expect(running.count('mqtt_rejected_total', { reason: 'too_large' })).toBe(3);
    expect(running.driver.quarantine()).toMatchObject([
      { topic: 'aisle/v1/shelf-a1/weights', reason: 'too_large', count: 2 },
      { topic: 'nobody/knows', reason: 'too_large', detail: expect.stringContaining('bytes') },
    ]);
    expect(running.given.filter(({ kind }) => kind === 'point')).toMatchObject([{ value: 80 }]);
  });

  test('a bridge that carries many devices stays, whatever one of them says', async () => {
    const running = await start();
    const bridge = await client(running);
    const rubbish = [
      Buffer.alloc(0),
      Buffer.from('{'),
      Buffer.alloc(70_000),
      Buffer.alloc(400_000),
      Buffer.of(0xa1, 9),
    ];
    for (let round = 0; round < 20; round++) {
      for (const payload of rubbish) {
        bridge.publish('aisle/v1/shelf-a1/weights', payload, { qos: 1 });
        bridge.publish('milesight/uplink/door-main', payload, { qos: 0 });
        bridge.publish('a/stranger', payload, { qos: 1 });
      }
      await bridge.publishAsync('aisle/v1/label-a1-1/battery', String(round), { qos: 1 });
    }
    expect(bridge.connected).toBe(true);
    expect(running.count('mqtt_connections_cut_total')).toBe(0);
    const values = running.given.flatMap(each =>
      each.kind === 'point' && each.device === 'label-a1-1' ? [each.value] : [],
    );
    expect(values).toEqual(Array.from({ length: 20 }, (_, round) => round));
  });
});
