import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';
import { registerWidth } from '../../shared/register-width.ts';

export type RegisterType = NonNullable<ProfilePoint['type']>;
export type ByteOrder = NonNullable<DeviceProfile['modbus']>['order'];

/**
 * The value in `values` from `index` on. ABCD is the order of the specification (high byte and high
 * word first); CDAB turns the order of the words round, BADC the bytes of each word, DCBA both.
 * A 32-bit float is rounded to the 7 digits that it carries. `count` is the length of a string in registers.
 * Null for what is no such value: digits beyond 9 in a BCD number, bytes that are no text, and
 * 64-bit integers beyond 2^53, which a number could not hold exactly.
 */
export function decodeRegisters(
  values: readonly number[],
  index: number,
  type: RegisterType,
  order: ByteOrder,
  count = 1,
): number | string | null {
  if (type === 'bit') return values[index] ?? 0;
  const view = bytesOf(values.slice(index, index + registerWidth(type, count)), type, order);
  switch (type) {
    case 'u16':
      return view.getUint16(0);
    case 's16':
      return view.getInt16(0);
    case 'u8h':
      return view.getUint8(0);
    case 'u8l':
      return view.getUint8(1);
    case 'u24':
      return view.getUint32(0) & 0xff_ffff;
    case 'u32':
      return view.getUint32(0);
    case 's32':
      return view.getInt32(0);
    case 'u64':
      return exactNumber(view.getBigUint64(0));
    case 's64':
      return exactNumber(view.getBigInt64(0));
    case 'f32':
      return Number(view.getFloat32(0).toPrecision(7));
    case 'f64':
      return view.getFloat64(0);
    case 'bcd16':
    case 'bcd32':
      return decimalDigits(view);
    case 'string':
      return text(view);
  }
}

function bytesOf(words: readonly number[], type: RegisterType, order: ByteOrder): DataView {
  const swapWords = type !== 'string' && (order === 'CDAB' || order === 'DCBA');
  const swapBytes = order === 'BADC' || order === 'DCBA';
  const inOrder = swapWords ? words.toReversed() : words;
  const view = new DataView(new ArrayBuffer(words.length * 2));
  for (const [word, value] of inOrder.entries()) view.setUint16(word * 2, value, swapBytes);
  return view;
}

function exactNumber(value: bigint): number | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

function decimalDigits(view: DataView): number | null {
  let value = 0;
  for (let index = 0; index < view.byteLength; index++) {
    const byte = view.getUint8(index);
    if (byte >> 4 > 9 || (byte & 15) > 9) return null;
    value = value * 100 + (byte >> 4) * 10 + (byte & 15);
  }
  return value;
}

/** Printable ASCII without the blanks and zeros that fill it up. */
function text(view: DataView): string | null {
  const characters = Array.from({ length: view.byteLength }, (_, index) =>
    String.fromCharCode(view.getUint8(index)),
  );
  const trimmed = characters.join('').replace(/[\0 ]+$/, '');
  return /^[ -~]*$/.test(trimmed) ? trimmed : null;
}
