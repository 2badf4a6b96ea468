import type { DeviceProfile, ProfilePoint } from '../../src/config/profile-schema.ts';
import type { SlaveMemory } from './modbus-pdu.ts';
import { derivationOf, rawOf, type TrueValues } from './raw-value.ts';
import { putBit, putValue, reordered, widthOf } from './register-codec.ts';

export type Table = 'holding' | 'input' | 'coil' | 'discrete';

/** Raw words by place, such as `holding:2575`: a golden frame, or what a master has written. */
export type Words = Readonly<Record<string, number>>;

type Modbus = NonNullable<DeviceProfile['modbus']>;
type Mapped = ProfilePoint & Required<Pick<ProfilePoint, 'table' | 'addr' | 'type'>>;

/** Some registers that hold one number, and all points that are read from it. */
interface Place {
  readonly table: Table;
  readonly addr: number;
  readonly width: number;
  readonly type: Mapped['type'];
  readonly order: string;
  readonly points: Mapped[];
}

const isMapped = (point: ProfilePoint): point is Mapped =>
  point.table !== undefined && point.addr !== undefined && point.type !== undefined;

const isBits = (table: Table) => table === 'coil' || table === 'discrete';

export interface RegisterMapOptions {
  /** What the registers hold as far as nobody knows better: the words of a golden frame. */
  readonly background: Words;
  /** True values, which win over the background. */
  readonly values: TrueValues;
}

/**
 * The registers and bits of one device, filled from its true values at the moment of reading. Encoders of our
 * own throughout, so that a mistake of the gateway's is not answered by the same mistake here.
 */
export function createRegisterMap(profile: DeviceProfile, options: RegisterMapOptions): SlaveMemory {
  const modbus = profile.modbus;
  const places = placesOf(profile);
  const written = new Map<string, number>();
  const empty = holesOf([...places.keys()], modbus);
  const writable = writableOf(profile);
  const known: Words = { ...options.background, ...identityOf(modbus) };
  const background = (at: string) => written.get(at) ?? known[at] ?? 0;
  const words = (place: Place) => wordsOf(profile, place, background, options.values);
  return {
    maxRegisters: modbus?.limits.maxRead ?? 125,
    maxBits: modbus?.limits.maxBits ?? 2000,
    read(table, address) {
      const at = `${table}:${address}`;
      const denied = modbus?.deny.some(deny => deny.table === table && within(address, deny.from, deny.to));
      if (denied) return null;
      const place = places.get(at);
      // What a master wrote stays, as in a real controller, until the device is started again.
      if (written.has(at)) return written.get(at)!;
      if (place) return words(place)[address - place.addr]! & 0xffff;
      return empty.has(at) || Object.hasOwn(known, at) ? background(at) & 0xffff : null;
    },
    write(table, address, value) {
      const at = `${table}:${address}`;
      if (!writable.has(at)) return false;
      written.set(at, value);
      return true;
    },
  };
}

const within = (address: number, from: number, to: number) => address >= from && address <= to;

/** Every mapped address with the place that it belongs to. */
function placesOf(profile: DeviceProfile): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const point of profile.points.filter(isMapped)) {
    const { table, addr, type } = point;
    const known = places.get(`${table}:${addr}`);
    if (known) {
      known.points.push(point);
      continue;
    }
    const order = point.order ?? profile.modbus?.order ?? 'ABCD';
    const place = { table, addr, type, order, width: widthOf(point), points: [point] };
    for (let i = 0; i < place.width; i++) places.set(`${table}:${addr + i}`, place);
  }
  return places;
}

/** Addresses without a meaning that answer all the same: inside a block, and holes that may be read over. */
function holesOf(mapped: readonly string[], modbus: Modbus | undefined): Set<string> {
  const holes = new Set<string>();
  if (!modbus) return holes;
  const fill = (table: Table, from: number, to: number) => {
    for (let address = from; address <= to; address++) holes.add(`${table}:${address}`);
  };
  for (const { table, addr, count } of Object.values(modbus.blocks)) fill(table, addr, addr + count - 1);
  for (const table of ['holding', 'input', 'coil', 'discrete'] as const) {
    const most = isBits(table) ? modbus.limits.maxBitHole : modbus.limits.maxHole;
    const addresses = mapped.filter(at => at.startsWith(`${table}:`)).map(at => Number(at.split(':')[1]));
    const sorted = addresses.toSorted((a, b) => a - b);
    for (const [i, address] of sorted.entries()) {
      const next = sorted[i + 1];
      if (next !== undefined && next - address - 1 <= most) fill(table, address + 1, next - 1);
    }
    const last = sorted.at(-1);
    if (isBits(table) && modbus.workarounds.coilsFromZero && last !== undefined) fill(table, 0, last);
  }
  return holes;
}

