import { limits } from '../../shared/limits.ts';

/** A device whose clock is further from ours than this is not believed. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

export interface EventTime {
  readonly eventTimeMs: number;
  /** False when a time was given and not believed; `eventTimeMs` is then the time of receipt. */
  readonly believed: boolean;
}

/** `oldestMs`: how far in the past a given time may lie, for senders that keep messages while they are cut off. */
export function eventTime(givenMs: number | null, nowMs: number, oldestMs = CLOCK_TOLERANCE_MS): EventTime {
  if (givenMs === null) return { eventTimeMs: nowMs, believed: true };
  const believed = givenMs >= nowMs - oldestMs && givenMs <= nowMs + CLOCK_TOLERANCE_MS;
  return { eventTimeMs: believed ? givenMs : nowMs, believed };
}

/** Whether a record that a device kept may be recorded: neither from the future nor from before its clock was set. */
export const mayBeRecorded = (givenMs: number, nowMs: number) =>
  eventTime(givenMs, nowMs, limits.messageAgeMs).believed;

export type TimeFormat = 'unix-ms' | 'iso';

/** Unix milliseconds, or null when the value is not a time in that format. ISO 8601 needs its offset or `Z`. */
export function readTime(value: unknown, format: TimeFormat): number | null {
  if (format === 'iso') {
    const zoned = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:?\d\d)$/.test(value);
    const ms = zoned ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const ms = Math.round(value);
  return Number.isSafeInteger(ms) ? ms : null;
}
