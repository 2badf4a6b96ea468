import type { Reading } from '../../readings/reading.ts';
import type { DeviceFact } from './facts.ts';

/** The last known state of every device that was ever heard of. */
export interface DevicesState {
  readonly known: Map<string, DeviceFact>;
}

export const createDevicesState = (): DevicesState => ({ known: new Map() });

/** A fact when a device's state or its reason is another than before; the first one counts as a change. */
export function decide(state: DevicesState, reading: Reading): readonly DeviceFact[] {
  if (reading.kind !== 'presence') return [];
  const before = state.known.get(reading.device);
  if (before?.state === reading.state && before.reason === reading.reason) return [];
  return [{ type: 'device', device: reading.device, state: reading.state, reason: reading.reason }];
}

export function apply(state: DevicesState, fact: DeviceFact): void {
  state.known.set(fact.device, fact);
}

/** Facts in log order. */
export function restore(state: DevicesState, facts: readonly DeviceFact[]): void {
  for (const fact of facts) apply(state, fact);
}
