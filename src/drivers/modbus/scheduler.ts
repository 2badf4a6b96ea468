import type { Clock } from '../../shared/clock.ts';
import type { Job, Priority, Spent } from './job.ts';

/** Whose turn it is on a line. */
export interface Scheduler {
  /** The next job, or how long nobody will want the line (at most a minute; a write may come earlier). */
  next(): { readonly job: Job } | { readonly waitMs: number };
  /** The job's request is over. */
  done(job: Job, spent: Spent): void;
}

const RANKS: Readonly<Record<Priority, number>> = { write: 0, alarm: 1, live: 2, slow: 3 };
// Every so many turns the one that has waited longest goes first, so that nobody starves.
const TURNS_TO_THE_LATEST = 4;
// Silent units together get this share of the line, as long as anybody answers on it.
const SHARE_OF_THE_SILENT = 0.05;
const LONGEST_WAIT_MS = 60_000;

/**
 * Writes, then alarms, live and slow groups; within a class the unit that was served longest ago. A group that has
 * begun is finished before others of its class. Units that did not answer are asked so seldom that what their
 * time-outs cost stays a twentieth of the line.
 */
export function createScheduler(jobs: readonly Job[], clock: Pick<Clock, 'monotonicMs'>): Scheduler {
  const servedAt = new Map<number, number>();
  let turn = 0;
  let silentNotBeforeMs = 0;

  const isFree = (job: Job, nowMs: number) => !job.isRisky() || nowMs >= silentNotBeforeMs;
  const lastServed = (job: Job) => servedAt.get(job.unit) ?? -1;

  function inOrder(a: Job, b: Job): number {
    return (
      RANKS[a.priority] - RANKS[b.priority] ||
      Number(b.isUnderWay()) - Number(a.isUnderWay()) ||
      lastServed(a) - lastServed(b) ||
      a.dueMs() - b.dueMs()
    );
  }

  function waitOf(job: Job, nowMs: number): number {
    const freeMs = job.isRisky() ? silentNotBeforeMs : 0;
    return Math.max(job.dueMs(), freeMs) - nowMs;
  }

  return {
    next() {
      const nowMs = clock.monotonicMs();
      const due = jobs.filter(job => job.dueMs() <= nowMs && isFree(job, nowMs));
      if (due.length === 0) {
        const waits = jobs.map(job => waitOf(job, nowMs));
        return { waitMs: Math.max(1, Math.min(LONGEST_WAIT_MS, ...waits)) };
      }
      const late = (job: Job) => (nowMs - job.dueMs()) / job.everyMs;
      const byLateness = turn % TURNS_TO_THE_LATEST === TURNS_TO_THE_LATEST - 1;
      const order = byLateness ? (a: Job, b: Job) => late(b) - late(a) || inOrder(a, b) : inOrder;
      return { job: due.reduce((best, job) => (order(job, best) < 0 ? job : best)) };
    },
    done(job, { lostMs }) {
      turn += 1;
      servedAt.set(job.unit, turn);
      if (lostMs === 0) return;
      // Where all are silent, nobody is kept waiting.
      const hasLiving = jobs.some(other => !other.isRisky());
      const pauseMs = hasLiving ? lostMs / SHARE_OF_THE_SILENT - lostMs : 0;
      silentNotBeforeMs = clock.monotonicMs() + pauseMs;
    },
  };
}
