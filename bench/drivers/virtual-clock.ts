import type { Clock } from '../../src/shared/clock.ts';

export interface VirtualClock extends Clock {
  /** Lets what is waited for happen, one timer after the other without waiting, until `work` is done. */
  run<T>(work: Promise<T>): Promise<T>;
}

interface Entry {
  atMs: number;
  readonly everyMs: number | null;
  readonly callback: () => void;
}

/** Time that passes only when nobody has anything left to do: hours in seconds, and the same each time. */
export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  const entries = new Set<Entry>();
  const add = (delayMs: number, everyMs: number | null, callback: () => void) => {
    const entry: Entry = { atMs: nowMs + Math.max(0, delayMs), everyMs, callback };
    entries.add(entry);
    return { cancel: () => void entries.delete(entry) };
  };

  function fireNext(): void {
    let first: Entry | null = null;
    for (const entry of entries) if (!first || entry.atMs < first.atMs) first = entry;
    if (!first) return;
    nowMs = Math.max(nowMs, first.atMs);
    if (first.everyMs === null) entries.delete(first);
    else first.atMs += first.everyMs;
    first.callback();
  }

  return {
    nowMs: () => Date.UTC(2026, 0, 5, 8) + nowMs,
    monotonicMs: () => nowMs,
    after: (delayMs, callback) => add(delayMs, null, callback),
    every: (periodMs, callback) => add(periodMs, periodMs, callback),
    async run(work) {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      work.then(done, done);
      while (!isDone) {
        await endOfTurns();
        if (!isDone) fireNext();
      }
      return work;
    },
  };
}

/** Two turns: what a turn's end begins has its own end in the next. */
async function endOfTurns(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve));
}
