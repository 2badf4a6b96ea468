import { randomUUID } from 'node:crypto';
import { createBacklog } from './backlog.ts';
import type { Database } from './database.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createDiscards, type Discards } from './discards.ts';
import { createEventLog, type EventLog } from './event-log.ts';
import type { LogEntry } from './fact.ts';
import { createOutages, type EndedOutage } from './outages.ts';
import { prepareFoldAway } from './projections/folds.ts';
import { createRelief, levelOf } from './relief.ts';
import { createSentMark } from './sent-mark.ts';
import type { DiscardReason, OutageReceiptFact, ReliefLevel } from './sync-facts.ts';

export type { Fact, LogEntry } from './fact.ts';
export type { EndedOutage } from './outages.ts';
export type { DiscardCount, OutageReceiptFact, ReliefLevel } from './sync-facts.ts';

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
  /**
   * The next `limit` entries after `afterSeq`, in order. Runs of events that are gone stand among them as one
   * `discarded` each.
   */
  read(afterSeq: number, limit: number): LogEntry[];
  /** Everything up to and including this is safe in the cloud. */
  ackedSeq(): number;
  /** Never moves backwards, nor beyond what was ever logged. A disk that refuses it only delays trimming. */
  acknowledge(seq: number): void;
  /**
   * Keeps a copy of events that the cloud put aside. One that is gone from the log already is left out. False when the disk
   * cannot take it.
   */
  putAside(rejected: readonly { readonly seq: number; readonly reason: string }[], nowMs: number): boolean;
  /** Oldest first. */
  deadLetters(limit: number): readonly DeadLetter[];
  deadLetterCount(): number;
  /** null: there is none of that number. */
  deadLetterOf(seq: number): DeadLetter | null;
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

  /** Events up to here are about to go out on the link. False when they must not yet: the disk cannot take the note of it. */
  sent(seq: number): boolean;
  /** How far events may have gone out. Whoever holds more than this has it from another copy of this database. */
  sentSeq(): number;
  /** The cloud answers, from now on events go out. */
  linkUp(): void;
  /** There is no link, at the start or since now. */
  linkDown(nowMs: number): void;
  /** The state of the store was sent in the place of events that are gone: outages before it get no receipt. */
  superseded(): void;

  /** Bytes of the events that are not acknowledged, and their share of the budget. */
  backlog(): BacklogView;
  /**
   * Makes room where the budget or the disk runs out, a few milliseconds at a time. Returns how many events went;
   * what may go, and in which order, stands in relief.ts.
   */
  relieve(): number;

  /** The oldest outage that is over and has no receipt; everything of it is still here. */
  endedOutage(nowMs: number): EndedOutage | null;
  /** Its receipt is in the log. */
  closeOutage(id: number): void;
  /** What was given up of these numbers. */
  discards: Discards['counts'];
  /** The newest receipt of this epoch; null before the first. */
  lastReceipt(): OutageReceiptFact | null;
  /** Newest first. */
  receipts(limit: number): readonly OutageReceiptFact[];
}

export interface BacklogView {
  readonly bytes: number;
  readonly budgetBytes: number;
  /** 0 to 1, or more when nothing else may be given up. */
  readonly usedShare: number;
  readonly level: ReliefLevel;
  /** What is used up; null when there is room. */
  readonly reason: DiscardReason | null;
}

export interface OutboxOptions {
  /** No cloud is configured: whatever is committed counts as acknowledged. */
  readonly cloudless: boolean;
  /** Bytes that events may take which the cloud has not acknowledged; a policy, so it is asked for each time. */
  readonly budgetBytes?: () => number;
}

/** See docs/cloud-integrator.md for what it is made of. */
const DEFAULT_BUDGET_BYTES = 512 * 1024 * 1024;

const PEER = 'cloud';

export function createOutbox(
  database: Database,
  { cloudless, budgetBytes = () => DEFAULT_BUDGET_BYTES }: OutboxOptions,
): Outbox {
  const { connection } = database;
  const log = createEventLog(database);
  const discards = createDiscards(database);
  const outages = createOutages(database);
  const sentMark = createSentMark(database, log.lastSeq);
  const cursor = prepareCursor(database);
  const receipts = prepareReceipts(database);
  const ackedSeq = () => (cloudless ? log.lastSeq() : cursor.seq());
  const firstSeq = () => firstOf(log.firstSeq(), discards.firstSeq());
  const room = createRoom(database, { discards, budgetBytes, ackedSeq, log, sentSeq: sentMark.seq });
  return {
    ...createDeadLetters(database),
    epoch: cursor.epoch,
    renewEpoch() {
      database.write(() => {
        cursor.renewEpoch(Math.max(0, firstSeq() - 1));
        connection.exec('DELETE FROM dead_letter; DELETE FROM outage');
      });
      sentMark.reset(log.lastSeq());
      room.recount();
    },
    firstSeq,
    read: (afterSeq, limit) => discards.merge(afterSeq, log.after(afterSeq, limit), limit),
    ackedSeq,
    acknowledge(seq) {
      const known = Math.floor(Math.min(seq, log.lastSeq()));
      if (known > ackedSeq()) database.reclaim(() => cursor.move(known));
    },
    lastSeq: log.lastSeq,
    pending: () => log.lastSeq() - ackedSeq(),
    oldestPendingMs: () => cursor.receivedAfter(ackedSeq()),
    trim: prepareTrim(database, {
      discards,
      firstSeq: log.firstSeq,
      // A receipt is made of the events themselves.
      lastFree: () => Math.min(ackedSeq(), log.lastSeq() - 1, (outages.neededFromSeq() ?? Infinity) - 1),
      moveCursor: cursor.move,
      before: room.count,
    }),
    sent: sentMark.sent,
    sentSeq: sentMark.seq,
    linkUp() {
      sentMark.begin();
      outages.linkIsUp(log.lastSeq());
    },
    linkDown(nowMs) {
      sentMark.end();
      outages.begin(nowMs, ackedSeq() + 1);
    },
    superseded: outages.forget,
    backlog: room.view,
    relieve: room.relieve,
    endedOutage: nowMs => outages.ended(nowMs, ackedSeq()),
    closeOutage: outages.close,
    discards: discards.counts,
    lastReceipt: receipts.last,
    receipts: receipts.newest,
  };
}

