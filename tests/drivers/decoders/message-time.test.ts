import { describe, expect, test } from 'vitest';
import { compileTime, type TimeForm } from '../../../src/drivers/decoders/message-time.ts';
import { offsetOf } from '../../../src/drivers/decoders/zoned-time.ts';

const utc = (text: string) => Date.parse(`${text}Z`);

function read(form: Omit<TimeForm, 'path'>, value: unknown, more: object = {}, storeZone = 'Europe/Berlin') {
  const message = { ts: value, ...more };
  return compileTime({ path: 'ts', ...form }, storeZone)(message, message);
}

describe('the time of a message', () => {
  test.each<[string, Omit<TimeForm, 'path'>, unknown, number | null]>([
    ['Unix seconds', { format: 'unix-s' }, 1_680_962_879.62, 1_680_962_879_620],
    [
      'Unix seconds in quotes, as the Ruuvi Gateway writes them',
      { format: 'unix-s' },
      '1653668027',
      1_653_668_027_000,
    ],
    ['Unix milliseconds', { format: 'unix-ms' }, 1_680_962_879_620, 1_680_962_879_620],
    ['no number', { format: 'unix-s' }, 'now', null],
    ['null, before the device had the time', { format: 'unix-s' }, null, null],
    ['ISO 8601 with its offset', { format: 'iso' }, '2024-05-01T10:00:00+02:00', utc('2024-05-01T08:00:00')],
    ['ISO 8601 in UTC', { format: 'iso' }, '2018-12-03T14:21:00Z', utc('2018-12-03T14:21:00')],
    [
      'ISO 8601 without offset, in the zone of the store',
      { format: 'iso' },
      '2026-07-01T12:00:00',
      utc('2026-07-01T10:00:00'),
    ],
    ['the same in winter', { format: 'iso' }, '2026-01-01T12:00:00', utc('2026-01-01T11:00:00')],
    [
      'in a zone of its own',
      { format: 'iso', zone: 'Asia/Shanghai' },
      '2026-01-01T12:00:00',
      utc('2026-01-01T04:00:00'),
    ],
    ['a day that does not exist', { format: 'iso' }, '2026-02-31T12:00:00', null],
    ['an hour that does not exist', { format: 'iso' }, '2026-02-03T25:00:00', null],
    [
      'a pattern',
      { format: 'pattern', pattern: 'yyyy/MM/dd HH:mm:ss', zone: 'UTC' },
      '2022/12/20 18:15:52',
      utc('2022-12-20T18:15:52'),
    ],
    [
      'a pattern without separators',
      { format: 'pattern', pattern: 'yyyyMMddHHmmss', zone: 'UTC' },
      '20170503112756',
      utc('2017-05-03T11:27:56'),
    ],
    [
      'what the pattern does not fit',
      { format: 'pattern', pattern: 'yyyy/MM/dd HH:mm:ss' },
      '2022-12-20 18:15:52',
      null,
    ],
  ])('as %s', (_what, form, value, ms) => {
    expect(read(form, value)).toBe(ms);
  });

  test('with the offset in another field, as Milesight writes it', () => {
    const form = { format: 'pattern', pattern: 'yyyy/MM/dd HH:mm:ss', zonePath: 'zone' } as const;
    expect(read(form, '2022/12/20 18:15:52', { zone: 'UTC+8:00' })).toBe(utc('2022-12-20T10:15:52'));
    expect(read(form, '2022/12/20 18:15:52', { zone: 'somewhere' })).toBeNull();
    expect(read(form, '2022/12/20 18:15:52')).toBeNull();
  });

  test('around the change to summer time is never more than that hour off', () => {
    const form = { format: 'iso' } as const;
    expect(read(form, '2026-03-29T01:59:00')).toBe(utc('2026-03-29T00:59:00'));
    expect(read(form, '2026-03-29T03:00:00')).toBe(utc('2026-03-29T01:00:00'));
    expect([utc('2026-10-25T00:30:00'), utc('2026-10-25T01:30:00')]).toContain(
      read(form, '2026-10-25T02:30:00'),
    );
  });

  test.each<[string, number | null]>([
    ['UTC+8:00', 8],
    ['UTC-0:00 WET/GMT', -0],
    ['+05:30', 5.5],
    ['-0330', -3.5],
    ['UTC', 0],
    ['Z', 0],
    ['Berlin', null],
    ['+99:00', null],
  ])('%s is an offset of %s hours', (text, hours) => {
    expect(offsetOf(text)).toBe(hours === null ? null : hours * 3_600_000);
  });
});
