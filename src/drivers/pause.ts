import type { Clock } from '../shared/clock.ts';

/** A wait that can be ended early. After `end` no wait takes any time, and no timer is left behind. */
export interface Pause {
  wait(forMs: number): Promise<void>;
  /** Ends the wait that is under way, and no other. */
  wake(): void;
  end(): void;
  isOver(): boolean;
}

export function createPause(clock: Clock): Pause {
  let isOver = false;
  let wake: () => void = () => {};
  return {
    wait: forMs =>
      new Promise(resolve => {
        if (isOver) return resolve();
        const timer = clock.after(forMs, resolve);
        wake = () => {
          timer.cancel();
          resolve();
        };
      }),
    wake: () => wake(),
    end() {
      isOver = true;
      wake();
    },
    isOver: () => isOver,
  };
}
