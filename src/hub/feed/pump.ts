import type { Clock, Timer } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase } from '../database.ts';
import { sequence } from './sequencer.ts';

/** Looks for new events as long as somebody reads the feed: one look for all readers of this process. */
export interface FeedPump {
  /** Somebody reads. Call the answer when he has gone. */
  join(): () => void;
  /** Looks now; resolves with the place of the last run. */
  look(): Promise<number>;
  /** The place of the last run, as of the last look. */
  head(): number;
  /** Resolves when there is more than `seen`, when `waitMs` are over, or when the reader goes. */
  waitBehind(seen: number, waitMs: number, gone: AbortSignal): Promise<void>;
}

export function createFeedPump(database: HubDatabase, clock: Clock, log: Log): FeedPump {
  const waiting = new Set<() => void>();
  let readers = 0;
  let head = 0;
  let ticking: Timer | null = null;
  let looking: Promise<number> | null = null;

  const look = () => {
    looking ??= sequence(database, clock.nowMs())
      .then(place => {
        if (place > head) {
          head = place;
          for (const wake of waiting) wake();
        }
        return head;
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  const tick = () => void look().catch(error => log.warn({ error: String(error) }, 'the feed waits'));

  return {
    look,
    head: () => head,
    join() {
      readers += 1;
      ticking ??= clock.every(limits.hubFeedLookMs, tick);
      return () => {
        readers -= 1;
        if (readers > 0) return;
        ticking?.cancel();
        ticking = null;
      };
    },
    waitBehind(seen, waitMs, gone) {
      if (head > seen || gone.aborted) return Promise.resolve();
      return new Promise(resolve => {
        const wake = () => {
          late.cancel();
          waiting.delete(wake);
          gone.removeEventListener('abort', wake);
          resolve();
        };
        const late = clock.after(waitMs, wake);
        waiting.add(wake);
        gone.addEventListener('abort', wake);
      });
    },
  };
}
