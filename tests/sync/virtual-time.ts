import type { Clock } from '../../src/shared/clock.ts';

interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that jumps from one due task to the next. Everything of a history happens in here, so its seed repeats it. */
export interface VirtualTime {
  nowMs(): number;
  after(delayMs: number, run: () => void): { cancel(): void };
  /** Runs due tasks in order until `isOver`, or until `untilMs`. */
  run(isOver: () => boolean, untilMs: number): Promise<void>;
}

/** The longest chain of promises behind one message, with room to spare. */
const ROUNDS = 16;
const STARTS_MS = Date.UTC(2026, 0, 5, 8);

export function createVirtualTime(): VirtualTime {
  const heap: Task[] = [];
  let nowMs = STARTS_MS;
  let order = 0;
  const isBefore = (a: Task, b: Task) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

  function push(task: Task): void {
    let child = heap.push(task) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) return;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }
  function pop(): Task | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      if (left >= heap.length) return first;
      const right = left + 1;
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left;
      if (!isBefore(heap[child]!, heap[parent]!)) return first;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      parent = child;
    }
  }
  return {
    nowMs: () => nowMs,
    after(delayMs, run) {
      const task: Task = { atMs: nowMs + Math.max(0, delayMs), order: order++, run, isCancelled: false };
      push(task);
      return {
        cancel() {
          task.isCancelled = true;
        },
      };
    },
    async run(isOver, untilMs) {
      while (!isOver()) {
        const task = heap[0];
        if (!task || task.atMs > untilMs) return;
        pop();
        if (task.isCancelled) continue;
        nowMs = task.atMs;
        task.run();
        // Promises that this task settled, and those behind them, are heard before time goes on.
        for (let round = 0; round < ROUNDS; round++) await null;
      }
    },
  };
}

export { STARTS_MS };

/** The clock of one process: when the process dies, nothing that it had planned happens. */
export function processClock(time: VirtualTime): Clock & { die(): void } {
  let isDead = false;
  const guarded = (run: () => void) => () => {
    if (!isDead) run();
  };
  return {
    nowMs: time.nowMs,
    monotonicMs: () => time.nowMs() - STARTS_MS,
    after: (delayMs, run) => time.after(delayMs, guarded(run)),
    every(periodMs, run) {
      let pending = { cancel() {} };
      const next = () => {
        pending = time.after(
          periodMs,
          guarded(() => {
            next();
            run();
          }),
        );
      };
      next();
      return { cancel: () => pending.cancel() };
    },
    die() {
      isDead = true;
    },
  };
}
