import { describe, expect, it } from 'vitest';
import type { TrueValue } from '../../../simulators/wire/raw-value.ts';
import { createRegisterMap } from '../../../simulators/wire/register-map.ts';
import type { DeviceProfile, ProfilePoint } from '../../../src/config/profile-schema.ts';
import { modbusProfile } from '../support/modbus-profile.ts';

const point = (more: Partial<ProfilePoint>): ProfilePoint => ({
  key: 'air_temperature',
  table: 'holding',
  addr: 10,
  scale: 1,
  offset: 0,
  ...more,
});

type Values = Readonly<Record<string, TrueValue>>;

function mapOf(points: ProfilePoint[], values: Values, more: Parameters<typeof modbusProfile>[1] = {}) {
  const profile = modbusProfile(points, more);
  return createRegisterMap(profile, { background: {}, values: key => values[key] });
}

const wordsFrom = (map: ReturnType<typeof mapOf>, count: number, addr = 10) =>
  Array.from({ length: count }, (_, i) => map.read('holding', addr + i));

describe('the registers of a simulated device', () => {
  it.each<[string, Partial<ProfilePoint>, TrueValue, number[]]>([
    ['a temperature below zero in tenths', { type: 's16', scale: 0.1 }, -21.4, [0xff2a]],
    ['an offset', { type: 'u16', offset: -50 }, 20, [70]],
    ['true', { type: 'u16' }, true, [1]],
    ['a state that means true by its number', { type: 'u16', trueWhen: [14] }, true, [14]],
    ['a state where 0 means true', { type: 'u16', trueWhen: [0] }, false, [1]],
    ['the number of a word', { type: 'u16', enum: { 0: 'normal', 14: 'defrost' } }, 'defrost', [14]],
    ['a negative 32-bit number', { type: 's32' }, -2, [0xffff, 0xfffe]],
    ['a float', { type: 'f32' }, 1.5, [0x3fc0, 0x0000]],
    ['a double', { type: 'f64' }, 1.5, [0x3ff8, 0, 0, 0]],
    ['64 bits', { type: 'u64' }, 0x1_0000_0002, [0, 1, 0, 2]],
    ['a negative number of 64 bits', { type: 's64' }, -1, [0xffff, 0xffff, 0xffff, 0xffff]],
    ['24 bits', { type: 'u24' }, 0x01_0203, [0x0001, 0x0203]],
    ['a high byte', { type: 'u8h' }, 0x12, [0x1200]],
    ['a low byte', { type: 'u8l' }, 0x12, [0x0012]],
    ['decimal digits', { type: 'bcd16' }, 1234, [0x1234]],
    ['eight decimal digits', { type: 'bcd32' }, 20_261_122, [0x2026, 0x1122]],
    ['text', { type: 'string', count: 3 }, 'TLB4', [0x544c, 0x4234, 0]],
    ['the maker’s word for a broken probe', { type: 's16', sentinels: { '0x8000': 'open' } }, null, [0x8000]],
    ['a broken probe far out of range', { type: 's16', valid: { min: -60, max: 60 } }, null, [180]],
  ])('hold %s', (_what, more, value, words) => {
    const map = mapOf([point(more)], { air_temperature: value });
    expect(wordsFrom(map, words.length)).toEqual(words);
    expect(map.read('holding', 10 + words.length)).toBeNull();
    expect(map.read('input', 10)).toBeNull();
  });

  it.each([
    ['ABCD', [0x0a0b, 0x0c0d]],
    ['CDAB', [0x0c0d, 0x0a0b]],
    ['BADC', [0x0b0a, 0x0d0c]],
    ['DCBA', [0x0d0c, 0x0b0a]],
  ] as const)('put 32 bits in the order %s', (order, words) => {
    const map = mapOf([point({ type: 'u32' })], { air_temperature: 0x0a0b0c0d }, { modbus: { order } });
    expect(wordsFrom(map, 2)).toEqual(words);
  });

  it('carry the sign of a magnitude in another register', () => {
    const weight = point({ key: 'net_weight', type: 'u32', sign: { point: 'status', bit: 8 } });
    const status = point({ key: 'status', addr: 9, type: 'u16', helper: true });
    expect(wordsFrom(mapOf([status, weight], { net_weight: -3 }), 3, 9)).toEqual([0x0100, 0, 3]);
    expect(wordsFrom(mapOf([status, weight], { net_weight: 3 }), 3, 9)).toEqual([0, 0, 3]);
  });

  it('share one register between the bits of several points', () => {
    const bits = (['weight_stable', 'overload', 'underload'] as const).map((key, bit) =>
      point({ key, type: 'u16', bit: bit * 4 }),
    );
    const map = mapOf(bits, { weight_stable: true, overload: false, underload: true });
    expect(map.read('holding', 10)).toBe(0x0101);
  });

  it('show the decimals that another register announces', () => {
    const decimals = point({ key: 'decimals', addr: 20, type: 's16', helper: true });
    const weight = point({ key: 'net_weight', type: 's16', scaleFrom: { point: 'decimals' } });
    const profile = modbusProfile([decimals, weight]);
    const map = createRegisterMap(profile, {
      background: { 'holding:20': 0xffff },
      values: key => (key === 'net_weight' ? 12.5 : undefined),
    });
    expect(map.read('holding', 10)).toBe(125);
  });

  it('put a state on the wire from which the derived points come out true', () => {
    const state = point({ key: 'control_state', type: 'u16', helper: true });
    const derive: DeviceProfile['derive'] = {
      defrosting: { in: { point: 'control_state', values: [14, 15] } },
      door_open: { eq: { point: 'control_state', value: 17 } },
      cooling: { bit: { point: 'outputs', bit: 3 } },
    };
    const outputs = point({ key: 'outputs', addr: 30, type: 'u16', helper: true });
    const at = (values: Values) => mapOf([state, outputs], values, { derive });
    expect(at({ defrosting: true, door_open: false }).read('holding', 10)).toBe(14);
    expect(at({ defrosting: false, door_open: true }).read('holding', 10)).toBe(17);
    expect(at({ defrosting: false, door_open: false }).read('holding', 10)).toBe(0);
    expect(at({ cooling: true }).read('holding', 30)).toBe(8);
  });

  it('exist where the profile maps or bears a hole, and nowhere else', () => {
    const points = [10, 12, 20].map(addr => point({ addr, type: 'u16' }));
    const map = mapOf(points, {}, { modbus: { maxHole: 1 } });
    const there = Array.from({ length: 30 }, (_, addr) => addr).filter(
      addr => map.read('holding', addr) !== null,
    );
    expect(there).toEqual([10, 11, 12, 20]);
  });

  it('take only what the profile may write, and show it afterwards', () => {
    const map = mapOf([point({ type: 's16' })], { air_temperature: 3 }, { writes: [{ fc: 6, addr: 10 }] });
    expect(map.write('holding', 11, 5)).toBe(false);
    expect(map.write('holding', 10, 0xffec)).toBe(true);
    expect(map.read('holding', 10)).toBe(0xffec);
  });
});
