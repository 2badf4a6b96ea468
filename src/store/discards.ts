import type { Database } from './database.ts';
import type { LogEntry } from './fact.ts';
import { type DiscardCount, type DiscardReason, type ShedType, sumDiscards } from './sync-facts.ts';

/** An event that is gone. */
export interface Gone {
  readonly seq: number;
  readonly type: ShedType;
  readonly reason: DiscardReason;
  /** The event that holds its figures; null when they are lost. */
  readonly intoSeq: number | null;
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
}

/** What the log has given up, as runs of sequence numbers. */
export interface Discards {
  /** Inside a transaction. */
  add(gone: Gone): void;
  /** The event that held the figures of others is gone too, and they with it. Inside a transaction. */
  lose(seq: number): void;
  /** Puts the runs after `afterSeq` in their places among the entries that were read after it, adjacent ones as one. */
  merge(afterSeq: number, entries: readonly LogEntry[], limit: number): LogEntry[];
  /** 0 when there is none. */
  firstSeq(): number;
  /** What went of these numbers. */
  counts(firstSeq: number, lastSeq: number): readonly DiscardCount[];
  /** Forgets the runs up to this number. Inside a transaction. */
  forget(throughSeq: number): void;
}

interface Run {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly type: ShedType;
  readonly reason: DiscardReason;
  readonly into_seq: number | null;
  readonly event_time_ms: number;
  readonly received_time_ms: number;
}

export function createDiscards({ connection }: Database): Discards {
  const before = connection.prepare<[number], Run>(
    'SELECT * FROM discard WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1',
  );
  const insert = connection.prepare('INSERT INTO discard VALUES (?, ?, ?, ?, ?, ?, ?)');
  const extend = connection.prepare(
    'UPDATE discard SET last_seq = ?, event_time_ms = ?, received_time_ms = ? WHERE first_seq = ?',
  );
  const lose = connection.prepare('UPDATE discard SET into_seq = NULL WHERE into_seq = ?');
  const after = connection.prepare<[number, number, number], Run>(
    'SELECT * FROM discard WHERE first_seq > ? AND first_seq <= ? ORDER BY first_seq LIMIT ?',
  );
  const first = connection.prepare<[], number | null>('SELECT min(first_seq) FROM discard').pluck();
  const forget = connection.prepare('DELETE FROM discard WHERE last_seq <= ?');
  /** Clipped to numbers above `afterSeq`; runs do not overlap, so at most one reaches over it. */
  const between = (afterSeq: number, throughSeq: number, limit: number): Run[] => {
    const over = before.get(afterSeq);
    const clipped = over && over.last_seq > afterSeq ? [{ ...over, first_seq: afterSeq + 1 }] : [];
    return [...clipped, ...after.all(afterSeq, throughSeq, limit)];
  };
  return {
    add({ seq, type, reason, intoSeq, eventTimeMs, receivedTimeMs }) {
      const last = before.get(seq);
      const goesOn =
        last?.last_seq === seq - 1 &&
        last.type === type &&
        last.reason === reason &&
        last.into_seq === intoSeq;
      if (goesOn) extend.run(seq, eventTimeMs, receivedTimeMs, last.first_seq);
      else insert.run(seq, seq, type, reason, intoSeq, eventTimeMs, receivedTimeMs);
    },
    lose: seq => void lose.run(seq),
    merge(afterSeq, entries, limit) {
      const isEnd = entries.length < limit;
      const throughSeq = isEnd ? Number.MAX_SAFE_INTEGER : (entries.at(-1)?.seq ?? 0);
      const runs = between(afterSeq, throughSeq, limit);
      if (runs.length === 0) return [...entries];
      // There may be more runs than were asked for: what lies behind the last of these is left for the next read.
      const lastSeq = runs.length < limit ? throughSeq : runs.at(-1)!.last_seq;
      return merged(
        runs,
        entries.filter(({ seq }) => seq <= lastSeq),
      ).slice(0, limit);
    },
    firstSeq: () => first.get() ?? 0,
    counts(firstSeq, lastSeq) {
      const runs = between(firstSeq - 1, lastSeq, -1);
      return sumDiscards(runs.map(run => countOf({ ...run, last_seq: Math.min(run.last_seq, lastSeq) })));
    },
    forget: throughSeq => void forget.run(throughSeq),
  };
}

const countOf = ({ first_seq, last_seq, type, reason, into_seq }: Run): DiscardCount => {
  const discarded = last_seq - first_seq + 1;
  return { of: type, reason, discarded, coalesced: into_seq === null ? 0 : discarded };
};

/** Entries and runs in order, runs without an entry between them as one. */
function merged(runs: readonly Run[], entries: readonly LogEntry[]): LogEntry[] {
  const all: LogEntry[] = [];
  let next = 0;
  for (let index = 0; index < runs.length; ) {
    const first = runs[index]!;
    const together = [first];
    while (runs[index + together.length]?.first_seq === together.at(-1)!.last_seq + 1) {
      together.push(runs[index + together.length]!);
    }
    index += together.length;
    while (next < entries.length && entries[next]!.seq < first.first_seq) all.push(entries[next++]!);
    all.push(entryOf(together));
  }
  return [...all, ...entries.slice(next)];
}

function entryOf(runs: readonly Run[]): LogEntry {
  const first = runs[0]!;
  const last = runs.at(-1)!;
  return {
    seq: first.first_seq,
    eventTimeMs: last.event_time_ms,
    receivedTimeMs: last.received_time_ms,
    fact: {
      type: 'discarded',
      count: last.last_seq - first.first_seq + 1,
      discards: sumDiscards(runs.map(countOf)),
    },
  };
}
