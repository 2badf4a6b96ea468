import type { DiscardReason, OutageReceiptFact, ReliefLevel } from './sync-facts.ts';

/** Room for the events that the cloud has not acknowledged. */
export interface RoomView {
  readonly bytes: number;
  readonly budgetBytes: number;
  /** 0 to 1, or more when nothing else may be given up. */
  readonly usedShare: number;
  readonly level: ReliefLevel;
  /** What is used up; null when there is room. */
  readonly reason: DiscardReason | null;
}

/** An event that the cloud could not use; the store keeps a copy to send again. */
export interface DeadLetterView {
  readonly seq: number;
  /** Type of the fact. */
  readonly type: string;
  readonly eventTimeMs: number;
  /** The cloud's sentence. */
  readonly reason: string;
  readonly atMs: number;
}

/** What became of dead letters that were sent again. */
export interface ReplayView {
  /** Part of the cloud's stock now. */
  readonly taken: readonly number[];
  readonly refused: readonly { readonly seq: number; readonly reason: string }[];
}

export interface SyncView {
  readonly configured: boolean;
  readonly connected: boolean;
  readonly peer: string | null;
  readonly sinceMs: number | null;
  readonly detail: string | null;
  readonly epoch: string;
  readonly lastSeq: number;
  readonly ackedSeq: number;
  readonly pending: number;
  readonly oldestPendingMs: number | null;
  readonly room: RoomView;
  readonly deadLetterCount: number;
  /** The oldest of them. */
  readonly deadLetters: readonly DeadLetterView[];
  /** Of the last outages, newest first. */
  readonly receipts: readonly OutageReceiptFact[];
}
