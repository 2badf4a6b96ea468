import type { Clock } from '../../../src/shared/clock.ts';

/** A real clock that runs `factor` times as fast, so that a simulated minute fits into a test. */
export function quickClock(factor: number): Clock {
  const began = performance.now();
  const startMs = Date.UTC(2026, 0, 5, 12);
  const monotonicMs = () => (performance.now() - began) * factor;
  return {
    monotonicMs,
    nowMs: () => startMs + Math.floor(monotonicMs()),
    after(delayMs, callback) {
      const handle = setTimeout(callback, delayMs / factor);
      return { cancel: () => clearTimeout(handle) };
    },
    every(periodMs, callback) {
      const handle = setInterval(callback, periodMs / factor);
      return { cancel: () => clearInterval(handle) };
    },
  };
}
