import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { HubDatabase } from './database.ts';
import { dropEventDays, makeEventDays } from './event-days.ts';
import { feedFloorMs, trimFeed } from './feed/consumers.ts';
import { hasDuty } from './receivers/duty.ts';
import { createRounds, type Rounds } from './rounds.ts';

interface RetentionOptions {
  readonly database: HubDatabase;
  readonly receiver: string;
  /** Days that events are kept after the day on which they were received. */
  readonly keepDays: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** A month, in which every question about a delivery is asked. */
export const DEFAULT_KEEP_DAYS = 35;
const ROUND_MS = 60 * 60_000;
const DAY_MS = 24 * ROUND_MS;

/**
 * Makes room for the events of the next days, and drops days that are old enough and that every reader of the change feed has had.
 * What is folded of an event is committed with the event, so a day that is over is folded; stock, watermarks and what was put aside
 * stay.
 */
export function createRetention(options: RetentionOptions): Rounds {
  const { database, clock, log } = options;
  const rounds = createRounds({
    name: 'retention',
    everyMs: ROUND_MS,
    work: () => tend(options),
    failed: 'days of events could not be made or dropped',
    clock,
    log,
  });
  const start = async () => {
    await makeEventDays(database);
    await rounds.start();
  };
  return { ...rounds, start };
}

async function tend({ database, receiver, keepDays, clock, log }: RetentionOptions): Promise<void> {
  await makeEventDays(database);
  if (!(await hasDuty(database, 'retention', receiver, 2 * ROUND_MS))) return;
  const nowMs = clock.nowMs();
  const floorMs = (await feedFloorMs(database, nowMs)) ?? Number.POSITIVE_INFINITY;
  const keptFromMs = await dropEventDays(database, Math.min(nowMs - keepDays * DAY_MS, floorMs));
  if (keptFromMs === null) return;
  await trimFeed(database, keptFromMs);
  log.info({ keptFrom: new Date(keptFromMs).toISOString().slice(0, 10) }, 'old events deleted');
}
