import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import type { SiteDevice } from '../../../src/config/site.ts';
import { createHttpPushDriver } from '../../../src/drivers/http-push/http-push-driver.ts';
import type { PushRequest } from '../../../src/readings/push.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import type { Outcome } from '../../../src/readings/submit.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ACCEPTED, BUSY, INVALID, labelProfile, testSite, testSubmit } from '../mqtt/test-store.ts';

type Http = NonNullable<DeviceProfile['http']>;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function counter(http: Partial<Http> = {}): DeviceProfile {
  const { mqtt: _none, ...profile } = labelProfile;
  return {
    ...profile,
    id: `test-counter-${JSON.stringify(http).length}`,
    kind: 'footfall',
    protocol: 'http',
    http: {
      payload: 'json',
      maxBytes: 4_096,
      records: 'CountLogs',
      time: { path: 'Timestamp', format: 'iso' },
      dedupe: { paths: ['LogEntryId'], windowS: 3_600 },
      ...http,
    },
    points: [{ key: 'people_in_total', path: 'Counts[0].Value', scale: 1, offset: 0 }],
  };
}

const device = (name: string, profile: DeviceProfile, tokenFile?: string): [string, SiteDevice] => [
  name,
  { id: name, profile, address: { protocol: 'http', name, ...(tokenFile ? { tokenFile } : {}) }, bind: {} },
];

async function start(
  devices: [string, SiteDevice][],
  answer: (readings: readonly Reading[]) => Outcome | Promise<Outcome> = () => ACCEPTED,
  folder = 'test',
) {
  const clock = manualClock();
  const { given, submit } = testSubmit(answer);
  const counters = createCounters();
  const site = { ...testSite(), folder, devices: new Map(devices) };
  const driver = createHttpPushDriver(site, { clock, log: silentLog, counters, submit, random: () => 0.5 });
  await driver.start();
  ends.push(() => driver.stop(100));
  const rejected = () =>
    Object.fromEntries(
      counters
        .snapshot()
        .filter(({ name }) => name === 'http_push_rejected_total')
        .map(({ labels, value }) => [labels.reason, value]),
    );
  const values = () => given.flatMap(each => (each.kind === 'point' ? [[each.device, each.value]] : []));
  return { driver, given, values, rejected, clock };
}

const log = (id: number, value: number) => ({ LogEntryId: id, Counts: [{ Value: value }] });
const post = (path: string, body: unknown, more: Partial<PushRequest> = {}): PushRequest => ({
  path,
  headers: {},
  query: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  ...more,
});

