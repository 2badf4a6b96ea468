import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Gateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { DeviceView, FootfallBinView } from '../../src/store/views.ts';
import { smallGateway } from '../support/small-gateway.ts';
import { waitFor } from '../support/wait-for.ts';

const SITE = `schema: 1
store: { gln: "9521321000018", name: Test }
listen: { http: 0 }
mqtt: { port: 0 }
devices:
  - id: door-main
    profile: xovis-push
    address: { name: door-main, tokenFile: door.token }
    bind: { door: main }
  - id: door-side
    profile: irisys-vector
    bind: { door: side }
  - id: freezer
    profile: milesight-em300-th
    address: { name: 24e124136b502217 }
    bind: { unit: Freezer, temperatureClass: frozen }
`;

let folder = '';
let gateway: Gateway;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aisle-push-'));
  writeFileSync(join(folder, 'site.yaml'), SITE);
  writeFileSync(join(folder, 'door.token'), 'a-long-secret\n');
  writeFileSync(join(folder, 'items.csv'), 'gtin,name,unitWeightGrams,price,temperatureClass\n');
  writeFileSync(
    join(folder, 'planogram.csv'),
    'facing,fixture,shelf,position,gtin,capacity,minimum,plates,label\n',
  );
  gateway = smallGateway(folder, systemClock());
  await gateway.start();
});
afterAll(async () => {
  await gateway.stop(2_000);
  rmSync(folder, { recursive: true });
});

const url = (path: string) => `http://127.0.0.1:${gateway.ports().http}${path}`;
const view = async <View>(path: string) => (await (await fetch(url(path))).json()) as View;

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(url(path), { method: 'POST', body: JSON.stringify(body), headers });
  return response.status;
}

const people = async () => {
  const rows = await view<readonly FootfallBinView[]>('/api/v1/footfall?hours=24&bin=1');
  return Object.fromEntries(
    ['main', 'side'].map(door => {
      const ofDoor = rows.filter(row => row.door === door);
      return [
        door,
        [ofDoor.reduce((sum, row) => sum + row.in, 0), ofDoor.reduce((sum, row) => sum + row.out, 0)],
      ];
    }),
  );
};

const ago = (minutes: number) => new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000).toISOString();

describe('a counter that posts', () => {
  test('reports of intervals count once, however often they come, and also after a restart', async () => {
    const token = { authorization: 'Bearer a-long-secret' };
    const record = (from: number, fw: number, bw: number) => ({
      from: ago(from + 1),
      to: ago(from),
      counts: [
        { name: 'fw', value: fw },
        { name: 'bw', value: bw },
      ],
    });
    const body = {
      logics_data: {
        logics: [{ info: 'XLT_LINE_IN_OUT_COUNT', records: [record(30, 4, 1), record(2, 3, 2)] }],
      },
    };
    expect(await post('/ingest/v1/door-main', body)).toBe(401);
    expect(await post('/ingest/v1/door-main', body, token)).toBe(204);
    expect(await post('/ingest/v1/door-main', body, token)).toBe(204);
    expect((await people()).main).toEqual([7, 3]);

    await gateway.stop(2_000);
    gateway = smallGateway(folder, systemClock());
    await gateway.start();
    expect(await post('/ingest/v1/door-main', body, token)).toBe(204);
    expect((await people()).main).toEqual([7, 3]);
  });

  test('running totals kept during an outage count in the minutes in which people passed', async () => {
    const log = (minutes: number, id: number, total: number) => ({
      Counts: [{ Name: 'Line 1', RegisterId: 0, Value: total }],
      LogEntryId: id,
      Timestamp: ago(minutes),
    });
    const body = { CountLogs: [log(1, 4, 131), log(40, 2, 103), log(60, 1, 100), log(20, 3, 110)] };
    expect(await post('/ingest/v1/door-side', body)).toBe(204);
    await waitFor('the last minute to end', async () => (await people()).side![0] === 31, 5_000);
    const rows = await view<readonly FootfallBinView[]>('/api/v1/footfall?hours=24&bin=1');
    expect(rows.filter(row => row.door === 'side' && row.in > 0).map(row => row.in)).toEqual([3, 7, 21]);
  });

  test('rubbish is refused with a reason, and the device shows it', async () => {
    expect(await post('/ingest/v1/door-side', { hello: 'there' })).toBe(400);
    const devices = await view<readonly DeviceView[]>('/api/v1/devices');
    const side = devices.find(({ device }) => device === 'door-side');
    expect(JSON.stringify(side)).toContain('the list of records is not there');
    expect(await post('/ingest/v1/nobody', {})).toBe(404);
    expect(JSON.stringify(await view('/api/v1/strangers'))).toContain('/ingest/v1/nobody');
  });
});

describe('a LoRaWAN sensor', () => {
  test('that sends what it kept fills the record, and shows the temperature of now', async () => {
    const seconds = Math.floor(Date.now() / 1000) - 3_600;
    const bytes = Buffer.alloc(16);
    bytes.set([0x20, 0xce], 0);
    bytes.writeUInt32LE(seconds, 2);
    bytes.writeInt16LE(-190, 6);
    bytes.writeUInt8(100, 8);
    // The temperature of now stands behind what is older.
    bytes.set([0x03, 0x67, 0x4c, 0xff, 0x01, 0x75], 10);
    const data = Buffer.concat([bytes, Buffer.of(92)]).toString('base64');
    const client = await connectAsync(`mqtt://127.0.0.1:${gateway.ports().mqtt}`, { reconnectPeriod: 0 });
    const topic = 'application/1/device/24e124136b502217/event/up';
    await client.publishAsync(topic, JSON.stringify({ fPort: 85, data }), { qos: 1 });
    await client.publishAsync(
      'shellyplusht-1/events/rpc',
      JSON.stringify({
        method: 'NotifyFullStatus',
        params: { 'temperature:0': { tC: 20 }, 'humidity:0': { rh: 40 } },
      }),
      { qos: 1 },
    );
    await client.endAsync();

    const cold = await view<readonly { temperature: { value: number } | null }[]>('/api/v1/cold');
    expect(cold[0]?.temperature?.value).toBe(-18);
    const minutes = await view<readonly { meanCelsius: number | null; atMs?: number }[]>(
      '/api/v1/cold/Freezer/temperatures?minutes=120',
    );
    expect(JSON.stringify(minutes)).toContain('-19');

    const strangers =
      await view<readonly { where: string; suggestions: readonly { profile: string }[] }[]>(
        '/api/v1/strangers',
      );
    const shelly = strangers.find(({ where }) => where.startsWith('shellyplusht-1'));
    expect(shelly?.suggestions[0]?.profile).toBe('shelly-plus-ht');
  });
});
