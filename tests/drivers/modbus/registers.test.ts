import { expect, test } from 'vitest';
import { type ByteOrder, decodeRegisters, type RegisterType } from '../../../src/drivers/modbus/registers.ts';

test.each<[RegisterType, ByteOrder, readonly number[], number]>([
  ['bit', 'ABCD', [1], 1],
  ['u16', 'ABCD', [0xfff5], 65_525],
  ['s16', 'ABCD', [0xfff5], -11],
  ['s16', 'CDAB', [0xfff5], -11],
  ['s16', 'BADC', [0xf5ff], -11],
  ['s16', 'DCBA', [0xf5ff], -11],
  ['u32', 'ABCD', [0x1234, 0x5678], 0x12345678],
  ['u32', 'CDAB', [0x5678, 0x1234], 0x12345678],
  ['u32', 'BADC', [0x3412, 0x7856], 0x12345678],
  ['u32', 'DCBA', [0x7856, 0x3412], 0x12345678],
  ['s32', 'ABCD', [0xffff, 0xfffe], -2],
  ['f32', 'ABCD', [0x4086, 0x6666], 4.2],
  ['f32', 'CDAB', [0x6666, 0x4086], 4.2],
])('%s in order %s', (type, order, words, value) => {
  expect(decodeRegisters([0xdead, ...words], 1, type, order)).toBe(value);
});

test('a float that is no number stays none', () => {
  expect(decodeRegisters([0x7fc0, 0], 0, 'f32', 'ABCD')).toBeNaN();
});
