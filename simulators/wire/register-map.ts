import type { DeviceProfile, ProfilePoint } from '../../src/config/profile-schema.ts';

export type Table = 'holding' | 'input' | 'coil' | 'discrete';

/** Reads what the device would answer: 16 bits of a register, 0 or 1 of a bit, null outside its map. */
export type ReadRaw = (table: Table, address: number) => number | null;

type Value = number | boolean | null;

const bytesOf = (type: string) => (type === 'u32' || type === 's32' || type === 'f32' ? 4 : 2);

function rawOf(point: ProfilePoint, value: Value): number {
  if (typeof value === 'boolean') {
    const meansTrue = point.trueWhen?.[0] ?? 1;
    const meansFalse = point.trueWhen?.includes(0) ? Math.max(...point.trueWhen) + 1 : 0;
    return value ? meansTrue : meansFalse;
  }
  return value === null ? 0 : (value - point.offset) / point.scale;
}

/** Two's complement by hand: a device wraps where a library would refuse. */
function bytesFor(point: ProfilePoint, value: Value): Buffer {
  const bytes = Buffer.alloc(bytesOf(point.type!));
  const raw = rawOf(point, value);
  if (point.type === 'f32') bytes.writeFloatBE(raw);
  else if (bytes.length === 4) bytes.writeUInt32BE(Math.round(raw) >>> 0);
  else bytes.writeUInt16BE(Math.round(raw) & 0xffff);
  return bytes;
}

/** Where byte i of the big-endian value goes, for 32 bits in the order of the profile. */
function ordered(bytes: Buffer, order: string): Buffer {
  if (bytes.length === 2) return bytes;
  return Buffer.from([...order].map(letter => bytes[letter.charCodeAt(0) - 65]!));
}

/** The registers and bits of one device, filled from its true values at the moment of reading. */
export function createRegisterMap(profile: DeviceProfile, trueValue: (point: string) => Value): ReadRaw {
  const order = profile.modbus?.order ?? 'ABCD';
  const cells = new Map<string, { readonly point: ProfilePoint; readonly word: number }>();
  for (const point of profile.points) {
    if (point.table === undefined || point.addr === undefined || point.type === undefined) continue;
    const words = point.type === 'bit' ? 1 : bytesOf(point.type) / 2;
    for (let word = 0; word < words; word++)
      cells.set(`${point.table}:${point.addr + word}`, { point, word });
  }
  return (table, address) => {
    const cell = cells.get(`${table}:${address}`);
    if (!cell) return null;
    const value = trueValue(cell.point.key);
    if (cell.point.type === 'bit') return rawOf(cell.point, value) === 0 ? 0 : 1;
    return ordered(bytesFor(cell.point, value), order).readUInt16BE(cell.word * 2);
  };
}
