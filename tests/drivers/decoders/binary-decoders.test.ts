import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { DECODERS, type DecoderName } from '../../../src/drivers/decoders/decoders.ts';
import { bytesOfBase64, bytesOfHex } from '../../../src/drivers/decoders/text-bytes.ts';

function decode(name: DecoderName, hex: string, port: number | null = null) {
  const bytes = bytesOfHex(hex);
  if (!bytes.ok) throw new Error(`the test's own hex is wrong: ${hex}`);
  const result = DECODERS[name](bytes.value, port);
  return result.ok ? result.value : result.rejection.reason;
}

/** The fields of the only record. */
const fields = (name: DecoderName, hex: string) => {
  const records = decode(name, hex);
  if (typeof records === 'string' || records.length !== 1) throw new Error('expected one record');
  return records[0].fields;
};

// docs.ruuvi.com, data format 5, "Test vectors".
describe("Ruuvi's published vectors for data format 5", () => {
  test.each<[string, string, object]>([
    [
      'valid data',
      '0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F',
      {
        temperature: 24.3,
        humidity: 53.49,
        pressure: 100_044,
        battery_voltage: 2.977,
        tx_power: 4,
        movement: 66,
        sequence: 205,
      },
    ],
    [
      'maximum values',
      '057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F',
      {
        temperature: 163.835,
        humidity: 163.835,
        pressure: 115_534,
        battery_voltage: 3.646,
        tx_power: 20,
        movement: 254,
        sequence: 65_534,
      },
    ],
    [
      'minimum values',
      '058001000000008001800180010000000000CBB8334C884F',
      {
        temperature: -163.835,
        humidity: 0,
        pressure: 50_000,
        battery_voltage: 1.6,
        tx_power: -40,
        movement: 0,
        sequence: 0,
      },
    ],
    [
      'invalid values',
      '058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF',
      {
        temperature: null,
        humidity: null,
        pressure: null,
        battery_voltage: null,
        tx_power: null,
        movement: null,
        sequence: null,
      },
    ],
  ])('%s', (_name, hex, expected) => {
    expect(fields('ruuvi-rawv2', hex)).toEqual(expected);
  });

  test('the advertisement that a gateway passes on is searched for it', () => {
    const advert = '0201061BFF99040515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6';
    expect(fields('ruuvi-rawv2', advert)).toMatchObject({ temperature: 27.75, sequence: 27_007 });
  });

  test.each([
    ['another maker’s advertisement', '0201061BFF4C000512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F'],
    ['another format', '0312FC5394C37C0004FFFC040CAC364200CDCBB8334C884F'],
    ['a measurement that is cut off', '0512FC5394C37C0004'],
    ['a structure that is longer than the advertisement', '1BFF99040512FC'],
    ['a structure without length', '0000000000'],
  ])('%s is none', (_what, hex) => {
    expect(decode('ruuvi-rawv2', hex)).toBe('shape');
  });
});

// Milesight-IoT/SensorDecoders, the examples beside each decoder.
describe("Milesight's published examples", () => {
  test('EM300-TH: battery, temperature, humidity', () => {
    expect(fields('milesight-em300', '01755C 03673401 046865')).toEqual({
      battery: 92,
      temperature: 30.8,
      humidity: 50.5,
    });
  });

  test('EM300-TH: a temperature below zero', () => {
    expect(fields('milesight-em300', '0367 4CFF')).toEqual({ temperature: -18 });
  });

  test('EM300-TH: a stored record is history with its own time, beside no live value', () => {
    expect(decode('milesight-em300', '20CE9E74466310015D00')).toEqual([
      { fields: {}, timeMs: null, historical: false },
      { fields: { temperature: 27.2, humidity: 46.5 }, timeMs: 1_665_561_758_000, historical: true },
    ]);
  });

  test('VS133: the totals of four lines', () => {
    const hex =
      '03D248000000 04D2C8000000 06D200000000 07D200000000 09D200000000 0AD200000000 0CD2B4140000 0DD28D1A0000';
    expect(fields('milesight-vs133', hex)).toEqual({
      line_1_total_in: 72,
      line_1_total_out: 200,
      line_2_total_in: 0,
      line_2_total_out: 0,
      line_3_total_in: 0,
      line_3_total_out: 0,
      line_4_total_in: 5300,
      line_4_total_out: 6797,
    });
  });

  test('VS133: regions and dwell times are passed over', () => {
    const hex = '0FE302100709 10E40109101121 03D248000000';
    expect(fields('milesight-vs133', hex)).toEqual({ line_1_total_in: 72 });
  });

  test('VS121: what it tells of itself and of its regions is passed over, up to the totals', () => {
    const hex = 'FF0101 FF086600B0940976 FF090100 FF1F1F07004B 04C9030800A1 06CD05 0DCCFFFF1000';
    expect(fields('milesight-vs121', hex)).toEqual({
      people_count_all: 3,
      people_total_in: 65_535,
      people_total_out: 16,
    });
  });

  test('an unknown channel ends the reading, and what stood before it counts', () => {
    expect(fields('milesight-em300', '01755C 77AA0102 03673401')).toEqual({ battery: 92 });
  });

  test('a value that is cut off is not completed', () => {
    expect(fields('milesight-em300', '01755C 036734')).toEqual({ battery: 92 });
    expect(fields('milesight-em300', '01755C 20CE9E7446')).toEqual({ battery: 92 });
  });

  test('bytes of another model are refused', () => {
    expect(decode('milesight-em300', '7F7F7F')).toBe('shape');
  });
});

