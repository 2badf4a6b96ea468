import type { Clock } from '../../src/shared/clock.ts';

interface Pending {
  atMs: number;
  everyMs: number | null;
  callback: () => void;
}

export interface ManualClock extends Clock {
  /** Moves time forward and runs what falls due on the way, in order. */
  advance(byMs: number): void;
}

/** A clock that stands still until a test moves it. Starts at 2026-01-05 08:00 UTC unless told otherwise. */
export function manualClock(startMs = Date.UTC(2026, 0, 5, 8)): ManualClock {
  let now = startMs;
  const pending = new Set<Pending>();
  const schedule = (delayMs: number, everyMs: number | null, callback: () => void) => {
    const entry: Pending = { atMs: now + delayMs, everyMs, callback };
    pending.add(entry);
    return { cancel: () => void pending.delete(entry) };
  };
  const nextDue = (untilMs: number) =>
    [...pending].filter(entry => entry.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  return {
    nowMs: () => now,
    monotonicMs: () => now - startMs,
    after: (delayMs, callback) => schedule(delayMs, null, callback),
    every: (periodMs, callback) => schedule(periodMs, periodMs, callback),
    advance(byMs) {
      const untilMs = now + byMs;
      for (let due = nextDue(untilMs); due; due = nextDue(untilMs)) {
        now = due.atMs;
        if (due.everyMs === null) pending.delete(due);
        else due.atMs += due.everyMs;
        due.callback();
      }
      now = untilMs;
    },
  };
}
