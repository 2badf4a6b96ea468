/** Modbus registers of 16 bits (or single bits of a coil) that a value of each type takes. */
const WIDTHS = {
  ...{ bit: 1, u16: 1, s16: 1, u8h: 1, u8l: 1, bcd16: 1 },
  ...{ u24: 2, u32: 2, s32: 2, f32: 2, bcd32: 2, u64: 4, s64: 4, f64: 4 },
} as const;

export type RegisterTypeName = keyof typeof WIDTHS | 'string';

/** `count` is the length of a string in registers; other types have their own. */
export const registerWidth = (type: RegisterTypeName, count = 1): number =>
  type === 'string' ? count : WIDTHS[type];
