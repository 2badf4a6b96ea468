import type { DeviceState } from './reading.ts';

/**
 * What one line carries, and who uses it up. A line takes one request at a time, so its budget is time.
 * `measured` covers the last minute (`windowMs`, shorter after a start); `estimated` comes from the plans, the baud
 * rate and a usual answer time, without asking anybody.
 */
export interface BusBudget {
  /** `10.0.0.7:502` or the name of the serial line: unique within a site. */
  readonly bus: string;
  readonly transport: BusTransport;
  /** Null where the line's speed is not known, as behind a serial gateway. */
  readonly baud: number | null;
  readonly basis: 'measured' | 'estimated';
  readonly windowMs: number;
  /** Null for an estimate. */
  readonly isConnected: boolean | null;
  /** Share of the time in which the line was busy, 0 to 1. An estimate may exceed 1: more is asked than fits. */
  readonly usedShare: number;
  /** Part of `usedShare` that was spent waiting for answers that did not come. */
  readonly lostShare: number;
  /** Sum of the transactions that read every living device's fastest group once: no shorter interval is possible. */
  readonly reachableIntervalMs: number;
  /** The shortest interval that any device of the line asks for; null when none is polled. */
  readonly wantedIntervalMs: number | null;
  readonly devices: readonly DeviceBudget[];
}

/** `tcp` is MBAP over TCP, `rtu-tcp` RTU frames over TCP, `serial` RTU on a serial port. */
export type BusTransport = 'tcp' | 'rtu-tcp' | 'serial';

/** One device's part of its line. Counts and times are those of the budget's window. */
export interface DeviceBudget {
  readonly device: string;
  readonly profile: string;
  readonly unit: number;
  readonly state: DeviceState;
  readonly requests: number;
  readonly timeouts: number;
  readonly exceptions: number;
  /** Answers that came too late, were damaged, or fitted no question. They are never used. */
  readonly dropped: number;
  /** Milliseconds of the line per minute, all together and those lost to time-outs. */
  readonly busyMsPerMinute: number;
  readonly lostMsPerMinute: number;
  /** From sending to the whole answer; null until there was one. */
  readonly roundTripMs: { readonly p50: number; readonly p95: number } | null;
  /** How long it is waited for now: learned from its round trips, never longer than its profile says. */
  readonly timeoutMs: number;
  /** Requests that read all its points once. */
  readonly requestsPerCycle: number;
  /** Of its fastest group: what the profile asks for, and the mean of the last minute (null without two polls). */
  readonly wantedIntervalMs: number | null;
  readonly actualIntervalMs: number | null;
  /** Milliseconds until a silent device is asked again; null while it answers. */
  readonly nextProbeInMs: number | null;
  /** The last trouble in words, such as `exception 2 (illegal data address) at holding 2001, 4 registers`; null when all is well. */
  readonly trouble: string | null;
}
