import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';

/** What every command is given: time, chance, the log, and where a person reads. */
export interface Environment {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly print: (line: string) => void;
}

/** A command that goes on until it is stopped. `failed` resolves with the reason when it ends by itself. */
export interface Running {
  stop(): Promise<void>;
  readonly failed?: Promise<Error>;
}
