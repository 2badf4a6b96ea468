import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';
import type { PointKey } from '../../readings/points.ts';
import { sourcesOf } from '../../shared/derived-sources.ts';
import { registerWidth } from '../../shared/register-width.ts';
import { publishedKeys } from '../point-set.ts';
import type { RawValue } from '../point-value.ts';
import type { ReadRequest, Table } from './read-pdu.ts';
import { type ByteOrder, decodeRegisters, type RegisterType } from './registers.ts';

/** A point with its place on the wire. */
export interface MappedPoint {
  /** A key of the vocabulary, or the name of a helper. */
  readonly key: string;
  readonly table: Table;
  /** Address on the wire, from 0. */
  readonly address: number;
  /** Registers or bits. */
  readonly width: number;
  readonly type: RegisterType;
  readonly order: ByteOrder;
  readonly profile: ProfilePoint;
}

/** One read request and the points that its answer holds. */
export interface PollBlock extends ReadRequest {
  readonly points: readonly MappedPoint[];
  /** Read together or not at all: never split, however the unit answers. */
  readonly whole: boolean;
}

export type Priority = 'alarm' | 'live' | 'slow';

export interface PollGroup {
  readonly name: string;
  readonly everyMs: number;
  readonly priority: Priority;
  readonly blocks: readonly PollBlock[];
  /** What the group gives when it has been read: its points without helpers, and those derived from them. */
  readonly publishes: readonly PointKey[];
}

export interface PollPlan {
  readonly groups: readonly PollGroup[];
  /** Keys of points that no register can be read for: no table, no type, denied, or outside 0..65535. */
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

/**
 * The fewest reads that hold all points of each group, within the profile's limits: no read is longer
 * than maxRead, crosses a hole wider than maxHole, touches a denied address, or tears a block apart.
 */
export function planPolls(profile: DeviceProfile): PollPlan {
  const settings = profile.modbus ?? DEFAULT_SETTINGS;
  const byGroup = new Map<string, MappedPoint[]>();
  const unmapped: string[] = [];
  for (const point of profile.points) {
    const mapped = mapPoint(point, settings);
    const group = point.group ?? DEFAULT_GROUP;
    if (mapped) byGroup.set(group, [...(byGroup.get(group) ?? []), mapped]);
    else unmapped.push(point.key);
  }
  const groups = [...byGroup].map(([name, points]) => ({
    name,
    everyMs: profile.groups[name]?.everyMs ?? DEFAULT_EVERY_MS,
    priority: profile.groups[name]?.priority ?? 'live',
    blocks: blocksOf(points, settings),
    publishes: publishedOf(profile, points),
  }));
  return { groups, unmapped };
}

/**
 * The block as two halves, or null when it must stay whole or holds one point alone. For a device that
 * refuses a merged read because one of its registers does not exist: the others must not suffer for it.
 */
export function splitBlock(block: PollBlock): readonly [PollBlock, PollBlock] | null {
  if (block.whole || block.points.length < 2) return null;
  const half = block.points.length >> 1;
  return [spanOf(block.points.slice(0, half)), spanOf(block.points.slice(half))];
}

/** What the words of an answer carry for each point of the block. */
export function decodeBlock(block: PollBlock, values: readonly number[]): readonly [string, RawValue][] {
  return block.points.map(({ key, address, type, order, width }) => [
    key,
    decodeRegisters(values, address - block.address, type, order, width),
  ]);
}

function publishedOf({ derive = {} }: DeviceProfile, points: readonly MappedPoint[]): PointKey[] {
  const known = new Set(points.map(({ key }) => key));
  const derived = Object.entries(derive).filter(([key, rule]) => {
    const isHere = sourcesOf(rule).every(source => known.has(source));
    if (isHere) known.add(key);
    return isHere;
  });
  const members = points.map(({ profile }) => profile);
  return publishedKeys({ points: members, derive: Object.fromEntries(derived) });
}

function mapPoint(point: ProfilePoint, settings: ModbusSettings): MappedPoint | null {
  const { key, table, type, addr, count } = point;
  if (!table || !type || addr === undefined) return null;
  const address = addr - settings.addressBase - settings.addressOffset;
  const width = registerWidth(type, count);
  if (address < 0 || address + width > 0x10000) return null;
  const mapped = { key, table, type, address, width, order: point.order ?? settings.order, profile: point };
  return isDenied(settings, { table, address, count: width }) ? null : mapped;
}

const isDenied = ({ deny }: ModbusSettings, { table, address, count }: ReadRequest): boolean =>
  deny.some(range => range.table === table && range.from < address + count && address <= range.to);

function blocksOf(points: readonly MappedPoint[], settings: ModbusSettings): PollBlock[] {
  const named = Map.groupBy(points, ({ profile }) => profile.block ?? '');
  const loose = named.get('') ?? [];
  named.delete('');
  const whole = [...named].map(([name, members]): PollBlock => {
    const block = settings.blocks[name];
    if (!block) return { ...spanOf(members), whole: true };
    const address = block.addr - settings.addressBase - settings.addressOffset;
    return { table: block.table, address, count: block.count, points: members, whole: true };
  });
  return [...whole, ...mergePoints(loose, settings)].map(block => fromZero(block, settings));
}

function mergePoints(points: readonly MappedPoint[], settings: ModbusSettings): PollBlock[] {
  const sorted = points.toSorted((a, b) => a.table.localeCompare(b.table) || a.address - b.address);
  const runs: MappedPoint[][] = [];
  for (const point of sorted) {
    const run = runs.at(-1);
    if (run && fits(spanOf(run), point, settings)) run.push(point);
    else runs.push([point]);
  }
  return runs.map(spanOf);
}

function fits(block: PollBlock, point: MappedPoint, settings: ModbusSettings): boolean {
  if (block.table !== point.table) return false;
  const { limits, workarounds } = settings;
  const bits = isBits(block.table);
  const hole = point.address - (block.address + block.count);
  const count = Math.max(block.count, point.address + point.width - block.address);
  // Two meanings of one register are one field.
  if (workarounds.oneRequestPerField && count !== block.count) return false;
  if (hole > (bits ? limits.maxBitHole : limits.maxHole)) return false;
  if (count > (bits ? limits.maxBits : limits.maxRead)) return false;
  return !isDenied(settings, { table: block.table, address: block.address, count });
}

const isBits = (table: Table): boolean => table === 'coil' || table === 'discrete';

/** For units that answer wrongly to a read of bits that begins anywhere else. */
function fromZero(block: PollBlock, { workarounds, limits }: ModbusSettings): PollBlock {
  const count = block.address + block.count;
  if (!workarounds.coilsFromZero || !isBits(block.table) || count > limits.maxBits) return block;
  return { ...block, address: 0, count };
}

function spanOf(points: readonly MappedPoint[]): PollBlock {
  const address = Math.min(...points.map(point => point.address));
  const end = Math.max(...points.map(point => point.address + point.width));
  return { table: points[0]!.table, address, count: end - address, points, whole: false };
}
