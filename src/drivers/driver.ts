import type { Submit } from '../readings/submit.ts';
import type { DeviceVitals } from '../readings/vitals.ts';
import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';
import type { Result } from '../shared/result.ts';

/** What every driver is given. Nothing else of the gateway is visible to it. */
export interface DriverContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly submit: Submit;
  /** 0 to 1, for the jitter of back-offs. */
  readonly random: () => number;
}

/** An order to a device. `id` is stored before the first send and comes back in the ack. */
export interface DeviceCommand {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Who gave it. Left out for what Aisle orders by itself; some writes are for technicians only. */
  readonly role?: 'operator' | 'technician';
}

/**
 * Wire to readings and commands to wire, for all devices of one protocol. A driver never throws into
 * the gateway: a device that fails becomes readings of bad quality and a presence reading.
 */
export interface Driver extends Part {
  /** Ids of the devices it serves. */
  readonly devices: ReadonlySet<string>;
  /** Resolves when the command is on the wire (not when it is done: that is an ack reading). */
  send(command: DeviceCommand): Promise<Result<void>>;
  /** How one of its devices does; `createVitals` keeps the book. Absent where a driver cannot tell. */
  vitals?(device: string): DeviceVitals;
}
