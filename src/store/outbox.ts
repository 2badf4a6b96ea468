import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createEventLog } from './event-log.ts';
import type { LogEntry } from './fact.ts';
import { prepareFoldAway } from './projections/folds.ts';

export type { Fact, LogEntry } from './fact.ts';

/** An event that the cloud could not use, kept until it is sent again and taken. */
export interface DeadLetter {
  readonly entry: LogEntry;
  readonly reason: string;
  readonly atMs: number;
}

/** The event log as the cloud sees it: what it has yet to hear, and how far it has answered. */
export interface Outbox {
  /** Names this log. Sequence numbers count within it. */
  epoch(): string;
  /**
   * This database is an older copy of one that went on: the same numbers stand for other events elsewhere. From now on the
   * log has a new name, and nothing of it counts as acknowledged.
   */
  renewEpoch(): void;
  /** The oldest entry that is still here; 0 when there is none. */
  firstSeq(): number;
  /** The next `limit` entries after `afterSeq`, in order. */
  read(afterSeq: number, limit: number): LogEntry[];
  /** Everything up to and including this is safe in the cloud. */
  ackedSeq(): number;
  /** Never moves backwards, nor beyond what was ever logged. A disk that refuses it only delays trimming. */
  acknowledge(seq: number): void;
  /** Keeps a copy of events that the cloud put aside. One that is gone from the log already is left out. */
  putAside(rejected: readonly { readonly seq: number; readonly reason: string }[], nowMs: number): void;
  /** Oldest first. */
  deadLetters(): readonly DeadLetter[];
  /** The cloud took them after all. */
  takenBack(seqs: readonly number[]): void;
  /** 0 while nothing was ever logged. */
  lastSeq(): number;
  /** Entries that are not acknowledged. */
  pending(): number;
  /** When the oldest of them reached us, Unix ms; null when there is none. */
  oldestPendingMs(): number | null;
  /**
   * Deletes the oldest entries, at most `maxRows`: only acknowledged ones that were received before
   * `beforeMs`, and never the last. Balances and states keep their effect. Returns how many went;
   * 0 also when the disk refused it.
   */
  trim(beforeMs: number, maxRows: number): number;
}

export interface OutboxOptions {
  /** No cloud is configured: whatever is committed counts as acknowledged. */
  readonly cloudless: boolean;
}

const PEER = 'cloud';

export function createOutbox(database: Database, { cloudless }: OutboxOptions): Outbox {
  const { connection } = database;
  const log = createEventLog(database);
  const foldAway = prepareFoldAway(database);
  const cursor = connection.prepare<[string], number>('SELECT seq FROM sync_cursor WHERE peer = ?').pluck();
  const moveCursor = connection.prepare(`
    INSERT INTO sync_cursor (peer, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`);
  const receivedAt = connection
    .prepare<[number], number>('SELECT received_time_ms FROM event WHERE seq > ? ORDER BY seq LIMIT 1')
    .pluck();
  const firstKept = connection
    .prepare<[number, number], number>(
      'SELECT seq FROM event WHERE seq <= ? AND received_time_ms >= ? ORDER BY seq LIMIT 1',
    )
    .pluck();
  const setCursor = connection.prepare('INSERT OR REPLACE INTO sync_cursor (peer, seq) VALUES (?, ?)');
  const epoch = connection.prepare<[], string>(`SELECT value FROM meta WHERE key = 'epoch'`).pluck();
  const setEpoch = connection.prepare(`UPDATE meta SET value = ? WHERE key = 'epoch'`);
  const ackedSeq = () => (cloudless ? log.lastSeq() : (cursor.get(PEER) ?? 0));
  return {
    ...createDeadLetters(database),
    epoch: () => epoch.get() ?? '',
    renewEpoch() {
      database.write(() => {
        setEpoch.run(randomUUID());
        setCursor.run(PEER, Math.max(0, log.firstSeq() - 1));
        connection.exec('DELETE FROM dead_letter');
      });
    },
    firstSeq: log.firstSeq,
    read: log.after,
    ackedSeq,
    acknowledge(seq) {
      const known = Math.floor(Math.min(seq, log.lastSeq()));
      if (known > ackedSeq()) database.reclaim(() => moveCursor.run(PEER, known));
    },
    lastSeq: log.lastSeq,
    pending: () => log.lastSeq() - ackedSeq(),
    oldestPendingMs: () => receivedAt.get(ackedSeq()) ?? null,
    trim(beforeMs, maxRows) {
      const trimmed = database.reclaim(() => {
        const first = log.firstSeq();
        const last = Math.min(ackedSeq(), log.lastSeq() - 1, first + maxRows - 1);
        const kept = firstKept.get(last, beforeMs);
        const end = kept === undefined ? last : kept - 1;
        if (end < first) return 0;
        foldAway(end);
        // A cloud that is configured later starts after what is gone.
        moveCursor.run(PEER, end);
        return end - first + 1;
      });
      return trimmed ?? 0;
    },
  };
}
