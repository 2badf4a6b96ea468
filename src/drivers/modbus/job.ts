import type { Bus } from './bus.ts';

/** Who goes first on a busy line. */
export type Priority = 'write' | 'alarm' | 'live' | 'slow';

/** Something that a unit wants of its line, one request at a time. */
export interface Job {
  readonly unit: number;
  readonly priority: Priority;
  /** How often it comes back; what it is late by is measured with it. */
  readonly everyMs: number;
  /** Monotonic time from which it wants the line; Infinity when it wants nothing. */
  dueMs(): number;
  /** It has begun: the rest belongs to the same moment. */
  isUnderWay(): boolean;
  /** Its unit did not answer the last time: this may cost the line a time-out. */
  isRisky(): boolean;
  /** One request. Never rejects. */
  run(bus: Bus): Promise<Spent>;
}

/** `lostMs`: time of the line that was waited in vain. */
export interface Spent {
  readonly lostMs: number;
}
