import { describe, expect, test } from 'vitest';
import type { DerivedPoint, ProfilePoint } from '../../src/config/profile-schema.ts';
import { createPointSet, publishedKeys, type RawRead } from '../../src/drivers/point-set.ts';
import { bad } from '../../src/readings/quality.ts';

const point = (key: string, fields: Partial<ProfilePoint> = {}): ProfilePoint => ({
  key,
  scale: 1,
  offset: 0,
  ...fields,
});
const helper = (key: string, fields: Partial<ProfilePoint> = {}) => point(key, { helper: true, ...fields });

function resolve(
  points: readonly ProfilePoint[],
  read: Readonly<Record<string, RawRead>>,
  derive: Readonly<Record<string, DerivedPoint>> = {},
) {
  const resolved = createPointSet({ points: [...points], derive })(new Map(Object.entries(read)));
  return Object.fromEntries(
    resolved.map(({ point: key, value, quality }) => [
      key,
      quality.level === 'good' ? value : `bad: ${quality.reason}`,
    ]),
  );
}

describe('a weight transmitter whose sign and decimals stand in other registers', () => {
  const transmitter = [
    helper('status', { type: 'u16' }),
    helper('divisions', { type: 'u16' }),
    point('gross_weight', {
      type: 'u32',
      scale: 1000,
      sign: { point: 'status', bit: 7 },
      scaleFrom: { point: 'divisions', table: { 0: 1, 3: 0.001 } },
    }),
    point('weight_stable', { type: 'u16', bit: 11 }),
  ];

  test.each<[string, Readonly<Record<string, RawRead>>, unknown]>([
    ['positive', { status: 0, divisions: 3, gross_weight: 3055 }, 3055],
    ['negative by its bit', { status: 0x80, divisions: 3, gross_weight: 3055 }, -3055],
    ['zero is never minus zero', { status: 0x80, divisions: 3, gross_weight: 0 }, 0],
    ['other decimals', { status: 0, divisions: 0, gross_weight: 12 }, 12_000],
    ['decimals that the maker does not list', { status: 0, divisions: 9, gross_weight: 12 }, 'bad: format'],
    ['a sign that was not read', { divisions: 3, gross_weight: 12 }, 'bad: format'],
    ['decimals that were not read', { status: 0, gross_weight: 12 }, 'bad: format'],
  ])('%s', (_what, read, expected) => {
    expect(resolve(transmitter, read).gross_weight).toBe(expected);
  });

  test('helpers serve the others and are not published', () => {
    const read = { status: 0x800, divisions: 3, gross_weight: 1, weight_stable: 0x800 };
    expect(resolve(transmitter, read)).toEqual({ gross_weight: 1, weight_stable: true });
    expect(publishedKeys({ points: transmitter })).toEqual(['gross_weight', 'weight_stable']);
  });
});

describe('a factor as a power of ten in another register', () => {
  const meter = [helper('exponent'), point('active_power', { scaleFrom: { point: 'exponent' } })];
  test.each<[number, number, unknown]>([
    [123, -1, 12.3],
    [123, 0, 123],
    [123, 2, 12_300],
    [123, 99, 'bad: format'],
  ])('%i with exponent %i', (raw, exponent, expected) => {
    expect(resolve(meter, { exponent, active_power: raw }).active_power).toBe(expected);
  });
});

describe('a state register becomes words and truths', () => {
  const controller = [
    point('control_state', { type: 'u16', enum: { 0: 'normal', '0x0E': 'defrost', 17: 'door open' } }),
    point('air_temperature', { scale: 0.1 }),
    helper('reference', { scale: 0.1 }),
  ];
  const derive: Record<string, DerivedPoint> = {
    defrosting: { in: { point: 'control_state', values: [1, 4, 14, 15] } },
    door_open: { eq: { point: 'control_state', value: 17 } },
    cooling: { bit: { point: 'control_state', bit: 3 } },
    fan: { not: 'door_open' },
    standby: { and: ['fan', 'defrosting'] },
    light: { or: ['door_open', 'defrosting'] },
    superheat: { diff: { from: 'air_temperature', minus: 'reference' } },
  };

  test('in its own words, and compared as the number on the wire', () => {
    expect(resolve(controller, { control_state: 14, air_temperature: 83, reference: 21 }, derive)).toEqual({
      control_state: 'defrost',
      air_temperature: 8.3,
      defrosting: true,
      door_open: false,
      cooling: true,
      fan: true,
      standby: true,
      light: true,
      superheat: 6.2,
    });
  });

  test('a state that the maker does not list keeps its number', () => {
    expect(resolve(controller, { control_state: 48 }).control_state).toBe('unknown (48)');
  });

  test('a refused register makes what hangs on it as bad as itself', () => {
    const read = { control_state: { quality: bad('device') }, air_temperature: 1 };
    expect(resolve(controller, read, derive)).toEqual({
      control_state: 'bad: device',
      air_temperature: 0.1,
      defrosting: 'bad: device',
      door_open: 'bad: device',
      cooling: 'bad: device',
      fan: 'bad: device',
      standby: 'bad: device',
      light: 'bad: device',
      superheat: 'bad: format',
    });
  });

  test('what was not read at all is left out', () => {
    expect(resolve(controller, { air_temperature: 25 }, { door_open: derive.door_open! })).toEqual({
      air_temperature: 2.5,
    });
  });
});
