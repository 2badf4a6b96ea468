import type { Fact, LogEntry, Outbox } from '../../src/store/outbox.ts';

export interface MemoryOutbox extends Outbox {
  append(...facts: readonly Fact[]): void;
  /** Loses the entries up to this one, as trimming does. */
  forget(throughSeq: number): void;
}

/** The event log as the uplink sees it, without a database. */
export function memoryOutbox(timeMs = Date.UTC(2026, 0, 5, 8)): MemoryOutbox {
  let entries: LogEntry[] = [];
  let lastSeq = 0;
  let acked = 0;
  return {
    append(...facts) {
      for (const fact of facts) {
        entries.push({
          seq: ++lastSeq,
          fact,
          eventTimeMs: timeMs + lastSeq,
          receivedTimeMs: timeMs + lastSeq,
        });
      }
    },
    forget(throughSeq) {
      entries = entries.filter(({ seq }) => seq > throughSeq);
    },
    read: (afterSeq, limit) => entries.filter(({ seq }) => seq > afterSeq).slice(0, limit),
    ackedSeq: () => acked,
    acknowledge(seq) {
      acked = Math.max(acked, Math.min(seq, lastSeq));
    },
    lastSeq: () => lastSeq,
    pending: () => lastSeq - acked,
    oldestPendingMs: () => entries.find(({ seq }) => seq > acked)?.receivedTimeMs ?? null,
    trim: () => 0,
  };
}
