import { registerWidth } from '../shared/register-width.ts';
import type { DeviceProfile, ProfilePoint } from './profile-schema.ts';
import type { SchemaProblem } from './schema-problems.ts';

const LAST_REGISTER = 65_535;

/** Converts manual addresses to those on the wire, once; after this the base is 0 everywhere. */
export function toWireAddresses(profile: DeviceProfile): DeviceProfile {
  const base = profile.modbus?.addressBase ?? 0;
  if (!profile.modbus || base === 0) return profile;
  const shift = (address: number) => address - base;
  return {
    ...profile,
    modbus: { ...profile.modbus, addressBase: 0 },
    points: profile.points.map(point =>
      point.addr === undefined ? point : { ...point, addr: shift(point.addr) },
    ),
    golden: profile.golden.map(frame =>
      'registers' in frame ? { ...frame, registers: shiftKeys(frame.registers, shift) } : frame,
    ),
  };
}

function shiftKeys(registers: Readonly<Record<string, number>>, shift: (address: number) => number) {
  const shifted = Object.entries(registers).map(([place, value]) => {
    const [table, address] = place.split(':');
    return [`${table}:${shift(Number(address))}`, value] as const;
  });
  return Object.fromEntries(shifted);
}

/** Addresses that cannot be on the wire, and registers that two points read as different types. */
export function registerProblems(profile: DeviceProfile): SchemaProblem[] {
  const base = profile.modbus?.addressBase ?? 0;
  const problems: SchemaProblem[] = [];
  for (const [index, point] of profile.points.entries()) {
    const at = { path: ['points', index, 'addr'], part: 'value' } as const;
    const range = registers(point);
    if (!range) continue;
    if (range.from < base || range.to - base > LAST_REGISTER) {
      const mend = `write ${base} to ${LAST_REGISTER + base}, as the manual counts`;
      problems.push({ ...at, what: `register ${range.from} does not exist`, mend });
    }
    const other = profile.points.slice(0, index).find(earlier => conflict(earlier, point));
    if (other) {
      const what = `${point.key} reads ${point.table} ${range.from} as ${point.type}, ${other.key} reads it as ${other.type}`;
      problems.push({ ...at, what, mend: 'correct one address or type: they overlap' });
    }
  }
  return problems;
}

function registers(point: ProfilePoint): { from: number; to: number } | null {
  if (point.addr === undefined || point.type === undefined) return null;
  return { from: point.addr, to: point.addr + registerWidth(point.type, point.count) - 1 };
}

/** Two points may share a register (two meanings of one state word), but only read in the same way. */
function conflict(a: ProfilePoint, b: ProfilePoint): boolean {
  const [left, right] = [registers(a), registers(b)];
  if (!left || !right || a.table !== b.table) return false;
  const overlap = left.from <= right.to && right.from <= left.to;
  return overlap && (a.type !== b.type || left.from !== right.from);
}
