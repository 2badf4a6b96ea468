import { registerWidth } from '../shared/register-width.ts';
import type { DeviceProfile, ProfilePoint } from './profile-schema.ts';
import type { SchemaProblem } from './schema-problems.ts';

const LAST_REGISTER = 65_535;

/** Converts manual addresses to those on the wire, once; after this base and offset are 0 everywhere. */
export function toWireAddresses(profile: DeviceProfile): DeviceProfile {
  const { modbus } = profile;
  const first = firstAddress(profile);
  if (!modbus || first === 0) return profile;
  const shift = (address: number) => address - first;
  const moved = <T extends { readonly addr: number }>(part: T): T => ({ ...part, addr: shift(part.addr) });
  return {
    ...profile,
    modbus: {
      ...modbus,
      addressBase: 0,
      addressOffset: 0,
      ...(modbus.identify && { identify: moved(modbus.identify) }),
      blocks: Object.fromEntries(Object.entries(modbus.blocks).map(([name, block]) => [name, moved(block)])),
      deny: modbus.deny.map(range => ({ ...range, from: shift(range.from), to: shift(range.to) })),
    },
    points: profile.points.map(point =>
      point.addr === undefined ? point : { ...point, addr: shift(point.addr) },
    ),
    ...(profile.writes && {
      writes: profile.writes.map(write => ({ ...write, steps: write.steps.map(moved) })),
    }),
    golden: profile.golden.map(frame =>
      'registers' in frame ? { ...frame, registers: shiftKeys(frame.registers, shift) } : frame,
    ),
  };
}

/** What the manual calls the register that is 0 on the wire. */
const firstAddress = ({ modbus }: DeviceProfile): number =>
  (modbus?.addressBase ?? 0) + (modbus?.addressOffset ?? 0);

function shiftKeys(registers: Readonly<Record<string, number>>, shift: (address: number) => number) {
  const shifted = Object.entries(registers).map(([place, value]) => {
    const [table, address] = place.split(':');
    return [`${table}:${shift(Number(address))}`, value] as const;
  });
  return Object.fromEntries(shifted);
}

/** Addresses that cannot be on the wire, and registers that two points read as different types. */
export function registerProblems(profile: DeviceProfile): SchemaProblem[] {
  const base = firstAddress(profile);
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

const PARTS_OF_ONE: readonly (string | undefined)[] = ['u16', 'u8h', 'u8l'];

/** Two points may share a register (two meanings of one state word, two bytes), but only read in the same way. */
function conflict(a: ProfilePoint, b: ProfilePoint): boolean {
  const [left, right] = [registers(a), registers(b)];
  if (!left || !right || a.table !== b.table) return false;
  const overlap = left.from <= right.to && right.from <= left.to;
  if (PARTS_OF_ONE.includes(a.type) && PARTS_OF_ONE.includes(b.type)) return false;
  return overlap && (a.type !== b.type || left.from !== right.from);
}