/** The words by which the model tells that it is itself. */
function identityOf(modbus: Modbus | undefined): Words {
  if (!modbus?.identify) return {};
  const { table, addr, type, equals } = modbus.identify;
  const bytes = Buffer.alloc(widthOf({ type }) * 2);
  putValue(bytes, type, equals[0]!);
  const wire = reordered(bytes, modbus.order, type);
  return Object.fromEntries(
    Array.from({ length: wire.length / 2 }, (_, i) => [`${table}:${addr + i}`, wire.readUInt16BE(i * 2)]),
  );
}

/** Only what the profile may write can be written, so that a slip of the gateway's shows as a refusal. */
function writableOf(profile: DeviceProfile): Set<string> {
  const writable = new Set<string>();
  for (const step of (profile.writes ?? []).flatMap(({ steps }) => steps)) {
    const table = step.fc === 5 || step.fc === 15 ? 'coil' : 'holding';
    for (let i = 0; i < widthOf({ type: step.type }); i++) writable.add(`${table}:${step.addr + i}`);
  }
  return writable;
}

/** The words of one place, from its background and all that is true about its points. */
function wordsOf(
  profile: DeviceProfile,
  place: Place,
  background: (at: string) => number,
  values: TrueValues,
): number[] {
  const { table, addr, width, type, order } = place;
  const wire = Buffer.alloc(width * 2);
  for (let i = 0; i < width; i++) wire.writeUInt16BE(background(`${table}:${addr + i}`) & 0xffff, i * 2);
  if (isBits(table)) {
    const raw = rawOf(place.points[0]!, values(place.points[0]!.key));
    return [raw === undefined ? wire.readUInt16BE(0) : Number(raw) === 0 ? 0 : 1];
  }
  const bytes = Buffer.from(reordered(wire, order, type));
  for (const point of place.points) putPoint(profile, point, bytes, values, background);
  const turned = reordered(bytes, order, type);
  return Array.from({ length: width }, (_, i) => turned.readUInt16BE(i * 2));
}

function putPoint(
  profile: DeviceProfile,
  point: Mapped,
  bytes: Buffer,
  values: TrueValues,
  background: (at: string) => number,
): void {
  const raw = rawOf(point, values(point.key), factorOf(profile, point, background));
  if (point.bit !== undefined) {
    if (raw !== undefined) putBit(bytes, point.bit, Number(raw) !== 0);
  } else if (raw !== undefined) {
    const magnitude = point.sign && typeof raw === 'number' ? Math.abs(raw) : raw;
    putValue(bytes, point.type, typeof magnitude === 'boolean' ? Number(magnitude) : magnitude);
  }
  const derived = derivationOf(profile, point.key, values);
  if (derived.raw !== null) putValue(bytes, point.type, derived.raw);
  for (const { bit, on } of derived.bits) putBit(bytes, bit, on);
  // The sign of a magnitude stands in a register of its own: this one.
  for (const other of profile.points) {
    const value = other.sign?.point === point.key ? values(other.key) : undefined;
    if (typeof value === 'number') putBit(bytes, other.sign!.bit, value < 0);
  }
}

/** The factor that another register announces, read from what that register shows. */
function factorOf(profile: DeviceProfile, point: ProfilePoint, background: (at: string) => number): number {
  const { scaleFrom } = point;
  const teller = profile.points.find(other => other.key === scaleFrom?.point);
  if (!scaleFrom || !teller || !isMapped(teller)) return 1;
  const bytes = Buffer.alloc(widthOf(teller) * 2);
  for (let i = 0; i < bytes.length / 2; i++)
    bytes.writeUInt16BE(background(`${teller.table}:${teller.addr + i}`) & 0xffff, i * 2);
  const raw = announced(bytes, teller);
  return scaleFrom.table ? (scaleFrom.table[String(raw)] ?? 1) : 10 ** raw;
}

/** A byte or a word, which is all that devices announce a factor in. */
function announced(bytes: Buffer, { type }: Mapped): number {
  if (type === 'u8h') return bytes[0]!;
  if (type === 'u8l') return bytes[1]!;
  return type === 's16' ? bytes.readInt16BE(0) : bytes.readUIntBE(0, Math.min(6, bytes.length));
}
