import { doublingMs } from '../../shared/backoff.ts';
import type { BusContext } from './bus-link.ts';

/** Counts failed requests of one unit and decides when the next one is worth a time-out of the line. */
export interface Breaker {
  /** The unit must not be asked before that time. */
  notBeforeMs(): number;
  /** It has not answered for longer than a single miss, which may be the wire's or our own. */
  isSilent(): boolean;
  /** It counts as gone: more silence than the profile's retries allow. */
  isOpen(): boolean;
  failed(how: 'silent' | 'unreachable'): void;
  /** It answered, if only too late. True when it had counted as gone. */
  answered(): boolean;
}

const FAILURES_BEFORE_BACKOFF = 2;
// A unit that misses once keeps its place on the line: beside many dead ones it would wait long for a second chance.
const MISSES_FORGIVEN = 1;
const BACKOFF_BASE_MS = 5_000;
const BACKOFF_CAP_MS = 300_000;

/** `retries`: silences in a row that a unit is forgiven. One that never answered is forgiven none. */
export function createBreaker(retries: number, { clock, random }: BusContext): Breaker {
  let failures = 0;
  let timeouts = 0;
  let hasAnswered = false;
  let notBeforeMs = 0;
  return {
    notBeforeMs: () => notBeforeMs,
    isSilent: () => timeouts > (hasAnswered ? Math.min(retries, MISSES_FORGIVEN) : 0),
    isOpen: () => failures > (hasAnswered ? retries : 0),
    failed(how) {
      failures += 1;
      // Without a connection nothing is asked, and the connection has its own back-off.
      if (how === 'unreachable') return;
      timeouts += 1;
      const attempt = timeouts - 1 - Math.max(FAILURES_BEFORE_BACKOFF, retries);
      if (attempt < 0) return;
      notBeforeMs = clock.monotonicMs() + doublingMs(attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS, random);
    },
    answered() {
      const wasGone = failures > (hasAnswered ? retries : 0);
      hasAnswered = true;
      failures = 0;
      timeouts = 0;
      notBeforeMs = 0;
      return wasGone;
    },
  };
}
