import type { SiteDevice } from '../src/config/site.ts';
import { fail, ok, type Result } from '../src/shared/result.ts';

/**
 * What can go wrong on request. For a device: `silent` (it is there and says nothing), `stopped` (its
 * connection or server is gone), `doubled` (every message comes twice), `door_open` (nobody shuts the door).
 * For the `store`: `misplacing` and `theft`.
 */
export type FaultName = 'silent' | 'stopped' | 'doubled' | 'door_open' | 'misplacing' | 'theft';

export interface Fault {
  readonly device: string;
  readonly fault: FaultName;
}

export interface Faults {
  isOn(device: string, fault: FaultName): boolean;
  /** Turns one fault on or off. `request` is what a person sent: `{device, fault, on}`. */
  set(request: unknown): Result<Fault & { readonly on: boolean }>;
  active(): readonly Fault[];
  /** What each device can be asked to do wrong. */
  possible(): Readonly<Record<string, readonly FaultName[]>>;
  onChange(listener: (change: Fault & { readonly on: boolean }) => void): void;
}

const STORE = 'store';

function faultsOf(device: SiteDevice): readonly FaultName[] {
  const cold = ['case', 'walkin'].includes(device.profile.simulator.model);
  return [
    'silent',
    'stopped',
    ...(device.address.protocol === 'mqtt' ? (['doubled'] as const) : []),
    ...(cold ? (['door_open'] as const) : []),
  ];
}

export function createFaults(devices: readonly SiteDevice[]): Faults {
  const possible: Record<string, readonly FaultName[]> = { [STORE]: ['misplacing', 'theft'] };
  for (const device of devices) possible[device.id] = faultsOf(device);
  const on = new Map<string, Fault>();
  const listeners: ((change: Fault & { on: boolean }) => void)[] = [];
  const keyOf = (device: string, fault: string) => `${device} ${fault}`;
  return {
    isOn: (device, fault) => on.has(keyOf(device, fault)),
    active: () => [...on.values()],
    possible: () => possible,
    onChange: listener => void listeners.push(listener),
    set(request) {
      const { device, fault: wanted, on: wish } = Object(request) as Record<string, unknown>;
      if (typeof device !== 'string' || typeof wanted !== 'string' || typeof wish !== 'boolean')
        return fail('invalid', 'send {"device": "...", "fault": "...", "on": true or false}');
      if (!Object.hasOwn(possible, device))
        return fail(
          'invalid',
          `no device "${device}" is simulated; there are ${Object.keys(possible).join(', ')}`,
        );
      const fault = possible[device]!.find(name => name === wanted);
      if (!fault)
        return fail(
          'invalid',
          `"${device}" has no fault "${wanted}"; it has ${possible[device]!.join(', ')}`,
        );
      const changed = on.has(keyOf(device, fault)) !== wish;
      if (wish) on.set(keyOf(device, fault), { device, fault });
      else on.delete(keyOf(device, fault));
      const change = { device, fault, on: wish };
      if (changed) for (const listener of listeners) listener(change);
      return ok(change);
    },
  };
}
