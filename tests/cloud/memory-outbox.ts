import type { Trust } from '../../src/cloud/signed-commands.ts';
import { endOfTurn } from '../../src/shared/clock.ts';
import type { DeadLetter, Fact, LogEntry, Outbox } from '../../src/store/outbox.ts';

export interface MemoryOutbox extends Outbox {
  append(...facts: readonly Fact[]): void;
  /** Loses the entries up to this one, as trimming does. */
  forget(throughSeq: number): void;
}

/** What the uplink asks of a store beside its log, of a store that has nothing. */
/** A store that was never enrolled. */
export const trustsNobody: Trust = {
  storeGln: '9521321000018',
  signingKeys: null,
  learnKeys: async () => {},
  readPolicies: json => ({ ok: true, value: JSON.parse(json) }),
};

export const quietStore = {
  soon: endOfTurn,
  readState: () => ({ stock: [], reservations: [], standing: [] }),
  stockOf: () => null,
  storeHealth: () => ({}),
  configState: () => ({}),
  wasDone: () => false,
  trust: trustsNobody,
};

/** The event log as the uplink sees it, without a database. */
export function memoryOutbox(firstEpoch = 'e1', timeMs = Date.UTC(2026, 0, 5, 8)): MemoryOutbox {
  let entries: LogEntry[] = [];
  let lastSeq = 0;
  let acked = 0;
  let epoch = 1;
  let letters: DeadLetter[] = [];
  return {
    epoch: () => (epoch === 1 ? firstEpoch : `${firstEpoch}-${epoch}`),
    renewEpoch() {
      epoch += 1;
      acked = Math.max(0, (entries[0]?.seq ?? 1) - 1);
      letters = [];
    },
    sent: () => true,
    sentSeq: () => lastSeq,
    linkUp() {},
    linkDown() {},
    superseded() {},
    backlog: () => ({ bytes: 0, budgetBytes: 1, usedShare: 0, level: 'none', reason: null }),
    relieve: () => 0,
    endedOutage: () => null,
    closeOutage() {},
    discards: () => [],
    lastReceipt: () => null,
    firstSeq: () => entries[0]?.seq ?? 0,
    putAside(rejected, nowMs) {
      for (const { seq, reason } of rejected) {
        const entry = entries.find(known => known.seq === seq);
        if (entry) letters.push({ entry, reason, atMs: nowMs });
      }
      return true;
    },
    deadLetters: limit => letters.slice(0, limit),
    deadLetterCount: () => letters.length,
    deadLetterOf: seq => letters.find(({ entry }) => entry.seq === seq) ?? null,
    receipts: () => [],
    takenBack(seqs) {
      letters = letters.filter(({ entry }) => !seqs.includes(entry.seq));
    },
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
