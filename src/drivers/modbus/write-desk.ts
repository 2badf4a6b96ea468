import type { DeviceProfile, ProfileWrite } from '../../config/profile-schema.ts';
import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { DeviceCommand } from '../driver.ts';
import { DEFAULT_SETTINGS, type PollBlock, planPolls } from './poll-plan.ts';
import type { WriteRequest } from './write-pdu.ts';

/** A command that may be carried out: its requests in order, and how to see that it took effect. */
export interface WriteOrder {
  readonly id: string;
  readonly name: string;
  readonly requests: readonly WriteRequest[];
  readonly check: WriteCheck | null;
  /** Each write wears the device: none is spent on a value that is there already. */
  readonly wears: boolean;
}

export interface WriteCheck {
  readonly block: PollBlock;
  readonly point: string;
  readonly expected: number | boolean;
  readonly within: number;
  readonly afterMs: number;
}

/** The closed list of what may be written to one device, and how often. Nothing else ever is. */
export interface WriteDesk {
  /** Fails with the reason in one sentence. */
  admit(command: DeviceCommand): Result<WriteOrder>;
  /** It is going to be done: it counts against its rate and the device's wear. */
  spend(order: WriteOrder): void;
}

type Step = ProfileWrite['steps'][number];

const DAY_MS = 24 * 60 * 60_000;
const RANGES = {
  bit: [0, 1],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
  f32: [-3.4e38, 3.4e38],
} as const;

export function createWriteDesk(profile: DeviceProfile, clock: Pick<Clock, 'monotonicMs'>): WriteDesk {
  const settings = profile.modbus ?? DEFAULT_SETTINGS;
  const known = new Map((profile.writes ?? []).map(write => [write.key, write]));
  const blocks = planPolls(profile).groups.flatMap(group => group.blocks);
  const done = new Map<string, number[]>();

  function refusedByRate(write: ProfileWrite): string | null {
    const nowMs = clock.monotonicMs();
    const times = (done.get(write.key) ?? []).filter(atMs => atMs > nowMs - DAY_MS);
    done.set(write.key, times);
    const { rateLimit } = write;
    if (rateLimit) {
      const lately = times.filter(atMs => atMs > nowMs - rateLimit.perS * 1000).length;
      if (lately >= rateLimit.count)
        return `may be done ${rateLimit.count} times in ${rateLimit.perS} s, which it was`;
    }
    if (!write.eeprom || times.length < limits.eepromWritesPerDay) return null;
    return `wears the memory of the device and was done ${times.length} times within a day`;
  }

  function checkOf({ verify }: ProfileWrite, value: number | null): Result<WriteCheck | null> {
    if (!verify) return ok(null);
    const expected = verify.equals ?? value;
    const block = blocks.find(each => each.points.some(({ key }) => key === verify.point));
    if (expected === null || !block) return fail('invalid', `its profile cannot verify ${verify.point}`);
    return ok({ block, point: verify.point, expected, within: verify.within, afterMs: verify.afterMs });
  }

  return {
    admit(command) {
      const { id, name, device } = command;
      const refuse = (why: string, retry = false) =>
        fail(retry ? 'busy' : 'invalid', `${name} on ${device} ${why}`, retry);
      const write = known.get(name);
      if (!write) {
        const list = [...known.keys()].join(', ') || 'none';
        return fail(
          'unsupported',
          `${device} takes no command ${name}; its profile ${profile.id} has ${list}`,
        );
      }
      if (write.role === 'technician' && command.role !== 'technician') {
        return refuse('is for technicians only');
      }
      const requests: WriteRequest[] = [];
      let asked: number | null = null;
      for (const step of write.steps) {
        const value = step.from === undefined ? (step.value ?? 0) : numberIn(command.body, step.from);
        if (value === null) return refuse(`needs the number ${step.from} in its body`);
        if (step.from !== undefined) asked ??= value;
        if (step.from !== undefined && write.valid && (value < write.valid.min || value > write.valid.max)) {
          return refuse(`takes ${step.from} from ${write.valid.min} to ${write.valid.max}, not ${value}`);
        }
        const request = requestOf(step, value, settings);
        if (!request) return refuse(`cannot write ${value} to ${step.addr}; it does not fit the register`);
        const denied = settings.deny.find(range => reaches(range, request));
        if (denied) return refuse(`would write to a denied address: ${denied.why}`);
        requests.push(request);
      }
      const check = checkOf(write, asked);
      if (!check.ok) return check;
      const rate = refusedByRate(write);
      if (rate) return refuse(rate, true);
      return ok({ id, name, requests, check: check.value, wears: write.eeprom });
    },
    spend: ({ name }) => done.set(name, [...(done.get(name) ?? []), clock.monotonicMs()]),
  };
}

function numberIn(body: DeviceCommand['body'], field: string): number | null {
  const value = Object.hasOwn(body, field) ? body[field] : undefined;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Null when the value does not fit the register. */
function requestOf(step: Step, value: number, settings: typeof DEFAULT_SETTINGS): WriteRequest | null {
  const isCoil = step.fc === 5 || step.fc === 15;
  const type = step.type ?? (isCoil ? 'bit' : value < 0 ? 's16' : 'u16');
  const scaled = step.from === undefined ? value : value / (step.scale ?? 1);
  const raw = type === 'f32' ? scaled : Math.round(scaled);
  const [least, most] = RANGES[type];
  if (raw < least || raw > most) return null;
  const values = isCoil ? [raw] : wordsOf(raw, type, settings.order);
  if (step.fc === 6 && values.length > 1) return null;
  const code = step.fc === 6 && settings.workarounds.fc16Only ? 16 : step.fc;
  const address = step.addr - settings.addressBase - settings.addressOffset;
  return { write: code, address, values };
}

function wordsOf(raw: number, type: keyof typeof RANGES, order: typeof DEFAULT_SETTINGS.order): number[] {
  const isLong = type === 'u32' || type === 's32' || type === 'f32';
  const view = new DataView(new ArrayBuffer(isLong ? 4 : 2));
  if (type === 'f32') view.setFloat32(0, raw);
  else if (isLong) view.setInt32(0, raw | 0);
  else view.setInt16(0, raw);
  const swapBytes = order === 'BADC' || order === 'DCBA';
  const words = Array.from({ length: view.byteLength / 2 }, (_, word) => view.getUint16(word * 2, swapBytes));
  return order === 'CDAB' || order === 'DCBA' ? words.toReversed() : words;
}

function reaches(range: (typeof DEFAULT_SETTINGS)['deny'][number], request: WriteRequest): boolean {
  const table = request.write === 5 || request.write === 15 ? 'coil' : 'holding';
  const last = request.address + request.values.length - 1;
  return range.table === table && range.from <= last && request.address <= range.to;
}
