import type { Database } from './database.ts';
import type { ShedType } from './sync-facts.ts';

/** Bytes of an event beside its fact: the row's other columns, its key, and its entry in the index by time. */
export const ROW_BYTES = 64;

/** What the events take that the cloud has not acknowledged. */
export interface Backlog {
  /** Counts what came and what was acknowledged since the last call, and returns the sum. */
  bytes(): number;
  /** Of these, what may be given up. */
  bytesOf(type: ShedType): number;
  /** Rows went or shrank. */
  less(type: ShedType, bytes: number): void;
  /** Counts everything anew: the log is another one. */
  recount(): void;
}

interface Weighed {
  readonly type: string;
  readonly bytes: number;
}

/** Counted once over the whole backlog at the start, then only what changes at its two ends. */
export function createBacklog(
  { connection }: Database,
  ackedSeq: () => number,
  lastSeq: () => number,
): Backlog {
  const weigh = connection.prepare<[number, number], Weighed>(`
    SELECT type, sum(octet_length(fact) + ${ROW_BYTES}) AS bytes FROM event WHERE seq > ? AND seq <= ? GROUP BY type`);
  let from = ackedSeq();
  let through = from;
  const byType = new Map<string, number>();
  const add = (afterSeq: number, throughSeq: number, sign: 1 | -1) => {
    for (const { type, bytes } of weigh.all(afterSeq, throughSeq)) {
      byType.set(type, (byType.get(type) ?? 0) + sign * bytes);
    }
  };
  const catchUp = () => {
    const acked = ackedSeq();
    const last = lastSeq();
    if (last > through) add(Math.max(through, from), last, 1);
    if (acked > from) add(from, acked, -1);
    [from, through] = [acked, Math.max(through, last)];
  };
  return {
    bytes() {
      catchUp();
      return [...byType.values()].reduce((sum, bytes) => sum + bytes, 0);
    },
    bytesOf: type => byType.get(type) ?? 0,
    less: (type, bytes) => byType.set(type, (byType.get(type) ?? 0) - bytes),
    recount() {
      byType.clear();
      from = ackedSeq();
      through = from;
      catchUp();
    },
  };
}
