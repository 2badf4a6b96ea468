import type { WeightReading } from '../../../src/readings/reading.ts';
import { eachSample } from './plate-rows.ts';
import { createRolling, type Rolling } from './rolling.ts';

/** A stretch in which the shelf's summed weight was restless, with each plate's mean before and after. */
export interface Activity {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly endedMs: number;
}

/** Lengths in samples, variance in square grams. */
export interface ActivityRule {
  readonly window: number;
  readonly holds: number;
  readonly ends: number;
  readonly variance: number;
}

/**
 * Finds stretches in which the moving variance of the shelf's sum stays above `variance` (square grams) for
 * `holds` samples; they end when it has been below for `ends`.
 */
export function createShelfActivity(plates: number, rule: ActivityRule) {
  const { window, holds, ends, variance } = rule;
  const shelf = createRolling(window);
  const each = Array.from({ length: plates }, () => createRolling(window));
  const means = () => each.map((rolling: Rolling) => rolling.mean);
  // The means of a window ago lie wholly before the variance began to rise.
  const past: (readonly number[])[] = [];
  let before: readonly number[] = [];
  let over = 0;
  let under = 0;
  let active = false;
  const see = (row: Float64Array, atMs: number): Activity | null => {
    let sum = 0;
    for (let p = 0; p < plates; p++) {
      sum += row[p]!;
      each[p]!.push(row[p]!);
    }
    shelf.push(sum);
    if (!shelf.isFull) return null;
    const isOver = shelf.variance > variance;
    over = isOver ? over + 1 : 0;
    under = isOver ? 0 : under + 1;
    if (!active) {
      if (over === 1) before = past[0] ?? means();
      active = over >= holds;
      past.push(means());
      if (past.length > window / 2) past.shift();
      return null;
    }
    if (under < ends) return null;
    active = false;
    past.length = 0;
    return { before, after: means(), endedMs: atMs };
  };
  return (batch: WeightReading): readonly Activity[] => {
    const ended: Activity[] = [];
    eachSample(batch, (row, atMs) => {
      const activity = see(row, atMs);
      if (activity) ended.push(activity);
    });
    return ended;
  };
}
