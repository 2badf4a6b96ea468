import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { ProfilePoint } from '../../../src/config/profile-schema.ts';
import { compileKind, readDeviceMessage } from '../../../src/drivers/decoders/device-message.ts';
import type { MessageForm } from '../../../src/drivers/decoders/message-reader.ts';
import { createSeenKeys } from '../../../src/drivers/decoders/seen-keys.ts';
import { manualClock } from '../../support/manual-clock.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const MINUTE = 60_000;

const point = (key: string, path: string): ProfilePoint => ({ key, path, scale: 1, offset: 0 });
const temperature = { ...point('air_temperature', 'decoded.temperature'), valid: { min: -60, max: 90 } };

function read(form: MessageForm, points: readonly ProfilePoint[], payload: unknown, stored = false) {
  const bytes =
    payload instanceof Uint8Array
      ? payload
      : Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const kind = compileKind(form, { points: [...points] }, 'Europe/Berlin');
  return readDeviceMessage('it', [kind], { payload: bytes, receivedTimeMs: NOW, stored });
}

const told = (result: ReturnType<typeof read>) =>
  result.readings.map(reading =>
    reading.kind === 'point'
      ? [
          reading.point,
          reading.value ?? (reading.quality.level === 'bad' ? reading.quality.reason : '?'),
          NOW - reading.eventTimeMs,
        ]
      : [reading.kind],
  );

describe('a message whose bytes a decoder reads', () => {
  test('comes as hexadecimal text, base64 or the bytes themselves', () => {
    const hex = '01755C036734010468 65'.replace(' ', '');
    const bytes = Buffer.from(hex, 'hex');
    const decode = 'milesight-em300';
    const expected = [['air_temperature', 30.8, 0]];
    expect(told(read({ payload: 'hex', decode }, [temperature], hex))).toEqual(expected);
    expect(told(read({ payload: 'base64', decode }, [temperature], bytes.toString('base64')))).toEqual(
      expected,
    );
    expect(told(read({ payload: 'binary', decode }, [temperature], bytes))).toEqual(expected);
  });

  // docs.ruuvi.com, Ruuvi Gateway, MQTT time-stamped data.
  test('stands in the message of the Ruuvi Gateway, with its time in quotes', () => {
    const form: MessageForm = {
      payload: 'json',
      decode: 'ruuvi-rawv2',
      data: { path: 'data', encoding: 'hex' },
      time: { path: 'ts', format: 'unix-s' },
      dedupe: { paths: ['decoded.sequence'], windowS: 600 },
    };
    const seconds = NOW / 1000 - 2;
    const message = {
      gw_mac: 'C8:25:2D:8E:9C:2C',
      rssi: -26,
      ts: String(seconds),
      data: '0201061BFF99040515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6',
    };
    const result = read(form, [temperature, point('signal', 'rssi')], message);
    expect(told(result)).toEqual([
      ['air_temperature', 27.75, 2_000],
      ['signal', -26, 2_000],
    ]);
    expect(result.keys).toEqual([{ key: '27007', windowMs: 600_000 }]);
    expect(result.clockOffsetMs).toBe(-2_000);
  });

  test.each([
    [
      'ChirpStack',
      { fPort: 2, data: Buffer.from('CBF60B0D037601F8DA7FFF', 'hex').toString('base64') },
      'data',
    ],
    [
      'The Things Stack',
      {
        uplink_message: {
          f_port: 2,
          frm_payload: Buffer.from('CBF60B0D037601F8DA7FFF', 'hex').toString('base64'),
        },
      },
      'uplink_message.frm_payload',
    ],
  ])('stands in the uplink of %s, beside its port', (_server, message, path) => {
    const form: MessageForm = {
      payload: 'json',
      decode: 'dragino-lht65',
      data: { path, encoding: 'base64' },
    };
    const probe = { ...temperature, path: 'decoded.probe_temperature' };
    expect(told(read(form, [probe], message))).toEqual([['air_temperature', -18.3, 0]]);
    const settings = JSON.parse(JSON.stringify(message).replace(/"(f_?[pP]ort)":2/, '"$1":5')) as unknown;
    expect(read(form, [probe], settings)).toMatchObject({ readings: [], rejection: { reason: 'shape' } });
  });

  test('says with its own word that nothing was measured', () => {
    const form: MessageForm = { payload: 'hex', decode: 'ruuvi-rawv2' };
    const invalid = '058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF';
    expect(told(read(form, [temperature], invalid))).toEqual([['air_temperature', 'sentinel', 0]]);
  });

  test('may tell none of the points without being a fault', () => {
    const form: MessageForm = { payload: 'hex', decode: 'milesight-em300' };
    expect(read(form, [temperature], '01755C')).toMatchObject({ readings: [], rejection: null });
  });

  test('brings back what the device kept, marked as history; what its clock cannot know is left out', () => {
    const hexOf = (atMs: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(atMs / 1000);
      return bytes.toString('hex');
    };
    const form: MessageForm = { payload: 'hex', decode: 'milesight-em300' };
    const kept = `20CE${hexOf(NOW - 90 * MINUTE)}10015D00 20CE${hexOf(NOW - 120 * MINUTE)}34015D00 20CE${hexOf(1_000)}34015D00`;
    const { readings } = read(form, [temperature], `${kept} 0367 3301`);
    expect(readings).toMatchObject([
      { value: 30.7, eventTimeMs: NOW },
      { value: 30.8, eventTimeMs: NOW - 120 * MINUTE, historical: true, quality: { level: 'good' } },
      { value: 27.2, eventTimeMs: NOW - 90 * MINUTE, historical: true },
    ]);
    expect(readings[0]).not.toHaveProperty('historical');
  });
});

