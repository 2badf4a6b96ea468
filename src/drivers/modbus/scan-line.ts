import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { ModbusAddress } from '../../config/site.ts';
import type { BusContext } from './bus-link.ts';
import type { Identification } from './identification.ts';
import { DEFAULT_SETTINGS } from './poll-plan.ts';
import type { ReadRequest } from './read-pdu.ts';
import { decodeRegisters } from './registers.ts';
import { visitLine } from './visit.ts';

/** A unit that answered. */
export interface FoundUnit {
  readonly unit: number;
  /** What it says of itself; null where it does not know the question, as most old controllers. */
  readonly identification: Identification | null;
  /** Profiles that it may be, the surest first, each with the reason in one sentence. */
  readonly candidates: readonly { readonly profile: string; readonly because: string }[];
}

export interface ScanOptions {
  /** Where to look: the line or the host and port; its `unit` is of no account. */
  readonly address: ModbusAddress;
  /** The units that the technician named, 1 to 247. */
  readonly units: readonly number[];
  /** How long a unit is waited for; 300 ms are enough for all but the slowest. */
  readonly timeoutMs: number;
  readonly profiles: readonly DeviceProfile[];
  readonly onFound?: (found: FoundUnit) => void;
}

// Any answer proves that somebody is there, an exception as well; some controllers are silent to what they do not have.
const KNOCKS: readonly ReadRequest[] = [
  { table: 'holding', address: 0, count: 1 },
  { table: 'input', address: 0, count: 1 },
];

/** Asks each named unit who it is. Reads only, one request at a time. Null when there is no connection. */
export async function scanLine(
  { address, units, timeoutMs, profiles, onFound }: ScanOptions,
  context: BusContext,
): Promise<readonly FoundUnit[] | null> {
  const visit = visitLine(address, { timeoutMs }, context);
  const known = profiles.filter(({ modbus }) => modbus !== undefined);
  const places = identifyingReads(known);
  const found: FoundUnit[] = [];
  try {
    for (const unit of units) {
      const presence = await knock(unit);
      if (presence === 'unreachable') return null;
      if (presence === 'silent') continue;
      const identification = await identify(unit);
      const answers = new Map<string, readonly number[]>();
      for (const [key, request] of places) {
        const answer = await visit.ask(unit, request);
        if (answer.kind === 'values') answers.set(key, answer.values);
      }
      const met = { unit, identification, candidates: candidatesFor(known, identification, answers) };
      found.push(met);
      onFound?.(met);
    }
  } finally {
    visit.end();
  }
  return found;

  async function knock(unit: number): Promise<'present' | 'silent' | 'unreachable'> {
    for (const request of KNOCKS) {
      const { kind } = await visit.ask(unit, request);
      if (kind === 'unreachable') return 'unreachable';
      if (kind !== 'timeout') return 'present';
    }
    return 'silent';
  }

  async function identify(unit: number): Promise<Identification | null> {
    const answer = await visit.ask(unit, { identify: 'basic' });
    return answer.kind === 'identified' ? answer.identification : null;
  }
}

const placeOf = (profile: DeviceProfile): ReadRequest | null => {
  const { identify, addressBase, addressOffset } = profile.modbus ?? DEFAULT_SETTINGS;
  if (!identify) return null;
  const address = identify.addr - addressBase - addressOffset;
  return { table: identify.table, address, count: identify.type === 'u32' ? 2 : 1 };
};

const keyOf = ({ table, address, count }: ReadRequest) => `${table} ${address} ${count}`;

/** Each identifying register once, whatever number of profiles looks at it. */
function identifyingReads(profiles: readonly DeviceProfile[]): ReadonlyMap<string, ReadRequest> {
  const places = profiles.flatMap(profile => placeOf(profile) ?? []);
  return new Map(places.map(place => [keyOf(place), place]));
}

function candidatesFor(
  profiles: readonly DeviceProfile[],
  identification: Identification | null,
  answers: ReadonlyMap<string, readonly number[]>,
): FoundUnit['candidates'] {
  const byRegister = profiles.flatMap(profile => {
    const because = matchRegister(profile, answers);
    return because ? [{ profile: profile.id, because }] : [];
  });
  const byName = identification
    ? profiles
        .filter(profile => isNamed(profile, identification))
        .map(({ id }) => ({
          profile: id,
          because: `it calls itself ${identification.vendor} ${identification.product}`.trim(),
        }))
    : [];
  const sure = new Set(byRegister.map(({ profile }) => profile));
  return [...byRegister, ...byName.filter(({ profile }) => !sure.has(profile))];
}

function matchRegister(
  profile: DeviceProfile,
  answers: ReadonlyMap<string, readonly number[]>,
): string | null {
  const { identify, order } = profile.modbus ?? DEFAULT_SETTINGS;
  const place = placeOf(profile);
  const words = place && answers.get(keyOf(place));
  if (!identify || !words) return null;
  const value = decodeRegisters(words, 0, identify.type, order);
  if (typeof value !== 'number' || !identify.equals.includes(value)) return null;
  return `${identify.table} register ${place.address} holds ${value}, as in this model`;
}

function isNamed({ vendor, models }: DeviceProfile, { vendor: maker, product }: Identification): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  const called = plain(`${maker}${product}`);
  return called.includes(plain(vendor)) && models.some(model => called.includes(plain(model)));
}
