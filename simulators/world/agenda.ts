/** What is going to happen in the simulated store, in simulated milliseconds since its start. */
export interface Agenda {
  nowMs(): number;
  /** Runs `action` at `delayMs` from now. Actions of one instant run in the order in which they were planned. */
  after(delayMs: number, action: () => void): void;
  /** Moves time to `untilMs` and runs what falls due on the way, each at its own instant. */
  runUntil(untilMs: number): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

const before = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Entries stay sorted, latest first, so that the next one is popped off the end. */
function insert(entries: Entry[], entry: Entry): void {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(entry, entries[middle]!)) low = middle + 1;
    else high = middle;
  }
  entries.splice(low, 0, entry);
}

export function createAgenda(): Agenda {
  const entries: Entry[] = [];
  let now = 0;
  let order = 0;
  return {
    nowMs: () => now,
    after(delayMs, action) {
      insert(entries, { atMs: now + Math.max(0, delayMs), order: order++, action });
    },
    runUntil(untilMs) {
      for (let next = entries.at(-1); next && next.atMs <= untilMs; next = entries.at(-1)) {
        entries.pop();
        now = next.atMs;
        next.action();
      }
      now = untilMs;
    },
  };
}
