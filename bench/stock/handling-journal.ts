import type { Handling } from '../../simulators/world/handling.ts';
import type { World } from '../../simulators/world/world.ts';

/** A handling at its time on the wall clock. */
export interface Seen extends Handling {
  readonly goneMs: number;
  /** A shelf event named it. */
  matched: boolean;
}

/** All that hands did on the facings of the simulated store. */
export interface HandlingJournal {
  /** Notes what is new. Often enough, because the world remembers only the last of them. */
  look(): void;
  /**
   * The handlings not yet matched that add up to `units` of the item and were over in time for a weight that
   * settled then; empty when there are none.
   */
  runOf(facing: string, gtin: string, units: number, onsetMs: number, settledMs: number): readonly Seen[];
  /** A pick since `sinceMs` that no shelf event named. */
  missedPick(facing: string, sinceMs: number): Seen | undefined;
}

/** A shelf event settles between this long before and after the hand was really gone. */
const EARLY_MS = 600;
const LATE_MS = 2_600;
const MOST_AT_ONCE = 6;

export function createHandlingJournal(world: World, startMs: number): HandlingJournal {
  const byFacing = new Map<string, Seen[]>();
  const known = new Set<Handling>();
  return {
    look() {
      for (const handling of world.desk.recent) {
        if (known.has(handling) || handling.change === 0) continue;
        known.add(handling);
        const all = byFacing.get(handling.facing) ?? [];
        byFacing.set(handling.facing, all);
        all.push({ ...handling, goneMs: startMs + handling.handGoneAtMs, matched: false });
      }
    },
    runOf(facing, gtin, units, onsetMs, settledMs) {
      const near = (byFacing.get(facing) ?? []).filter(
        ({ goneMs, matched }) => !matched && goneMs >= onsetMs - LATE_MS && goneMs <= settledMs + EARLY_MS,
      );
      for (let length = 1; length <= MOST_AT_ONCE; length++) {
        for (let from = near.length - length; from >= 0; from--) {
          const run = near.slice(from, from + length);
          const sum = run.reduce((total, { change }) => total + change, 0);
          if (sum === units && run.every(handling => handling.gtin === gtin)) return run;
        }
      }
      return [];
    },
    missedPick: (facing, sinceMs) =>
      (byFacing.get(facing) ?? []).find(
        ({ kind, matched, goneMs }) => kind === 'pick' && !matched && goneMs > sinceMs,
      ),
  };
}
