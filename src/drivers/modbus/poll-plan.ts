import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';
import { isPointKey, type PointKey } from '../../readings/points.ts';
import { registerWidth } from '../../shared/register-width.ts';
import type { ReadRequest, Table } from './read-pdu.ts';
import type { RegisterType } from './registers.ts';

/** A point with its place on the wire. */
export interface MappedPoint {
  readonly key: PointKey;
  readonly table: Table;
  /** Address on the wire, from 0. */
  readonly address: number;
  readonly type: RegisterType;
  readonly profile: ProfilePoint;
}

/** One read request and the points that its answer holds. */
export interface PollBlock extends ReadRequest {
  readonly points: readonly MappedPoint[];
}

export interface PollGroup {
  readonly name: string;
  readonly everyMs: number;
  readonly blocks: readonly PollBlock[];
}

export interface PollPlan {
  readonly groups: readonly PollGroup[];
  /** Keys of points that no register can be read for: no table, no type, or an address outside 0..65535. */
  readonly unmapped: readonly string[];
}

export type ModbusSettings = NonNullable<DeviceProfile['modbus']>;

/** What a profile without a `modbus` section means; the same as the schema's defaults. */
export const DEFAULT_SETTINGS: ModbusSettings = {
  addressBase: 0,
  addressOffset: 0,
  order: 'ABCD',
  limits: {
    maxRead: 125,
    maxHole: 0,
    maxBits: 2000,
    maxBitHole: 0,
    timeoutMs: 500,
    retries: 1,
    minRequestMs: 0,
    interFrameMs: 0,
    pauseAfterConnectMs: 0,
  },
  workarounds: { oneRequestPerField: false, fc16Only: false, coilsFromZero: false },
  blocks: {},
  deny: [],
};

const DEFAULT_GROUP = 'live';
const DEFAULT_EVERY_MS = 1000;

/** The fewest reads that hold all points of each group, within the profile's maxRead and maxHole. */
export function planPolls(profile: DeviceProfile): PollPlan {
  const settings = profile.modbus ?? DEFAULT_SETTINGS;
  const byGroup = new Map<string, MappedPoint[]>();
  const unmapped: string[] = [];
  for (const point of profile.points) {
    const mapped = mapPoint(point, settings.addressBase);
    const group = point.group ?? DEFAULT_GROUP;
    if (mapped) byGroup.set(group, [...(byGroup.get(group) ?? []), mapped]);
    else unmapped.push(point.key);
  }
  const groups = [...byGroup].map(([name, points]) => ({
    name,
    everyMs: profile.groups[name]?.everyMs ?? DEFAULT_EVERY_MS,
    blocks: mergePoints(points, settings.limits),
  }));
  return { groups, unmapped };
}

/**
 * The block as two halves, or null when it holds one point alone. For a device that refuses a merged
 * read because one of its registers does not exist: the others must not suffer for it.
 */
export function splitBlock(block: PollBlock): readonly [PollBlock, PollBlock] | null {
  if (block.points.length < 2) return null;
  const half = block.points.length >> 1;
  return [blockOf(block.points.slice(0, half)), blockOf(block.points.slice(half))];
}

function mapPoint(point: ProfilePoint, addressBase: number): MappedPoint | null {
  const { key, table, type, addr } = point;
  if (!isPointKey(key) || !table || !type || addr === undefined) return null;
  const address = addr - addressBase;
  if (address < 0 || address + registerWidth(type) > 0x10000) return null;
  return { key, table, type, address, profile: point };
}

function mergePoints(
  points: readonly MappedPoint[],
  limits: Pick<ModbusSettings['limits'], 'maxRead' | 'maxHole'>,
): PollBlock[] {
  const sorted = points.toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address);
  const runs: MappedPoint[][] = [];
  for (const point of sorted) {
    const run = runs.at(-1);
    if (run && fits(blockOf(run), point, limits)) run.push(point);
    else runs.push([point]);
  }
  return runs.map(blockOf);
}

function fits(
  block: PollBlock,
  point: MappedPoint,
  limits: Pick<ModbusSettings['limits'], 'maxRead' | 'maxHole'>,
): boolean {
  const hole = point.address - (block.address + block.count);
  const count = point.address + registerWidth(point.type) - block.address;
  return block.table === point.table && hole <= limits.maxHole && count <= limits.maxRead;
}

function blockOf(points: readonly MappedPoint[]): PollBlock {
  const address = Math.min(...points.map(point => point.address));
  const end = Math.max(...points.map(point => point.address + registerWidth(point.type)));
  return { table: points[0]!.table, address, count: end - address, points };
}
