import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { PartHealth } from '../shared/part.ts';
import type { BacklogView, Outbox, ReliefLevel } from '../store/outbox.ts';

interface RelieveOptions {
  readonly outbox: Pick<Outbox, 'backlog' | 'relieve'>;
  readonly log: Log;
  readonly counters: Counters;
}

/** What is done at each level, for people. */
const DOING: Record<Exclude<ReliefLevel, 'none'>, string> = {
  coalesce: 'minutes of footfall and temperature are put together to 15',
  discard: 'what devices did and older footfall is given up',
  last: 'older temperatures are given up too',
};

/** Makes room where events wait for the cloud, and says so when that begins, goes further or ends. */
export function createRelieve({ outbox, log, counters }: RelieveOptions): () => number {
  let known: ReliefLevel = 'none';
  return () => {
    const { level, bytes, budgetBytes } = outbox.backlog();
    if (level !== known) {
      const doing = level === 'none' ? 'there is room for events again' : DOING[level];
      log.warn({ level, bytes, budgetBytes }, doing);
      known = level;
    }
    const went = outbox.relieve();
    if (went > 0) counters.add('events_discarded_total', { level }, went);
    return went;
  };
}

/** How full the room for events is, as the health of the database. */
export function roomHealth({ level, usedShare }: BacklogView): PartHealth {
  if (level === 'none') return { state: 'ok' };
  const full = `events that the cloud has not heard take ${Math.round(usedShare * 100)} % of their room`;
  return { state: 'degraded', detail: `${full}; ${DOING[level]}` };
}
