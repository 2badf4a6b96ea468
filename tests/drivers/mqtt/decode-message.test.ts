import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeMessage, type Message } from '../../../src/drivers/mqtt/decode-message.ts';
import { createRoutes } from '../../../src/drivers/mqtt/routes.ts';
import { testSite } from './test-store.ts';

const NOW = 1_767_600_000_000;
const MINUTE = 60_000;
const routes = createRoutes(testSite());
const text = (payload: unknown) => (typeof payload === 'string' ? payload : JSON.stringify(payload));

function decode(topic: string, payload: unknown, stored = false): Message {
  const route = routes.find(topic);
  if (!route) throw new Error(`no route for ${topic}`);
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(text(payload));
  return decodeMessage(route.device, route.meaning, { payload: bytes, receivedTimeMs: NOW, stored });
}

const good = { level: 'good' };

describe('a scalar of a label', () => {
  const topic = 'aisle/v1/label-a1-1/battery';

  test.each<[string, unknown, object]>([
    ['a bare number', '87', { value: 87, quality: good, eventTimeMs: NOW }],
    ['a number in an object', { v: 87 }, { value: 87, quality: good, eventTimeMs: NOW }],
    ['with a time', { v: 87, t: NOW - 2_000 }, { value: 87, quality: good, eventTimeMs: NOW - 2_000 }],
    [
      'with a time just close enough',
      { v: 87, t: NOW - 5 * MINUTE },
      { quality: good, eventTimeMs: NOW - 5 * MINUTE },
    ],
    [
      'with a time that is too old to be believed',
      { v: 87, t: NOW - 5 * MINUTE - 1 },
      { value: 87, quality: { level: 'uncertain', reason: 'clock' }, eventTimeMs: NOW },
    ],
    [
      'with a time in the future',
      { v: 87, t: NOW + 6 * MINUTE },
      { value: 87, quality: { level: 'uncertain', reason: 'clock' }, eventTimeMs: NOW },
    ],
    ['out of range', '255', { value: null, quality: { level: 'bad', reason: 'range' } }],
    ['null', 'null', { value: null, quality: { level: 'bad', reason: 'format' } }],
  ])('%s', (_what, payload, reading) => {
    const { readings, rejection } = decode(topic, payload);
    expect(rejection).toBeNull();
    expect(readings).toEqual([
      expect.objectContaining({ device: 'label-a1-1', point: 'battery', ...reading }),
    ]);
  });

  test.each<[string, unknown, string]>([
    ['text that is not JSON', 'NaN', 'syntax'],
    ['an array', '[1]', 'shape'],
    ['an object without v', { value: 1 }, 'shape'],
    ['a time that is text', { v: 1, t: 'now' }, 'shape'],
  ])('%s is refused, and the point says that it could not be read', (_what, payload, reason) => {
    const { readings, rejection } = decode(topic, payload);
    expect(rejection?.reason).toBe(reason);
    expect(readings).toEqual([
      expect.objectContaining({ point: 'battery', value: null, quality: { level: 'bad', reason: 'format' } }),
    ]);
  });

  test('that a broker had kept is not taken for the present', () => {
    expect(decode(topic, '87', true).readings).toEqual([
      expect.objectContaining({ value: 87, quality: { level: 'uncertain', reason: 'stale' } }),
    ]);
  });

  test('an empty payload, which only deletes a kept message, says nothing', () => {
    expect(decode(topic, '')).toMatchObject({ readings: [], presence: null, rejection: null });
  });
});

describe('a weight batch of a shelf', () => {
  const topic = 'aisle/v1/shelf-a1/weights';
  const batch = { t0: NOW - 100, hz: 80, g: { '1': [1, 2, 3, 4, 5, 6, 7, 8] } };

  test('keeps the time of its first sample', () => {
    expect(decode(topic, batch).readings).toEqual([
      expect.objectContaining({
        kind: 'weights',
        device: 'shelf-a1',
        hz: 80,
        eventTimeMs: NOW - 100,
        receivedTimeMs: NOW,
      }),
    ]);
  });

  test('of a shelf whose clock is wrong ends at the time of receipt', () => {
    const [reading] = decode(topic, { ...batch, t0: 86_400_000 }).readings;
    expect(reading?.eventTimeMs).toBe(NOW - 100);
  });

  test('that a broker had kept is refused', () => {
    expect(decode(topic, batch, true)).toMatchObject({ readings: [], rejection: { reason: 'stored' } });
  });

  test('over the size that the profile allows is refused unread', () => {
    expect(decode(topic, Buffer.alloc(65_537, 0x20)).rejection?.reason).toBe('too_large');
  });
});

