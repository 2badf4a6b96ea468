import { describe, expect, it } from 'vitest';
import { encodeMessage, type MessageKind } from '../../../simulators/wire/device-message.ts';
import { PAYLOAD_ENCODERS } from '../../../simulators/wire/payload-encoders.ts';
import type { ProfilePoint } from '../../../src/config/profile-schema.ts';
import { DECODERS, type DecoderName } from '../../../src/drivers/decoders/decoders.ts';

const hexOf = (name: string, fields: Record<string, number | null>, sequence = 205) =>
  PAYLOAD_ENCODERS[name]!(fields, sequence).toString('hex');

describe('a binary payload', () => {
  it.each([
    // Examples of Milesight-IoT/SensorDecoders.
    ['milesight-em300', { battery: 92, temperature: 30.8, humidity: 50.5 }, '01755c03673401046865'],
    ['milesight-vs133', { line_1_total_in: 72, line_1_total_out: 200 }, '03d24800000004d2c8000000'],
    // 3.0 V in the good state, 25.31 Cel, 48.6 %, a probe at -18.5 Cel.
    [
      'dragino-lht65',
      { battery_voltage: 3, battery_state: 3, temperature: 25.31, humidity: 48.6, probe_temperature: -18.5 },
      'cbb809e301e601f8c6ffff'.slice(0, 18),
    ],
  ])('of %s is the one in its maker’s document', (name, fields, hex) => {
    expect(hexOf(name, fields).slice(0, hex.length)).toBe(hex);
  });

  it('of ruuvi-rawv2 begins and ends as the test vector of docs.ruuvi.com does', () => {
    const fields = {
      temperature: 24.3,
      humidity: 53.49,
      pressure: 100_044,
      battery_voltage: 2.977,
      movement: 66,
    };
    const hex = hexOf('ruuvi-rawv2', fields).toUpperCase();
    const data = hex.slice(14);
    expect(hex.slice(0, 14)).toBe('0201061BFF9904');
    expect(data.slice(0, 14)).toBe('0512FC5394C37C');
    expect(data.slice(26, 36)).toBe('AC364200CD');
  });

  const FIELDS: Record<DecoderName, Record<string, number>> = {
    'ruuvi-rawv2': { temperature: -18.245, humidity: 41.2, pressure: 99_120, battery_voltage: 2.5 },
    'milesight-em300': { battery: 8, temperature: -21.4, humidity: 66 },
    'milesight-vs121': { people_total_in: 65_535, people_total_out: 3 },
    'milesight-vs133': { line_1_total_in: 70_000, line_1_total_out: 69_998 },
    'dragino-lht65': { temperature: -4.2, humidity: 88.1, probe_temperature: -18.25, battery_voltage: 2.9 },
  };
  it.each(Object.entries(FIELDS))('of %s says the same to our decoder', (name, fields) => {
    const decoded = DECODERS[name as DecoderName](PAYLOAD_ENCODERS[name]!(fields, 9), null);
    expect(decoded.ok && decoded.value[0].fields).toMatchObject(fields);
  });
});

const point = (more: Partial<ProfilePoint>): ProfilePoint => ({
  key: 'air_temperature',
  scale: 1,
  offset: 0,
  ...more,
});
const kind = (more: Partial<MessageKind>): MessageKind => ({
  payload: 'json',
  sample: {},
  points: [],
  ...more,
});
const INSTANT = { nowMs: Date.UTC(2026, 10, 22, 4, 22, 50), zone: 'Europe/Berlin', sequence: 12 };
const values = (given: Record<string, number | boolean | null>) => (key: string) => given[key];

describe('a JSON payload', () => {
  it('is the documented one with true values, the time of now and a number of its own', () => {
    const shelly = kind({
      sample: { src: 'shelly', params: { ts: 1680962879.62, 'temperature:0': { id: 0, tC: 19.8 } } },
      time: { path: 'params.ts', format: 'unix-s' },
      points: [point({ path: "params['temperature:0'].tC" })],
    });
    expect(JSON.parse(String(encodeMessage(shelly, values({ air_temperature: -18.4 }), INSTANT)))).toEqual({
      src: 'shelly',
      params: { ts: INSTANT.nowMs / 1000, 'temperature:0': { id: 0, tC: -18.4 } },
    });
  });

  it.each([
    ['unix-s', undefined, '1653668027', String(INSTANT.nowMs / 1000)],
    ['unix-ms', undefined, 0, INSTANT.nowMs],
    ['iso', undefined, '2018-12-03T14:21:00Z', '2026-11-22T04:22:50.000Z'],
    ['iso', undefined, '2026-11-22T04:22:50', '2026-11-22T05:22:50'],
    ['pattern', 'yyyy/MM/dd HH:mm:ss', '2022/12/20 18:15:52', '2026/11/22 05:22:50'],
  ] as const)('writes its time as %s %s like %s', (format, pattern, sample, written) => {
    const time = { path: 't', format, ...(pattern && { pattern }) };
    const body = encodeMessage(kind({ sample: { t: sample }, time }), () => undefined, INSTANT);
    expect(JSON.parse(String(body))).toEqual({ t: written });
  });

  it('has one record where the maker sends a list of them', () => {
    const irisys = kind({
      sample: { CountLogs: [{ Counts: [{ Name: 'Line 1', Value: 121 }], LogEntryId: 353_493 }, {}] },
      records: 'CountLogs',
      dedupe: { paths: ['LogEntryId'], windowS: 600 },
      points: [point({ key: 'people_in', path: 'Counts[0].Value' })],
    });
    expect(JSON.parse(String(encodeMessage(irisys, values({ people_in: 3 }), INSTANT)))).toEqual({
      CountLogs: [{ Counts: [{ Name: 'Line 1', Value: 3 }], LogEntryId: 12 }],
    });
  });

  it('carries bytes in hex where a gateway passes them on', () => {
    const ruuvi = kind({
      sample: { gw_mac: 'C8:25', data: '' },
      decode: 'milesight-em300',
      data: { path: 'data', encoding: 'hex' },
      points: [point({ path: 'decoded.temperature' })],
    });
    const body = encodeMessage(ruuvi, values({ air_temperature: 30.8 }), INSTANT);
    expect(JSON.parse(String(body))).toEqual({ gw_mac: 'C8:25', data: '03673401' });
  });
});