describe('a device that posts', () => {
  test('is answered after the commit', async () => {
    const order: string[] = [];
    const { driver } = await start([device('door', counter())], async () => {
      await Promise.resolve();
      order.push('committed');
      return ACCEPTED;
    });
    const answer = await driver.door.take(post('/ingest/v1/door', { CountLogs: [log(1, 100)] }));
    order.push('answered');
    expect(answer).toEqual({ status: 204 });
    expect(order.at(-1)).toBe('answered');
    expect(order).toContain('committed');
  });

  test('may post the same again, which changes nothing', async () => {
    const { driver, values } = await start([device('door', counter())]);
    const message = post('/ingest/v1/door', { CountLogs: [log(1, 100)] });
    expect([await driver.door.take(message), await driver.door.take(message)]).toEqual([
      { status: 204 },
      { status: 204 },
    ]);
    expect(values()).toEqual([['door', 100]]);
  });

  test('is asked to post again what could not be stored, and that counts then', async () => {
    let full = true;
    const { driver, values } = await start([device('door', counter())], readings =>
      full && readings.some(({ kind }) => kind === 'point') ? BUSY : ACCEPTED,
    );
    const message = post('/ingest/v1/door', { CountLogs: [log(1, 100)] });
    expect(await driver.door.take(message)).toMatchObject({ status: 503 });
    full = false;
    expect(await driver.door.take(message)).toEqual({ status: 204 });
    expect(values()).toEqual([
      ['door', 100],
      ['door', 100],
    ]);
  });

  test('is known by the path of its maker, by a field, a header or a parameter', async () => {
    const byPath = counter({ path: '/push/{device}/data' });
    const byField = counter({ path: '/vector', id: { path: 'FriendlyDeviceSerial' } });
    const byHeader = counter({ path: '/h', id: { header: 'X-Serial' } });
    const byQuery = counter({ path: '/query', id: { query: 'sn' } });
    const { driver, values } = await start([
      device('a', byPath),
      device('b', byField),
      device('b2', byField),
      device('c', byHeader),
      device('c2', byHeader),
      device('d', byQuery),
      device('d2', byQuery),
    ]);
    const body = { CountLogs: [log(1, 1)] };
    const answers = [
      await driver.door.take(post('/push/a/data', body)),
      await driver.door.take(post('/vector', { ...body, FriendlyDeviceSerial: 'b' })),
      await driver.door.take(post('/h', body, { headers: { 'x-serial': 'c' } })),
      await driver.door.take(post('/query', body, { query: { sn: 'd' } })),
      await driver.door.take(post('/vector', { ...body, FriendlyDeviceSerial: 'nobody' })),
      await driver.door.take(post('/vector', body)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 404, 404]);
    expect(values().map(([name]) => name)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('is offline after three intervals of silence', async () => {
    const { given, driver, clock } = await start([device('door', counter({ expectEveryS: 60 }))]);
    await driver.door.take(post('/ingest/v1/door', { CountLogs: [log(1, 100)] }));
    clock.advance(182_000);
    await Promise.resolve();
    await Promise.resolve();
    expect(given.filter(({ kind }) => kind === 'presence')).toMatchObject([
      { state: 'online' },
      { state: 'offline', reason: 'stale' },
    ]);
  });
});

describe('what cannot be used', () => {
  test.each<[string, PushRequest, number, string]>([
    ['rubbish', post('/ingest/v1/door', 'rubbish'), 400, 'syntax'],
    ['a picture', post('/ingest/v1/door', { snapshot: 'x' }), 400, 'shape'],
    ['too much', post('/ingest/v1/door', 'x'.repeat(4_097)), 413, 'too_large'],
    ['a stranger', post('/ingest/v1/nobody', {}), 404, 'unknown_topic'],
  ])(
    '%s is refused with its reason, counted and remembered by its path',
    async (_what, request, status, reason) => {
      const { driver, rejected } = await start([device('door', counter())]);
      expect(await driver.door.take(request)).toMatchObject({ status });
      expect(rejected()).toEqual({ [reason]: 1 });
      expect(driver.quarantine()).toMatchObject([{ topic: request.path, reason }]);
    },
  );

  test('what the store refuses for good is not asked for again', async () => {
    const { driver } = await start([device('door', counter())], readings =>
      readings.some(({ kind }) => kind === 'point') ? INVALID : ACCEPTED,
    );
    expect(await driver.door.take(post('/ingest/v1/door', { CountLogs: [log(1, 1)] }))).toMatchObject({
      status: 400,
    });
  });

  test('before the start and after the stop the device is asked to come again', async () => {
    const { driver } = await start([device('door', counter())]);
    await driver.stop(100);
    expect(await driver.door.take(post('/ingest/v1/door', { CountLogs: [log(1, 1)] }))).toMatchObject({
      status: 503,
    });
  });
});

describe('a device with a token', () => {
  function withToken(text: string | null) {
    const folder = mkdtempSync(join(tmpdir(), 'aisle-token-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    if (text !== null) writeFileSync(join(folder, 'door.token'), text);
    return start([device('door', counter(), 'door.token')], undefined, folder);
  }
  const body = { CountLogs: [log(1, 1)] };
  const basic = `Basic ${Buffer.from('anyone:a-long-secret').toString('base64')}`;

  test.each<[string, Partial<PushRequest>, number]>([
    ['as a bearer', { headers: { authorization: 'Bearer a-long-secret' } }, 204],
    ['as a password', { headers: { authorization: basic } }, 204],
    ['as a key', { headers: { 'x-api-key': 'a-long-secret' } }, 204],
    ['as a parameter', { query: { token: 'a-long-secret' } }, 204],
    ['wrongly', { headers: { authorization: 'Bearer another-secret' } }, 401],
    ['not at all', {}, 401],
  ])('shows it %s', async (_how, more, status) => {
    const { driver } = await withToken('a-long-secret\n');
    expect(await driver.door.take(post('/ingest/v1/door', body, more))).toMatchObject({ status });
  });

  test.each([null, 'short'])(
    'whose file is %j is not let in, and the health says why without the token',
    async text => {
      const { driver } = await withToken(text);
      expect(
        await driver.door.take(post('/ingest/v1/door', body, { query: { token: 'short' } })),
      ).toMatchObject({ status: 401 });
      expect(driver.health()).toMatchObject({
        state: 'degraded',
        detail: expect.stringContaining('door.token'),
      });
      expect(driver.health().detail).not.toContain('"short"');
    },
  );
});
