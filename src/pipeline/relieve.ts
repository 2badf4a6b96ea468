import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { PartHealth } from '../shared/part.ts';
import type { Fact } from '../store/fact.ts';
import type { BacklogView, Outbox, ReliefLevel } from '../store/outbox.ts';
import { levelOf } from '../store/relief.ts';
import type { BacklogLevelFact, RefusedCount } from '../store/sync-facts.ts';

interface RelieveOptions {
  readonly outbox: Pick<Outbox, 'backlog' | 'relieve' | 'oldestPendingMs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  /** Puts the fact into the log and tells whoever listens. Throws when the disk cannot take it. */
  readonly commit: (fact: BacklogLevelFact) => void;
}

export interface Relieve {
  /** Makes room where it runs out, and says so when that begins, goes further or ends. Returns how many events went. */
  makeRoom(): number;
  /** Whether the log takes such a fact now. One that it does not take is counted. */
  takes(fact: Fact): boolean;
}

/** What is done at each level, for people. */
const DOING: Record<Exclude<ReliefLevel, 'none'>, string> = {
  coalesce: 'minutes of footfall and temperature are put together to 15',
  discard: 'what devices did and older footfall is given up',
  last: 'older temperatures are given up too, and new footfall and temperatures are not taken',
};

const ORDER: readonly ReliefLevel[] = ['none', 'coalesce', 'discard', 'last'];
/** A level is left only when there is this much more room than it took to reach it, and not at once: it would flutter. */
const MARGIN = 0.02;
const STAYS_MS = 10_000;

/** What is not taken where there is no room for it. The newest of a device takes the place of the one before it. */
type Refusable = 'footfall' | 'temperature';
const isRefusable = (type: Fact['type']): type is Refusable => type === 'footfall' || type === 'temperature';

/** Makes room where events wait for the cloud, and refuses what would only be given up again. */
export function createRelieve(options: RelieveOptions): Relieve {
  const { outbox, clock, log, counters, commit } = options;
  let known: ReliefLevel = 'none';
  let knownReason: BacklogLevelFact['reason'] = null;
  let knownSinceMs = Number.NEGATIVE_INFINITY;
  /** What the log says, which a full disk keeps behind. */
  let logged: ReliefLevel = 'none';
  const refused = new Map<Refusable, number>();

  const isLeft = ({ level, usedShare }: BacklogView) => {
    if (ORDER.indexOf(level) >= ORDER.indexOf(known)) return level !== known;
    const isLate = clock.monotonicMs() - knownSinceMs >= STAYS_MS;
    return isLate && ORDER.indexOf(levelOf(usedShare + MARGIN)) < ORDER.indexOf(known);
  };
  const note = (view: BacklogView) => {
    if (isLeft(view)) {
      [known, knownReason] = [view.level, view.reason];
      knownSinceMs = clock.monotonicMs();
      const { level, bytes, budgetBytes, reason } = view;
      log.warn({ level, reason, bytes, budgetBytes }, doing(level) ?? 'there is room for events again');
    }
    if (logged === known) return;
    const { bytes, budgetBytes } = view;
    const counts = [...refused].map(([of, count]): RefusedCount => ({ of, count }));
    const oldestMs = outbox.oldestPendingMs();
    try {
      const now = { level: known, reason: knownReason, bytes, budgetBytes, oldestMs };
      commit({ type: 'backlog_level', ...now, refused: counts });
    } catch {
      // The disk does not take it yet: health and the log of the process tell it meanwhile.
      return;
    }
    logged = known;
    refused.clear();
  };
  return {
    makeRoom() {
      const view = outbox.backlog();
      note(view);
      const went = outbox.relieve();
      if (went > 0) counters.add('events_discarded_total', { level: view.level }, went);
      return went;
    },
    takes({ type }) {
      if (known !== 'last' || !isRefusable(type)) return true;
      refused.set(type, (refused.get(type) ?? 0) + 1);
      counters.add('facts_refused_total', { type });
      return false;
    },
  };
}

/** What is done about the room at a level; null when nothing has to be. */
export const doing = (level: ReliefLevel): string | null => (level === 'none' ? null : DOING[level]);

/** How full the room for events is, as the health of the database. */
export function roomHealth({ level, usedShare, reason }: BacklogView): PartHealth {
  const what = doing(level);
  if (what === null) return { state: 'ok' };
  const full =
    reason === 'disk_full'
      ? 'the disk is full'
      : `events that the cloud has not heard take ${Math.round(usedShare * 100)} % of their room`;
  return { state: 'degraded', detail: `${full}; ${what}` };
}
