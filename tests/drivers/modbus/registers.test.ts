import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type ByteOrder, decodeRegisters, type RegisterType } from '../../../src/drivers/modbus/registers.ts';

const ORDERS: readonly ByteOrder[] = ['ABCD', 'CDAB', 'BADC', 'DCBA'];
const runs = { numRuns: 200, seed: 20_261_122 };

/** An encoder of its own: big-endian bytes, put on the wire as the letters of the order say. */
function words(bytes: Uint8Array, order: ByteOrder): number[] {
  const pairs = Array.from({ length: bytes.length / 2 }, (_, word) => [
    bytes[word * 2]!,
    bytes[word * 2 + 1]!,
  ]);
  const swapped = order === 'BADC' || order === 'DCBA' ? pairs.map(([a, b]) => [b!, a!]) : pairs;
  const ordered = order === 'CDAB' || order === 'DCBA' ? swapped.toReversed() : swapped;
  return ordered.map(([high, low]) => high! * 256 + low!);
}

const bytes = (length: number, write: (view: DataView) => void) => {
  const array = new Uint8Array(length);
  write(new DataView(array.buffer));
  return array;
};

const NUMBERS: readonly [RegisterType, fc.Arbitrary<number>, (value: number) => Uint8Array][] = [
  ['u16', fc.integer({ min: 0, max: 0xffff }), value => bytes(2, view => view.setUint16(0, value))],
  ['s16', fc.integer({ min: -0x8000, max: 0x7fff }), value => bytes(2, view => view.setInt16(0, value))],
  ['u24', fc.integer({ min: 0, max: 0xff_ffff }), value => bytes(4, view => view.setUint32(0, value))],
  ['u32', fc.integer({ min: 0, max: 0xffff_ffff }), value => bytes(4, view => view.setUint32(0, value))],
  [
    's32',
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    value => bytes(4, view => view.setInt32(0, value)),
  ],
  ['u64', fc.maxSafeNat(), value => bytes(8, view => view.setBigUint64(0, BigInt(value)))],
  ['s64', fc.maxSafeInteger(), value => bytes(8, view => view.setBigInt64(0, BigInt(value)))],
  ['f64', fc.double({ noNaN: true }), value => bytes(8, view => view.setFloat64(0, value))],
];

describe('every number type, in every order of words and bytes, is read as it was written', () => {
  for (const [type, values, encode] of NUMBERS) {
    property.prop([values, fc.constantFrom(...ORDERS), fc.integer({ min: 0, max: 3 })], runs)(
      type,
      (value, order, index) => {
        const wire = [...new Array<number>(index).fill(0xdead), ...words(encode(value), order)];
        expect(decodeRegisters(wire, index, type, order)).toBe(value);
      },
    );
  }

  property.prop([fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...ORDERS)], runs)(
    'f32, to the seven digits that it carries',
    (value, order) => {
      const wire = words(
        bytes(4, view => view.setFloat32(0, value)),
        order,
      );
      expect(decodeRegisters(wire, 0, 'f32', order)).toBe(Number(value.toPrecision(7)));
    },
  );

  property.prop([fc.integer({ min: 0, max: 99_999_999 }), fc.constantFrom(...ORDERS)], runs)(
    'bcd32',
    (value, order) => {
      const digits = String(value).padStart(8, '0').match(/../g)!;
      const wire = words(
        Uint8Array.from(digits, pair => Number.parseInt(pair, 16)),
        order,
      );
      expect(decodeRegisters(wire, 0, 'bcd32', order)).toBe(value);
    },
  );
});

describe('the four bytes of 0x01020304', () => {
  test.each<[ByteOrder, number]>([
    ['ABCD', 0x01020304],
    ['CDAB', 0x03040102],
    ['BADC', 0x02010403],
    ['DCBA', 0x04030201],
  ])('in the order %s', (order, expected) => {
    expect(decodeRegisters([0x0102, 0x0304], 0, 'u32', order)).toBe(expected);
  });
});

describe('one register holds less than a number, or more', () => {
  test.each<[string, RegisterType, readonly number[], unknown]>([
    ['its high byte', 'u8h', [0x12ab], 0x12],
    ['its low byte', 'u8l', [0x12ab], 0xab],
    ['decimal digits', 'bcd16', [0x1234], 1234],
    ['a digit beyond 9', 'bcd16', [0x12a4], null],
    ['a 64-bit number that no number can hold', 'u64', [0xffff, 0, 0, 1], null],
    ['a bit', 'bit', [1], 1],
  ])('%s', (_what, type, wire, expected) => {
    expect(decodeRegisters(wire, 0, type, 'ABCD')).toBe(expected);
  });

  test.each<[string, readonly number[], ByteOrder, string | null]>([
    ['filled up with zeros', [0x5457, 0x3100, 0], 'ABCD', 'TW1'],
    ['with the bytes of each register turned round', [0x5754, 0x0031, 0], 'BADC', 'TW1'],
    ['whose words keep their order', [0x5457, 0x3100, 0], 'CDAB', 'TW1'],
    ['that is no text', [0x5407], 'ABCD', null],
  ])('a text %s', (_what, wire, order, expected) => {
    expect(decodeRegisters(wire, 0, 'string', order, wire.length)).toBe(expected);
  });
});
