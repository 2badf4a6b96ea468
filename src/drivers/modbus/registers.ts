import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';

export type RegisterType = NonNullable<ProfilePoint['type']>;
export type ByteOrder = NonNullable<DeviceProfile['modbus']>['order'];

/** Registers (or bits) that a value of this type takes. */
export const widthOf = (type: RegisterType): number =>
  type === 'u32' || type === 's32' || type === 'f32' ? 2 : 1;

/**
 * The number in `values` from `index` on. ABCD is the order of the specification (high byte and high
 * word first); CDAB swaps the words, BADC the bytes of each word, DCBA both.
 * A 32-bit float is rounded to the 7 digits that it carries.
 */
export function decodeRegisters(
  values: readonly number[],
  index: number,
  type: RegisterType,
  order: ByteOrder,
): number {
  const width = widthOf(type);
  const view = new DataView(new ArrayBuffer(4));
  const swapWords = order === 'CDAB' || order === 'DCBA';
  const swapBytes = order === 'BADC' || order === 'DCBA';
  for (let word = 0; word < width; word++) {
    const source = values[index + (swapWords ? width - 1 - word : word)] ?? 0;
    view.setUint16(word * 2, source, swapBytes && type !== 'bit');
  }
  switch (type) {
    case 'bit':
    case 'u16':
      return view.getUint16(0);
    case 's16':
      return view.getInt16(0);
    case 'u32':
      return view.getUint32(0);
    case 's32':
      return view.getInt32(0);
    case 'f32':
      return Number(view.getFloat32(0).toPrecision(7));
  }
}