describe('a message with several records', () => {
  // IrisysUK/vectorhttppost, demodata.json.
  const irisys: MessageForm = {
    payload: 'json',
    records: 'CountLogs',
    time: { path: 'Timestamp', format: 'iso' },
    dedupe: { paths: ['LogEntryId'], windowS: 86_400 },
  };
  const points = [point('people_in_total', "Counts[Name='Line 1'].Value")];
  const log = (id: number, minutesAgo: number, value: number) => ({
    Counts: [
      { Name: 'Line 2', RegisterId: 1, Value: 7 },
      { Name: 'Line 1', RegisterId: 0, Value: value },
    ],
    LogEntryId: id,
    Timestamp: new Date(NOW - minutesAgo * MINUTE).toISOString(),
  });

  test('tells each at its own time, the oldest first, however long the sensor was cut off', () => {
    const message = {
      CountLogs: [log(3, 0, 121), log(1, 120, 100), log(2, 60, 110)],
      FriendlyDeviceSerial: 'V4D-17020025',
    };
    const result = read(irisys, points, message);
    expect(told(result)).toEqual([
      ['people_in_total', 100, 120 * MINUTE],
      ['people_in_total', 110, 60 * MINUTE],
      ['people_in_total', 121, 0],
    ]);
    expect(result.keys.map(({ key }) => key)).toEqual(['1', '2', '3']);
  });

  test('that came before is not told again', () => {
    const seen = createSeenKeys(manualClock());
    seen.add('it', '1', 60_000);
    const payload = Buffer.from(JSON.stringify({ CountLogs: [log(1, 2, 100), log(2, 1, 110)] }));
    const { readings, rejection } = readDeviceMessage(
      'it',
      [compileKind(irisys, { points }, 'UTC')],
      { payload, receivedTimeMs: NOW, stored: false },
      seen,
    );
    expect(rejection).toBeNull();
    expect(readings).toMatchObject([{ value: 110 }]);
  });

  test.each<[string, unknown, string]>([
    ['without its list', { FriendlyDeviceSerial: 'V4D' }, 'shape'],
    [
      'with too many of them',
      { CountLogs: Array.from({ length: 1_001 }, (_, id) => log(id, 1, 1)) },
      'range',
    ],
    ['with none of the fields', { CountLogs: [{ a: 1 }] }, 'shape'],
  ])('%s is refused', (_what, message, reason) => {
    expect(read(irisys, points, message).rejection?.reason).toBe(reason);
  });
});

describe('a report of one interval', () => {
  // Xovis API v5, data push of logics: counts within each record's interval.
  const xovis: MessageForm = { payload: 'json', records: 'logics', time: { path: 'to', format: 'iso' } };
  const points = [
    point('people_in', "counts[name='fw'].value"),
    point('people_out', "counts[name='bw'].value"),
  ];
  const record = (minutesAgo: number, counts: readonly object[]) => ({
    to: new Date(NOW - minutesAgo * MINUTE).toISOString(),
    counts,
  });

  test('is a document whose key names the interval, beside its values', () => {
    const counts = [
      { name: 'fw', value: 3 },
      { name: 'bw', value: 1 },
    ];
    const { readings } = read(xovis, points, { logics: [record(90, counts)] });
    const eventTimeMs = NOW - 90 * MINUTE;
    expect(readings).toMatchObject([
      { point: 'people_in', value: 3, eventTimeMs },
      { point: 'people_out', value: 1, eventTimeMs },
      {
        kind: 'document',
        source: 'device',
        document: { type: 'people', key: `it/${eventTimeMs}`, device: 'it', in: 3, out: 1 },
        eventTimeMs,
      },
    ]);
  });

  test('without a name and a time counts nobody, because a repeat could not be told from other people', () => {
    const { readings } = read({ payload: 'json', records: 'logics' }, points, {
      logics: [{ counts: [{ name: 'fw', value: 3 }] }],
    });
    expect(readings.filter(({ kind }) => kind === 'document')).toEqual([]);
  });

  test('that is no whole number is bad and counts nobody', () => {
    const { readings } = read(xovis, points, { logics: [record(1, [{ name: 'fw', value: -3 }])] });
    expect(readings).toMatchObject([{ point: 'people_in', value: null, quality: { level: 'bad' } }]);
  });
});

