import type { Backlog } from './backlog.ts';
import { ROW_BYTES } from './backlog.ts';
import { putTogether, type Together } from './coalesce.ts';
import type { Database } from './database.ts';
import type { Discards } from './discards.ts';
import { type EventRow, entryOf } from './event-log.ts';
import type { LogEntry } from './fact.ts';
import { coldProjection } from './projections/cold-projection.ts';
import { footfallProjection } from './projections/footfall-projection.ts';
import type { DiscardReason, ReliefLevel, ShedType } from './sync-facts.ts';

/** Shares of the byte budget from which on something is done. */
export const LEVELS = { coalesce: 0.7, discard: 0.85, last: 0.95 } as const;

/** Rows that one call looks at, so that none holds the event loop for long. */
const ROWS = 150;

export interface ReliefNeed {
  readonly level: ReliefLevel;
  readonly reason: DiscardReason;
  /** Events up to this one may be with the cloud already; they are left alone. */
  readonly sentSeq: number;
}

export function levelOf(usedShare: number): ReliefLevel {
  if (usedShare >= LEVELS.last) return 'last';
  if (usedShare >= LEVELS.discard) return 'discard';
  return usedShare >= LEVELS.coalesce ? 'coalesce' : 'none';
}

/**
 * Makes room among the events that the cloud has not heard: puts the minutes of footfall and temperature together, then
 * gives up what devices did and the footfall, then the temperatures, oldest first; never anything else, and never the
 * newest of a device or of the log. Returns how many events went; works on a full disk as long as the reserve lasts.
 */
export function createRelief(database: Database, backlog: Backlog, discards: Discards) {
  const { connection } = database;
  const next = connection.prepare<[ShedType, number, number], EventRow>(`
    SELECT seq, event_time_ms, received_time_ms, fact FROM event
    WHERE type IN ('footfall', 'temperature', 'device') AND type = ? AND seq > ? ORDER BY seq LIMIT ?`);
  const expendable = connection.prepare<[ShedType, number, number], EventRow>(`
    SELECT seq, event_time_ms, received_time_ms, fact FROM event
    WHERE type IN ('footfall', 'temperature', 'device') AND type = ? AND seq > ?
      AND seq <> (SELECT max(seq) FROM event)
      AND NOT EXISTS (SELECT 1 FROM latest_fact WHERE latest_fact.subject = type || ' ' || (event.fact ->> 'device')
        AND latest_fact.seq = event.seq)
    ORDER BY seq LIMIT ?`);
  const remove = connection.prepare('DELETE FROM event WHERE seq = ?');
  const replace = connection.prepare('UPDATE event SET fact = ? WHERE seq = ?');
  // Only the minutes: the newest of everything stays in the log, so that what holds last still does.
  const keepMinutes = [coldProjection, footfallProjection].map(fold => fold.prepare(connection, 'base_'));
  const searched = new Map<ShedType, number>();

  const drop = (entry: LogEntry, type: ShedType, reason: DiscardReason, intoSeq: number | null) => {
    for (const keep of keepMinutes) keep(entry);
    remove.run(entry.seq);
    discards.add({ ...entry, type, reason, intoSeq });
    return bytesOf(entry.fact);
  };
  const coalesceOne = (type: ShedType, { entries, sum }: Together, reason: DiscardReason): number => {
    const last = entries.at(-1)!;
    const others = entries.slice(0, -1);
    const freed = others.map(entry => drop(entry, type, reason, last.seq)).reduce((a, b) => a + b, 0);
    for (const keep of keepMinutes) keep(last);
    replace.run(JSON.stringify(sum), last.seq);
    backlog.less(type, freed + bytesOf(last.fact) - bytesOf(sum));
    return others.length;
  };
  const coalesce = (type: ShedType, { reason, sentSeq }: ReliefNeed): number => {
    const fromSeq = Math.max(sentSeq, searched.get(type) ?? 0);
    const entries = next.all(type, fromSeq, ROWS).map(entryOf);
    const { together, throughSeq } = putTogether(entries, entries.length === ROWS);
    searched.set(type, Math.max(fromSeq, throughSeq));
    return together.map(each => coalesceOne(type, each, reason)).reduce((a, b) => a + b, 0);
  };
  const giveUp = (type: ShedType, { reason, sentSeq }: ReliefNeed): number => {
    const rows = expendable.all(type, sentSeq, ROWS);
    for (const row of rows) {
      discards.lose(row.seq);
      backlog.less(type, drop(entryOf(row), type, reason, null));
    }
    return rows.length;
  };
  return (need: ReliefNeed): number => {
    if (need.level === 'none') return 0;
    const work = () => {
      const together = coalesce('footfall', need) + coalesce('temperature', need);
      if (together > 0 || need.level === 'coalesce') return together;
      const gone = giveUp('device', need) || giveUp('footfall', need);
      return gone > 0 || need.level === 'discard' ? gone : giveUp('temperature', need);
    };
    const before = new Map(searched);
    const went = database.reclaim(work);
    if (went !== null) return went;
    // Nothing happened: the same is tried again when the disk takes it.
    for (const type of before.keys()) searched.set(type, before.get(type) ?? 0);
    backlog.recount();
    return 0;
  };
}

const bytesOf = (fact: object): number => Buffer.byteLength(JSON.stringify(fact)) + ROW_BYTES;
