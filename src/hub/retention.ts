import type { Clock, Timer } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';
import type { HubDatabase } from './database.ts';
import { dropEventDays, makeEventDays } from './event-days.ts';
import { feedFloorMs, trimFeed } from './feed/consumers.ts';
import { hasDuty } from './receivers/duty.ts';

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
export function createRetention(options: RetentionOptions): Part & { round(): Promise<void> } {
  const { database, clock, log } = options;
  let timer: Timer | null = null;
  let running: Promise<void> | null = null;
  const round = () => {
    running ??= tend(options)
      .catch(error => log.error({ error: String(error) }, 'days of events could not be made or dropped'))
      .finally(() => {
        running = null;
      });
    return running;
  };
  return {
    name: 'retention',
    async start() {
      await makeEventDays(database);
      timer = clock.every(ROUND_MS, () => void round());
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