// dragino-end-node-decoder, LHT65N 1.5.6.
describe('Dragino LHT65N', () => {
  test('the built-in sensor and a probe in the freezer', () => {
    expect(fields('dragino-lht65', 'CBF6 0B0D 0376 01 F8DA 7FFF')).toEqual({
      temperature: 28.29,
      humidity: 88.6,
      battery_voltage: 3.062,
      battery_state: 3,
      probe_temperature: -18.3,
    });
  });

  test('a probe that is not connected has no temperature', () => {
    const disconnected = decode('dragino-lht65', 'CBF6 0B0D 0376 01 7FFF 7FFF');
    expect(disconnected).toMatchObject([{ fields: { probe_temperature: null, temperature: 28.29 } }]);
  });

  test('a measurement with its time', () => {
    expect(decode('dragino-lht65', 'F8DA 0B0D C376 09 69A4F300')).toEqual([
      {
        fields: { temperature: 28.29, humidity: 88.6, probe_temperature: -18.3, battery_state: 3 },
        timeMs: 0x69a4f300 * 1000,
        historical: false,
      },
    ]);
  });

  test('the rows of a data log are history, the newest first', () => {
    const log = 'F8DA 0B0D 0376 41 69A4F300  F8D0 0B0D 0376 41 69A4F400';
    expect(decode('dragino-lht65', log)).toMatchObject([
      { fields: { probe_temperature: -18.4 }, timeMs: 0x69a4f400 * 1000, historical: true },
      { fields: { probe_temperature: -18.3 }, timeMs: 0x69a4f300 * 1000, historical: true },
    ]);
  });

  test.each([
    ['the port of its settings', 'CBF60B0D0376010ADD7FFF', 5, 'shape'],
    ['too few bytes', 'CBF60B0D', 2, 'syntax'],
    ['a row too long', 'CBF60B0D0376010ADD7FFF00', 2, 'syntax'],
    ['a message that tells only the probe’s number', 'CBF60B0D03760F0ADD7FFF', 2, 'shape'],
  ])('%s is refused', (_what, hex, port, reason) => {
    expect(decode('dragino-lht65', hex, port)).toBe(reason);
  });
});

describe('any bytes', () => {
  const names = Object.keys(DECODERS) as DecoderName[];

  property.prop([fc.uint8Array({ maxLength: 300 }), fc.option(fc.integer({ min: 0, max: 255 }))], {
    seed: 11,
    numRuns: 5_000,
  })(
    'are answered with finite numbers in the range of their bytes, or refused, and never thrown at',
    (bytes, port) => {
      for (const name of names) {
        const result = DECODERS[name](bytes, port);
        if (!result.ok) continue;
        for (const record of result.value) {
          for (const value of Object.values(record.fields)) {
            if (typeof value === 'number') expect(Math.abs(value)).toBeLessThanOrEqual(0xffff_ffff);
          }
        }
      }
    },
  );

  property.prop([fc.uint8Array({ minLength: 1, maxLength: 60 })], { seed: 12, numRuns: 1_000 })(
    'come back from hexadecimal and base64 text as they were',
    bytes => {
      const text = Buffer.from(bytes);
      expect(bytesOfHex(text.toString('hex'))).toEqual({ ok: true, value: bytes });
      expect(bytesOfBase64(text.toString('base64'))).toEqual({ ok: true, value: bytes });
      expect(bytesOfBase64(text.toString('base64url'))).toEqual({ ok: true, value: bytes });
    },
  );

  test.each(['', '0', 'xyz', '0x', '12 3'])('%j is no hexadecimal text', text => {
    expect(bytesOfHex(text).ok).toBe(false);
  });

  test.each(['', '=', 'a', 'ab%c'])('%j is no base64', text => {
    expect(bytesOfBase64(text).ok).toBe(false);
  });
});
