import type { SiteDevice } from '../src/config/site.ts';
import { fail, ok, type Result } from '../src/shared/result.ts';

/**
 * What can go wrong on request.
 * For every device: `silent` (it is there and says nothing), `stopped` (its connection or server is gone),
 * `stuck` (its values stay as they are), `drifting` (each measured value gains one of its units a minute),
 * `probe_broken` (its temperatures are those of a missing probe).
 * On Modbus: `late` (answers come after the time-out), `wrong_unit` (another unit's number on the answer),
 * `failing` (exception 4), `busy` (exception 6), `truncated` (half an answer), `garbled` (checksum errors).
 * For what sends by itself: `doubled`, `reordered` (each message after the one that followed it), `garbled`
 * (rubbish for a payload), `reconnecting` (connections come and go), `clock_fast` (its clock is an hour ahead).
 * For cases and rooms: `door_open`. For the `store`: `misplacing` and `theft`.
 */
export type FaultName =
  | 'silent'
  | 'stopped'
  | 'stuck'
  | 'drifting'
  | 'probe_broken'
  | 'late'
  | 'wrong_unit'
  | 'failing'
  | 'busy'
  | 'truncated'
  | 'garbled'
  | 'doubled'
  | 'reordered'
  | 'reconnecting'
  | 'clock_fast'
  | 'door_open'
  | 'misplacing'
  | 'theft';

export interface Fault {
  readonly device: string;
  readonly fault: FaultName;
  /** How much of what the device does it strikes, above 0 and up to 1. */
  readonly share: number;
}

export type FaultChange = Fault & { readonly on: boolean };

export interface Faults {
  isOn(device: string, fault: FaultName): boolean;
  /** Whether the fault hits this one answer or message: always at share 1, by seeded chance below. */
  strikes(device: string, fault: FaultName): boolean;
  /** Turns one fault on or off. `request` is what a person sent: `{device, fault, on, share?}`. */
  set(request: unknown): Result<FaultChange>;
  active(): readonly Fault[];
  /** What each device can be asked to do wrong. */
  possible(): Readonly<Record<string, readonly FaultName[]>>;
  onChange(listener: (change: FaultChange) => void): void;
}

const STORE = 'store';

const OF_PROTOCOL: Readonly<Record<SiteDevice['address']['protocol'], readonly FaultName[]>> = {
  modbus: ['late', 'wrong_unit', 'failing', 'busy', 'truncated', 'garbled'],
  mqtt: ['doubled', 'reordered', 'garbled', 'reconnecting', 'clock_fast'],
  http: ['doubled', 'reordered', 'garbled', 'clock_fast'],
  opcua: [],
};

const MEASURED = ['stuck', 'drifting', 'probe_broken'] as const;

function faultsOf({ profile, address }: SiteDevice): readonly FaultName[] {
  const { model } = profile.simulator;
  return [
    'silent',
    'stopped',
    ...OF_PROTOCOL[address.protocol],
    // Shelves, labels and tills have a world of their own instead of measured values.
    ...(['shelf', 'label', 'till'].includes(model) ? [] : MEASURED),
    ...(['case', 'walkin'].includes(model) ? (['door_open'] as const) : []),
  ];
}

const invalid = (message: string) => fail('invalid', message);

function readRequest(request: unknown, possible: ReturnType<Faults['possible']>): Result<FaultChange> {
  const { device, fault: wanted, on, share = 1 } = Object(request) as Record<string, unknown>;
  if (typeof device !== 'string' || typeof wanted !== 'string' || typeof on !== 'boolean')
    return invalid('send {"device": "...", "fault": "...", "on": true or false}');
  if (typeof share !== 'number' || !(share > 0 && share <= 1))
    return invalid(`share is ${JSON.stringify(share)}; write a number above 0 and up to 1`);
  if (!Object.hasOwn(possible, device)) {
    return invalid(`no device "${device}" is simulated; there are ${Object.keys(possible).join(', ')}`);
  }
  const fault = possible[device]!.find(name => name === wanted);
  if (!fault) return invalid(`"${device}" has no fault "${wanted}"; it has ${possible[device]!.join(', ')}`);
  return ok({ device, fault, on, share });
}

/** `chance` gives 0 <= x < 1 and decides what a fault of a share below 1 hits. */
export function createFaults(devices: readonly SiteDevice[], chance: () => number = () => 0): Faults {
  const possible: Record<string, readonly FaultName[]> = { [STORE]: ['misplacing', 'theft'] };
  for (const device of devices) possible[device.id] = faultsOf(device);
  const on = new Map<string, Fault>();
  const listeners: ((change: FaultChange) => void)[] = [];
  const keyOf = (device: string, fault: string) => `${device} ${fault}`;
  return {
    isOn: (device, fault) => on.has(keyOf(device, fault)),
    strikes(device, fault) {
      const share = on.get(keyOf(device, fault))?.share ?? 0;
      return share === 1 || (share > 0 && chance() < share);
    },
    active: () => [...on.values()],
    possible: () => possible,
    onChange: listener => void listeners.push(listener),
    set(request) {
      const read = readRequest(request, possible);
      if (!read.ok) return read;
      const { on: wish, ...fault } = read.value;
      const key = keyOf(fault.device, fault.fault);
      const changed = on.has(key) !== wish;
      if (wish) on.set(key, fault);
      else on.delete(key);
      if (changed) for (const listener of listeners) listener(read.value);
      return read;
    },
  };
}
