import type { ProfilePoint } from '../../src/config/profile-schema.ts';

export type RegisterType = NonNullable<ProfilePoint['type']>;

/** Registers that a value takes; a bit of a bit table takes one place there. */
export function widthOf({
  type,
  count,
}: {
  readonly type?: RegisterType | undefined;
  readonly count?: number | undefined;
}): number {
  switch (type) {
    case 'u24':
    case 'u32':
    case 's32':
    case 'f32':
    case 'bcd32':
      return 2;
    case 'u64':
    case 's64':
    case 'f64':
      return 4;
    case 'string':
      return count ?? 1;
    default:
      return 1;
  }
}

/**
 * Puts a value into the bytes of its registers, high byte and high word first. What the type leaves out of a
 * register (the other byte of u8h, the top byte of u24) stays as it is. Two's complement by hand: a device wraps
 * where a library would refuse.
 */
export function putValue(bytes: Buffer, type: RegisterType, value: number | string): void {
  if (type === 'string') return void bytes.fill(0).write(String(value), 'latin1');
  const number = Number(value);
  const whole = Math.round(number);
  switch (type) {
    case 'u8h':
      bytes[0] = whole & 0xff;
      return;
    case 'u8l':
      bytes[1] = whole & 0xff;
      return;
    case 'u24':
      bytes.writeUIntBE(whole & 0xff_ffff, 1, 3);
      return;
    case 'f32':
      bytes.writeFloatBE(number);
      return;
    case 'f64':
      bytes.writeDoubleBE(number);
      return;
    case 'u64':
    case 's64':
      bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(whole)));
      return;
    case 'bcd16':
    case 'bcd32':
      bytes.write(
        String(whole)
          .padStart(bytes.length * 2, '0')
          .slice(-bytes.length * 2),
        'hex',
      );
      return;
    default:
      putWhole(bytes, whole);
  }
}

function putWhole(bytes: Buffer, whole: number): void {
  if (bytes.length === 4) bytes.writeUInt32BE(whole >>> 0);
  else bytes.writeUInt16BE(whole & 0xffff);
}

/** Sets or clears one bit of the number that the registers hold, 0 the lowest. */
export function putBit(bytes: Buffer, bit: number, on: boolean): void {
  const at = bytes.length - 1 - (bit >> 3);
  const mask = 1 << (bit & 7);
  bytes[at] = on ? bytes[at]! | mask : bytes[at]! & ~mask;
}

/**
 * From the natural order of bytes to that of the wire, and back: CDAB turns the words round, BADC the bytes of
 * each word, DCBA both. The words of a text stay in their order.
 */
export function reordered(bytes: Buffer, order: string, type: RegisterType): Buffer {
  const words = Array.from({ length: bytes.length / 2 }, (_, i) => bytes.subarray(i * 2, i * 2 + 2));
  const turn = type !== 'string' && (order === 'CDAB' || order === 'DCBA');
  const swap = order === 'BADC' || order === 'DCBA';
  const turned = turn ? words.toReversed() : words;
  return Buffer.concat(turned.map(word => (swap ? Buffer.from([word[1]!, word[0]!]) : word)));
}
