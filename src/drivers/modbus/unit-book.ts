import type { DeviceBudget } from '../../readings/bus-budget.ts';
import type { Clock } from '../../shared/clock.ts';
import { createVitals, type VitalsBook } from '../vitals.ts';
import type { BusAnswer } from './bus.ts';
import { createPatience, type Patience } from './patience.ts';
import { createRollingCounts } from './rolling-counts.ts';

/** What one unit costs its line and how it answers: the figures behind its budget, its vitals and its time-out. */
export interface UnitBook {
  readonly patience: Patience;
  readonly vitals: VitalsBook;
  asked(answer: BusAnswer, tookMs: number, what: string): void;
  /** A reply that was not used; `lateMs` after its request where that is known. */
  dropped(lateMs: number | null): void;
  /** Its fastest group was read once more. */
  polled(): void;
  figures(): BookFigures;
}

export interface BookFigures
  extends Pick<
    DeviceBudget,
    | 'requests'
    | 'timeouts'
    | 'exceptions'
    | 'dropped'
    | 'busyMsPerMinute'
    | 'lostMsPerMinute'
    | 'roundTripMs'
    | 'timeoutMs'
    | 'actualIntervalMs'
  > {
  readonly windowMs: number;
  /** Mean time that one answered request takes of the line; null until there was one. */
  readonly requestMs: number | null;
}

const KEYS = ['requests', 'timeouts', 'exceptions', 'dropped', 'busyMs', 'lostMs', 'gaps', 'gapMs'] as const;
const MINUTE_MS = 60_000;

export function createUnitBook(wholeTimeoutMs: number, clock: Clock): UnitBook {
  const counts = createRollingCounts(KEYS, clock);
  const patience = createPatience(wholeTimeoutMs);
  const vitals = createVitals(clock);
  let lastPollMs: number | null = null;

  return {
    patience,
    vitals,
    asked(answer, tookMs, what) {
      if (answer.kind === 'unreachable') return vitals.failed('there is no connection to the line');
      const isLost = answer.kind === 'timeout';
      counts.add({
        requests: 1,
        timeouts: isLost ? 1 : 0,
        exceptions: answer.kind === 'exception' ? 1 : 0,
        busyMs: tookMs,
        lostMs: isLost ? tookMs : 0,
      });
      if (isLost) {
        patience.timedOut();
        vitals.failed(`no answer within ${Math.round(tookMs)} ms to ${what}`);
        return;
      }
      patience.answered(tookMs);
      vitals.good(tookMs);
    },
    dropped(lateMs) {
      counts.add({ dropped: 1 });
      if (lateMs !== null) patience.answered(lateMs);
    },
    polled() {
      const nowMs = clock.monotonicMs();
      if (lastPollMs !== null) counts.add({ gaps: 1, gapMs: nowMs - lastPollMs });
      lastPollMs = nowMs;
    },
    figures() {
      const { windowMs, sums } = counts.read();
      const answered = sums.requests - sums.timeouts;
      const perMinute = (ms: number) => Math.round((ms * MINUTE_MS) / windowMs);
      return {
        windowMs,
        requests: sums.requests,
        timeouts: sums.timeouts,
        exceptions: sums.exceptions,
        dropped: sums.dropped,
        busyMsPerMinute: perMinute(sums.busyMs),
        lostMsPerMinute: perMinute(sums.lostMs),
        roundTripMs: patience.roundTripMs(),
        timeoutMs: patience.timeoutMs(),
        actualIntervalMs: sums.gaps === 0 ? null : Math.round(sums.gapMs / sums.gaps),
        requestMs: answered === 0 ? null : (sums.busyMs - sums.lostMs) / answered,
      };
    },
  };
}
