import type { ModbusUnit } from '../../simulators/wire/modbus-line.ts';
import { createRegisterMap, type Table } from '../../simulators/wire/register-map.ts';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import { registerWidth } from '../../src/shared/register-width.ts';

export const TABLES = ['holding', 'input', 'coil', 'discrete'] as const;

export type ModbusFrame = Extract<DeviceProfile['golden'][number], { registers: object }>;

/** One golden frame of one Modbus profile as a unit of its own: raw words exactly as the frame has them. */
export interface GoldenUnit extends ModbusUnit {
  readonly name: string;
  readonly profile: DeviceProfile;
  readonly frame: ModbusFrame;
}

/** Addresses that one request reads. */
export interface Range {
  readonly table: Table;
  readonly address: number;
  readonly count: number;
}

const isModbusFrame = (frame: DeviceProfile['golden'][number]): frame is ModbusFrame => 'registers' in frame;

/** Every golden frame of every Modbus profile in devices/, with unit numbers from 1 on. */
export function goldenUnits(): readonly GoldenUnit[] {
  const profiles = [...loadProfiles('devices').profiles.values()].filter(
    ({ protocol }) => protocol === 'modbus',
  );
  const framed = profiles.flatMap(profile =>
    profile.golden.filter(isModbusFrame).map(frame => ({ profile, frame })),
  );
  return framed.map(({ profile, frame }, i) => ({
    device: `golden-${i + 1}`,
    unit: i + 1,
    name: `${profile.id}: ${frame.name}`,
    profile,
    frame,
    memory: createRegisterMap(profile, { background: frame.registers, values: () => undefined }),
    timeoutMs: 1000,
  }));
}

/** The frame's own addresses as ranges without holes, none longer than the model allows. */
export function rangesOf({ frame, memory }: GoldenUnit): readonly Range[] {
  const ranges: Range[] = [];
  for (const table of TABLES) {
    const addresses = Object.keys(frame.registers)
      .filter(place => place.startsWith(`${table}:`))
      .map(place => Number(place.split(':')[1]))
      .sort((a, b) => a - b);
    const most = table === 'holding' || table === 'input' ? memory.maxRegisters : memory.maxBits;
    for (const address of addresses) {
      const last = ranges.at(-1);
      const follows = last?.table === table && last.address + last.count === address && last.count < most;
      if (follows) ranges[ranges.length - 1] = { ...last, count: last.count + 1 };
      else ranges.push({ table, address, count: 1 });
    }
  }
  return ranges;
}

export const wordsOf = ({ frame }: GoldenUnit, { table, address, count }: Range): readonly number[] =>
  Array.from({ length: count }, (_, i) => frame.registers[`${table}:${address + i}`]! & 0xffff);

/** Points whose number needs nothing but type, order, scale and offset: any Modbus program can tell it. */
export function plainPoints({ profile, frame }: GoldenUnit) {
  return profile.points.flatMap(point => {
    const { key, table, addr, type, count, bit, sign, scaleFrom, round } = point;
    const expected = frame.expect[key];
    const isPlain = bit === undefined && !sign && !scaleFrom && round === undefined;
    const order = point.order ?? profile.modbus!.order;
    if (typeof expected !== 'number' || !isPlain || table === undefined || addr === undefined || !type)
      return [];
    if (order !== 'ABCD' && order !== 'CDAB') return [];
    return [{ point, expected, table, address: addr, count: registerWidth(type, count), type, order }];
  });
}
