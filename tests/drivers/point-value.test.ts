import { describe, expect, test } from 'vitest';
import type { ProfilePoint } from '../../src/config/profile-schema.ts';
import { type RawValue, toValue } from '../../src/drivers/point-value.ts';

const point = (fields: Partial<ProfilePoint> & { key: string }): ProfilePoint => ({
  scale: 1,
  offset: 0,
  ...fields,
});
const celsius = (fields: Partial<ProfilePoint> = {}) => point({ key: 'air_temperature', ...fields });
const tenths = celsius({
  type: 's16',
  scale: 0.1,
  valid: { min: -50, max: 60 },
  sentinels: { '0x8000': 'no probe', '32767': 'open circuit' },
});

describe('a raw value becomes what the profile says it means', () => {
  test.each<[string, ProfilePoint, RawValue, number | boolean | string]>([
    ['a scaled register without binary noise', tenths, 37, 3.7],
    ['a negative one', tenths, -183, -18.3],
    ['zero, never minus zero', celsius({ scale: -0.1 }), 0, 0],
    ['an offset after the scale', celsius({ scale: 0.01, offset: -40 }), 4321, 3.21],
    ['a float with its own decimals', celsius({ scale: 0.1 }), 4.25, 0.425],
    ['a very small scale', celsius({ scale: 1e-7 }), 3, 3e-7],
    ['the lower end of the valid range', tenths, -500, -50],
    ['a truth', point({ key: 'door_open' }), true, true],
    ['any number but 0 as a truth', point({ key: 'door_open' }), 2, true],
    ['0 as an untruth', point({ key: 'door_open' }), 0, false],
    ['a state that means true', point({ key: 'defrosting', trueWhen: [14, 15] }), 14, true],
    ['a state that does not', point({ key: 'defrosting', trueWhen: [14, 15] }), 1, false],
    ['a count', point({ key: 'people_in_total' }), 65535, 65535],
    ['a text', point({ key: 'presence' }), 'online', 'online'],
  ])('%s', (_what, profile, raw, value) => {
    expect(toValue(profile, raw)).toEqual({ value, quality: { level: 'good' } });
  });
});

describe('what cannot be trusted has no value, and says why', () => {
  test.each<[string, ProfilePoint, RawValue, string]>([
    ['a sentinel printed as a bit pattern', tenths, -32768, 'sentinel'],
    ['a sentinel printed as a number', tenths, 32767, 'sentinel'],
    [
      'a 32-bit sentinel',
      celsius({ type: 's32', sentinels: { '0x80000000': 'none' } }),
      -(2 ** 31),
      'sentinel',
    ],
    ['above the valid range', tenths, 601, 'range'],
    ['below the valid range', tenths, -501, 'range'],
    ['a negative count', point({ key: 'people_in_total' }), -1, 'range'],
    ['half a person', point({ key: 'people_in_total' }), 1.5, 'range'],
    ['nothing', tenths, null, 'format'],
    ['not a number', tenths, Number.NaN, 'format'],
    ['text for a number', tenths, '3.7', 'format'],
    ['text for a truth', point({ key: 'door_open' }), 'yes', 'format'],
    ['a number for text', point({ key: 'presence' }), 1, 'format'],
    ['a point outside the vocabulary', point({ key: 'mood' }), 1, 'format'],
  ])('%s', (_what, profile, raw, reason) => {
    expect(toValue(profile, raw)).toEqual({ value: null, quality: { level: 'bad', reason } });
  });
});