const firstOf = (a: number, b: number) => (a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b));

function prepareCursor({ connection }: Database) {
  const cursor = connection.prepare<[string], number>('SELECT seq FROM sync_cursor WHERE peer = ?').pluck();
  const move = connection.prepare(`
    INSERT INTO sync_cursor (peer, seq) VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`);
  const set = connection.prepare('INSERT OR REPLACE INTO sync_cursor (peer, seq) VALUES (?, ?)');
  const epoch = connection.prepare<[], string>(`SELECT value FROM meta WHERE key = 'epoch'`).pluck();
  const setEpoch = connection.prepare(`UPDATE meta SET value = ? WHERE key = 'epoch'`);
  const receivedAt = connection
    .prepare<[number], number>('SELECT received_time_ms FROM event WHERE seq > ? ORDER BY seq LIMIT 1')
    .pluck();
  return {
    seq: () => cursor.get(PEER) ?? 0,
    move: (seq: number) => void move.run(PEER, seq),
    epoch: () => epoch.get() ?? '',
    renewEpoch(ackedSeq: number) {
      setEpoch.run(randomUUID());
      set.run(PEER, ackedSeq);
    },
    receivedAfter: (seq: number) => receivedAt.get(seq) ?? null,
  };
}

function prepareReceipts({ connection }: Database) {
  const last = connection
    .prepare<[], string>(`SELECT fact FROM latest_fact WHERE subject = 'outage_receipt'`)
    .pluck();
  const newest = connection
    .prepare<[number], string>(
      `SELECT fact FROM event WHERE type = 'outage_receipt' ORDER BY seq DESC LIMIT ?`,
    )
    .pluck();
  return {
    newest: (limit: number) => newest.all(limit).map(fact => JSON.parse(fact) as OutageReceiptFact),
    last() {
      const fact = last.get();
      return fact === undefined ? null : (JSON.parse(fact) as OutageReceiptFact);
    },
  };
}

interface RoomOptions {
  readonly discards: Discards;
  readonly budgetBytes: () => number;
  readonly ackedSeq: () => number;
  readonly sentSeq: () => number;
  readonly log: Pick<EventLog, 'lastSeq'>;
}

/** How much room the backlog takes, and what is done about it. */
function createRoom(
  database: Database,
  { discards, budgetBytes: budget, ackedSeq, sentSeq, log }: RoomOptions,
) {
  const backlog = createBacklog(database, ackedSeq, log.lastSeq);
  const relief = createRelief(database, backlog, discards);
  const view = () => {
    const [bytes, budgetBytes] = [backlog.bytes(), budget()];
    const usedShare = bytes / budgetBytes;
    const isFull = database.isFull();
    const level = isFull ? 'last' : levelOf(usedShare);
    const reason = isFull ? 'disk_full' : level === 'none' ? null : 'budget';
    return { bytes, budgetBytes, usedShare, level, reason } as const;
  };
  return {
    view,
    count: () => void backlog.bytes(),
    recount: backlog.recount,
    relieve() {
      const { level, reason } = view();
      if (reason === null) return 0;
      return relief({ level, reason, sentSeq: Math.max(sentSeq(), ackedSeq()) });
    },
  };
}

interface TrimOptions {
  readonly discards: Discards;
  readonly firstSeq: () => number;
  readonly lastFree: () => number;
  readonly moveCursor: (seq: number) => void;
  readonly before: () => void;
}

function prepareTrim(database: Database, options: TrimOptions): Outbox['trim'] {
  const { discards, firstSeq, lastFree, moveCursor, before } = options;
  const foldAway = prepareFoldAway(database);
  const firstKept = database.connection
    .prepare<[number, number], number>(
      'SELECT seq FROM event WHERE seq <= ? AND received_time_ms >= ? ORDER BY seq LIMIT 1',
    )
    .pluck();
  return (beforeMs, maxRows) => {
    before();
    const trimmed = database.reclaim(() => {
      const first = firstSeq();
      const last = Math.min(lastFree(), first + maxRows - 1);
      const kept = firstKept.get(last, beforeMs);
      const end = kept === undefined ? last : kept - 1;
      if (end < first) return 0;
      foldAway(end);
      discards.forget(end);
      // A cloud that is configured later starts after what is gone.
      moveCursor(end);
      return end - first + 1;
    });
    return trimmed ?? 0;
  };
}