describe('a sale', () => {
  const topic = 'aisle/v1/till-1/sale';
  const sale = { key: 'till-1/000123', time: NOW, lines: [{ gtin: '9521321001015', quantity: 2 }] };
  const line = (changed: object) => ({ ...sale, lines: [{ ...sale.lines[0], ...changed }] });

  test('becomes a document with its till and a 14-digit GTIN', () => {
    expect(decode(topic, sale).readings).toEqual([
      {
        kind: 'document',
        source: 'mqtt',
        document: {
          type: 'sale',
          key: 'till-1/000123',
          till: 'till-1',
          lines: [{ gtin: '09521321001015', quantity: 2 }],
        },
        eventTimeMs: NOW,
        receivedTimeMs: NOW,
      },
    ]);
  });

  test('gives grams of what is sold by weight', () => {
    const [reading] = decode(topic, line({ quantity: undefined, grams: 734 })).readings;
    expect(reading).toMatchObject({ document: { lines: [{ quantity: 734, unit: 'g' }] } });
  });

  test.each<[string, unknown, number]>([
    ['Unix milliseconds', NOW - 1_000, NOW - 1_000],
    ['ISO 8601', new Date(NOW - 1_000).toISOString(), NOW - 1_000],
    ['a day ago, because the till was cut off', NOW - 1440 * MINUTE, NOW - 1440 * MINUTE],
    ['a year ago', NOW - 365 * 1440 * MINUTE, NOW],
    ['tomorrow', NOW + 1440 * MINUTE, NOW],
    ['no time at all', undefined, NOW],
  ])('time as %s', (_what, time, eventTimeMs) => {
    expect(decode(topic, { ...sale, time }).readings[0]?.eventTimeMs).toBe(eventTimeMs);
  });

  test('leaves behind whatever else the till says', () => {
    const decoded = decode(topic, { ...sale, card: '4111111111111111', customer: { name: 'somebody' } });
    expect(JSON.stringify(decoded)).not.toMatch(/4111|somebody/);
  });

  test.each<[string, unknown, RegExp]>([
    ['no key', { ...sale, key: undefined }, /"key"/],
    ['an empty key', { ...sale, key: '' }, /"key"/],
    ['a key with a line break', { ...sale, key: 'a\nb' }, /"key"/],
    ['a local time without its offset', { ...sale, time: '2026-01-05T08:00:00' }, /"time"/],
    ['no lines', { ...sale, lines: [] }, /"lines"/],
    ['grams beside a quantity', line({ grams: 734 }), /has grams and quantity; send one of them/],
    [
      'half a gram',
      line({ quantity: undefined, grams: 0.5 }),
      /grams must be a whole number from 1 to 1000000/,
    ],
    ['a wrong check digit', line({ gtin: '9521321001016' }), /lines\[0\]\.gtin/],
    ['a GTIN that is a number', line({ gtin: 9521321001015 }), /lines\[0\]\.gtin/],
    ['a quantity of 0', line({ quantity: 0 }), /lines\[0\]\.quantity/],
    ['half a unit', line({ quantity: 0.5 }), /lines\[0\]\.quantity/],
    ['more than anybody buys', line({ quantity: 10_001 }), /lines\[0\]\.quantity/],
  ])('with %s is refused, naming the field', (_what, payload, detail) => {
    const { readings, rejection } = decode(topic, payload);
    expect(readings).toEqual([]);
    expect(rejection?.detail).toMatch(detail);
  });
});

describe('a people counter', () => {
  const topic = 'milesight/uplink/door-main';

  test('only the fields that its profile names enter', () => {
    const { readings } = decode(topic, {
      people_total_in: 120,
      people_total_out: 118,
      device_mac: '00:16:28:FA:8E:68',
      snapshot: 'data:image/jpeg;base64,AAAA',
    });
    expect(readings).toEqual([
      expect.objectContaining({ point: 'people_in_total', value: 120, quality: good }),
      expect.objectContaining({ point: 'people_out_total', value: 118, quality: good }),
    ]);
    expect(JSON.stringify(readings)).not.toMatch(/00:16|jpeg/);
  });

  test('a field that is missing this time says nothing about its point', () => {
    expect(decode(topic, { people_total_in: 1 }).readings).toHaveLength(1);
  });

  test('a field of the wrong type is bad', () => {
    expect(decode(topic, { people_total_in: {} }).readings).toEqual([
      expect.objectContaining({ value: null, quality: { level: 'bad', reason: 'format' } }),
    ]);
  });

  test('a message with none of its fields is refused without a word of its content', () => {
    const { rejection } = decode(topic, { track: 'person 7' });
    expect(rejection).toEqual({ reason: 'shape', detail: expect.not.stringMatching(/track|person/) });
  });
});

describe('a device’s answers', () => {
  const topic = 'aisle/v1/label-a1-1/ack/show';

  test.each<[string, unknown, object]>([
    ['done', { id: 'c1', ok: true, detail: null }, { done: true, detail: null }],
    ['done, without a detail', { id: 'c1', ok: true }, { done: true, detail: null }],
    ['not done', { id: 'c1', ok: false, detail: 'no power' }, { done: false, detail: 'no power' }],
  ])('%s', (_what, payload, expected) => {
    expect(decode(topic, payload).readings).toEqual([
      expect.objectContaining({
        kind: 'ack',
        device: 'label-a1-1',
        command: 'show',
        commandId: 'c1',
        ...expected,
      }),
    ]);
  });

  test.each<[unknown]>([
    ['true'],
    [{ ok: true }],
    [{ id: 'c1', ok: 1 }],
    [{ id: 'c1', ok: true, detail: 4 }],
  ])('%j is refused', payload => {
    expect(decode(topic, payload)).toMatchObject({ readings: [], rejection: { reason: 'shape' } });
  });

  test.each<[string, string | null]>([
    ['online', 'online'],
    ['offline', 'offline'],
    ['"online"', null],
    ['away', null],
  ])('presence %s', (payload, state) => {
    expect(decode('aisle/v1/label-a1-1/presence', payload).presence).toBe(state);
  });
});

describe('for every topic of the site', () => {
  const topics = [
    'label-a1-1/battery',
    'label-a1-1/ack/show',
    'shelf-a1/weights',
    'shelf-a1/presence',
    'till-1/sale',
  ]
    .map(topic => `aisle/v1/${topic}`)
    .concat('milesight/uplink/door-main');

  property.prop([fc.constantFrom(...topics), fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from))], {
    seed: 7,
    numRuns: 10_000,
  })('no payload is thrown at', (topic, payload) => {
    const { readings, presence, rejection } = decode(topic, payload);
    expect(payload.length === 0 || readings.length > 0 || presence !== null || rejection !== null).toBe(true);
  });
});