describe('a message of several kinds on one topic', () => {
  const full: MessageForm = { payload: 'json', where: { path: 'method', equals: 'NotifyFullStatus' } };

  test('is read only as the kind that it says it is', () => {
    const points = [point('relative_humidity', "params['humidity:0'].rh")];
    const params = { 'humidity:0': { rh: 42.2 } };
    expect(told(read(full, points, { method: 'NotifyFullStatus', params }))).toEqual([
      ['relative_humidity', 42.2, 0],
    ]);
    expect(read(full, points, { method: 'NotifyEvent', params })).toMatchObject({
      readings: [],
      rejection: null,
    });
  });
});

describe('the time of a device', () => {
  const points = [point('relative_humidity', 'rh')];
  const form: MessageForm = { payload: 'json', time: { path: 'ts', format: 'unix-ms' } };

  test('that is wrong leaves the value, less certain, at the time of receipt, and its offset is known', () => {
    const result = read(form, points, { rh: 40, ts: NOW - 3_600_000 });
    expect(result.readings).toMatchObject([
      { value: 40, eventTimeMs: NOW, quality: { level: 'uncertain', reason: 'clock' } },
    ]);
    expect(result.clockOffsetMs).toBe(-3_600_000);
  });

  test('that the profile does not believe costs nothing', () => {
    const untrusted: MessageForm = {
      payload: 'json',
      time: { path: 'ts', format: 'unix-ms', trust: 'receipt' },
    };
    expect(read(untrusted, points, { rh: 40, ts: 12 }).readings).toMatchObject([
      { eventTimeMs: NOW, quality: { level: 'good' } },
    ]);
  });
});

describe('a form', () => {
  test('holds its numbers as text', () => {
    expect(told(read({ payload: 'form' }, [point('relative_humidity', 'rh')], 'rh=41.5&x=1'))).toEqual([
      ['relative_humidity', 41.5, 0],
    ]);
    expect(told(read({ payload: 'form' }, [point('relative_humidity', 'rh')], 'rh=nan'))).toEqual([
      ['relative_humidity', 'format', 0],
    ]);
  });
});

describe('names of messages', () => {
  test('are remembered for their window, and apart for each device', () => {
    const clock = manualClock();
    const seen = createSeenKeys(clock);
    seen.add('a', '1', 1_000);
    expect([seen.has('a', '1'), seen.has('b', '1'), seen.has('a', '2')]).toEqual([true, false, false]);
    clock.advance(1_001);
    expect(seen.has('a', '1')).toBe(false);
  });
});

describe('any bytes', () => {
  const forms: MessageForm[] = (['json', 'form', 'hex', 'base64', 'binary'] as const).flatMap(payload => [
    { payload, time: { path: 'ts', format: 'iso' }, dedupe: { paths: ['id'], windowS: 1 } },
    { payload, records: 'list', time: { path: '$.ts', format: 'unix-s' } },
    { payload, decode: 'milesight-vs133', data: { path: 'data', encoding: 'hex' } },
  ]);
  const points = [
    point('people_in_total', 'decoded.line_1_total_in'),
    point('relative_humidity', 'v'),
    temperature,
  ];
  const kinds = forms.map(form => compileKind(form, { points }, 'UTC'));
  const text = fc
    .oneof(fc.json(), fc.string({ maxLength: 80 }))
    .map(value => new Uint8Array(Buffer.from(value)));

  property.prop([fc.oneof(fc.uint8Array({ maxLength: 200 }), text)], { seed: 5, numRuns: 2_000 })(
    'become readings with a time of today or a value that is bad, or are refused, and are never thrown at',
    payload => {
      for (const kind of kinds) {
        const { readings } = readDeviceMessage('it', [kind], { payload, receivedTimeMs: NOW, stored: false });
        for (const reading of readings) {
          if (reading.kind !== 'point') continue;
          expect(reading.value === null).toBe(reading.quality.level === 'bad');
        }
      }
    },
  );
});
