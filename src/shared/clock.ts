/** A pending callback that can be called off. Cancelling twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time in the project. `nowMs` is wall-clock time (Unix epoch, may step);
 * `monotonicMs` never steps and is the one for durations.
 */
export interface Clock {
  nowMs(): number;
  monotonicMs(): number;
  after(delayMs: number, callback: () => void): Timer;
  every(periodMs: number, callback: () => void): Timer;
}

export function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, callback) {
      const handle = setTimeout(callback, delayMs);
      return { cancel: () => clearTimeout(handle) };
    },
    every(periodMs, callback) {
      const handle = setInterval(callback, periodMs);
      return { cancel: () => clearInterval(handle) };
    },
  };
}

/** Resolves after `delayMs` on the given clock. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise(resolve => {
    clock.after(delayMs, resolve);
  });
}

/** Waits for `work`, but no longer than `deadlineMs`. False when time was up first; `work` then goes on unheeded. */
export function within(clock: Clock, deadlineMs: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(deadlineMs, () => resolve(false));
    work.then(() => resolve(true), reject).finally(() => timer.cancel());
  });
}

/** Runs the callback when the input of this turn of the event loop has been read: what arrives together is handled together. */
export function endOfTurn(callback: () => void): void {
  setImmediate(callback);
}
