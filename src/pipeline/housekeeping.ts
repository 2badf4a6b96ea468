import type { Submit } from '../readings/submit.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';

interface HousekeepingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly submit: Submit;
  /** Deletes acknowledged events older than this moment, a bounded number at a time; returns how many went. */
  readonly trim: (beforeMs: number, maxRows: number) => number;
  /** Makes room where the backlog of the cloud link runs out of it; returns how many events went. */
  readonly relieve: () => number;
  /** Moves the write-ahead log into the database file. */
  readonly checkpoint: () => boolean;
  /** A policy, so it is asked for each time. */
  readonly retainMs: () => number;
  /** Since when nobody shops at a moment (Unix ms); null when somebody may. */
  readonly emptySince: (nowMs: number) => number | null;
}

const TICK_MS = 1_000;
/** As long as room is made, it goes on, with pauses for everybody else. */
const MORE_ROOM_MS = 100;
const TIDY_MS = 60_000;
const TRIM_ROWS = 5_000;

/** Tells the domains that time passes, and keeps the database from growing without bound. */
export function createHousekeeping(options: HousekeepingOptions): Part {
  const { clock, log, submit, trim, relieve, checkpoint, retainMs, emptySince } = options;
  const timers: Timer[] = [];
  const tick = () => {
    const nowMs = clock.nowMs();
    const emptySinceMs = emptySince(nowMs);
    const empty = emptySinceMs === null ? {} : { emptySinceMs };
    void submit([{ kind: 'tick', eventTimeMs: nowMs, receivedTimeMs: nowMs, ...empty }]);
    makeRoom();
  };
  let more: Timer | null = null;
  const makeRoom = () => {
    more?.cancel();
    more = null;
    try {
      if (relieve() > 0) more = clock.after(MORE_ROOM_MS, makeRoom);
    } catch (error) {
      log.warn({ error: String(error) }, 'no room could be made for events');
    }
  };
  const tidy = () => {
    try {
      trim(clock.nowMs() - retainMs(), TRIM_ROWS);
      checkpoint();
    } catch (error) {
      // Tidying is never worth a stop: it is tried again in a minute, and commits report a full disk themselves.
      log.warn({ error: String(error) }, 'the database could not be tidied');
    }
  };
  return {
    name: 'housekeeping',
    start: async () => {
      timers.push(clock.every(TICK_MS, tick), clock.every(TIDY_MS, tidy));
    },
    stop: async () => {
      for (const timer of timers.splice(0)) timer.cancel();
      more?.cancel();
    },
    health: () => ({ state: timers.length > 0 ? 'ok' : 'stopped' }),
  };
}
