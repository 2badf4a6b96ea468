import type { DeviceVitals } from '../readings/vitals.ts';
import type { Clock } from '../shared/clock.ts';

/** Collects how one device does. All of it costs a few numbers a device, however often it is asked. */
export interface VitalsBook {
  /** A request was answered, or a message could be used. */
  good(roundTripMs?: number): void;
  /** It was not; `detail` says why to a technician. */
  failed(detail: string): void;
  /** The device told its time: its clock less ours, ms. */
  clock(offsetMs: number): void;
  /** Trouble that stands until it is taken back with null. */
  note(detail: string | null): void;
  read(): DeviceVitals;
}

interface Minute {
  readonly startMs: number;
  good: number;
  failed: number;
}

const MINUTES = 5;
const MINUTE_MS = 60_000;
const ROUND_TRIPS = 31;

export function createVitals(clock: Pick<Clock, 'monotonicMs'>): VitalsBook {
  let minutes: Minute[] = [];
  const roundTrips: number[] = [];
  let clockOffsetMs: number | null = null;
  let trouble: string | null = null;
  let standing: string | null = null;

  function minute(): Minute {
    const startMs = Math.floor(clock.monotonicMs() / MINUTE_MS) * MINUTE_MS;
    const last = minutes.at(-1);
    if (last?.startMs === startMs) return last;
    const opened = { startMs, good: 0, failed: 0 };
    minutes = [...minutes.filter(each => each.startMs > startMs - MINUTES * MINUTE_MS), opened];
    return opened;
  }

  return {
    good(roundTripMs) {
      minute().good += 1;
      trouble = null;
      if (roundTripMs === undefined) return;
      roundTrips.push(roundTripMs);
      if (roundTrips.length > ROUND_TRIPS) roundTrips.shift();
    },
    failed(detail) {
      minute().failed += 1;
      trouble = detail;
    },
    clock(offsetMs) {
      clockOffsetMs = Math.round(offsetMs);
    },
    note(detail) {
      standing = detail;
    },
    read() {
      minute();
      const good = minutes.reduce((sum, each) => sum + each.good, 0);
      const failed = minutes.reduce((sum, each) => sum + each.failed, 0);
      return {
        errorRate: good + failed === 0 ? null : failed / (good + failed),
        roundTripMs: median(roundTrips),
        clockOffsetMs,
        detail: standing ?? trouble,
      };
    },
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? null : Math.round(middle * 10) / 10;
}
