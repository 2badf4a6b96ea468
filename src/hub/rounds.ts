import type { Clock, Timer } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';

interface RoundsOptions {
  readonly name: string;
  readonly everyMs: number;
  /** What a round does. One that fails is told, and the next one comes in its time. */
  readonly work: () => Promise<void>;
  /** What to say when the work fails. */
  readonly failed: string;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Rounds extends Part {
  /** Does what is due now; joins the round that is under way, if there is one. */
  round(): Promise<void>;
}

/** Work that comes again and again, one round at a time. `stop` waits for the one that is under way. */
export function createRounds({ name, everyMs, work, failed, clock, log }: RoundsOptions): Rounds {
  let timer: Timer | null = null;
  let running: Promise<void> | null = null;
  const round = () => {
    running ??= work()
      .catch(error => log.error({ error: String(error) }, failed))
      .finally(() => {
        running = null;
      });
    return running;
  };
  return {
    name,
    async start() {
      timer = clock.every(everyMs, () => void round());
    },
    async stop() {
      timer?.cancel();
      timer = null;
      await running;
    },
    health: () => ({ state: timer ? 'ok' : 'stopped' }),
    round,
  };
}
