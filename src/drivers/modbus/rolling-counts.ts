import type { Clock } from '../../shared/clock.ts';

/** Sums over the last minute, in steps of five seconds: what a technician watches while turning a screw. */
export interface RollingCounts<K extends string> {
  add(amounts: Partial<Record<K, number>>): void;
  /** The sums, and how long they cover. */
  read(): { readonly windowMs: number; readonly sums: Readonly<Record<K, number>> };
}

const STEP_MS = 5_000;
const STEPS = 12;

export function createRollingCounts<K extends string>(
  keys: readonly K[],
  clock: Pick<Clock, 'monotonicMs'>,
): RollingCounts<K> {
  const zero = () => Object.fromEntries(keys.map(key => [key, 0])) as Record<K, number>;
  const startedAtMs = clock.monotonicMs();
  let steps: { readonly startMs: number; readonly sums: Record<K, number> }[] = [];

  function step() {
    const startMs = Math.floor(clock.monotonicMs() / STEP_MS) * STEP_MS;
    const last = steps.at(-1);
    if (last?.startMs === startMs) return last;
    const opened = { startMs, sums: zero() };
    steps = [...steps.filter(each => each.startMs > startMs - STEPS * STEP_MS), opened];
    return opened;
  }

  return {
    add(amounts) {
      const { sums } = step();
      for (const key of keys) sums[key] += amounts[key] ?? 0;
    },
    read() {
      const sums = zero();
      const nowMs = clock.monotonicMs();
      const oldestMs = step().startMs - (STEPS - 1) * STEP_MS;
      for (const each of steps) for (const key of keys) sums[key] += each.sums[key];
      return { windowMs: Math.max(1, nowMs - Math.max(startedAtMs, oldestMs)), sums };
    },
  };
}
