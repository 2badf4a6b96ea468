import type { ReservationState } from '../domain/stock/facts.ts';
import type { SavedContents } from '../domain/stock/trust.ts';
import type { Line } from '../readings/documents.ts';
import type { LogEntry, NewEntry } from './fact.ts';

/** The settled weight that a plate is measured against, kept so that a restart counts on from it. */
export interface PlateCheckpoint {
  readonly device: string;
  readonly plate: number;
  readonly baselineGrams: number;
  readonly atMs: number;
}

/** How sure the count of a facing is, and what else may lie there, so that a restart does not forget the doubt. */
export interface FacingTrust {
  readonly facing: string;
  readonly gtin: string;
  /** Units that most probably lie there. */
  readonly best: number;
  /** Probability, 0 to 1, that as many lie there as the book has. */
  readonly probability: number;
  /** By its plates; null where they do not tell. */
  readonly contents: readonly SavedContents[] | null;
  readonly atMs: number;
}

/** A keyed document of the batch. `firstEntry` is the index of its first fact, null when it led to none. */
export interface DocumentKey {
  readonly key: string;
  /** Hash of the content, so that the same key with other content is noticed. */
  readonly hash: string;
  readonly firstEntry: number | null;
}

/** Everything that one transaction holds. */
export interface CommitBatch {
  readonly entries: readonly NewEntry[];
  readonly keys: readonly DocumentKey[];
  readonly plates: readonly PlateCheckpoint[];
  readonly trust?: readonly FacingTrust[];
}

export interface StoredReservation {
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
  readonly expiresAtMs: number | null;
  readonly createdSeq: number;
  readonly reason: string | null;
}

/** An order to a device that is not yet acknowledged. Stored with the fact that asked for it. */
export interface StoredCommand {
  readonly id: string;
  readonly device: string;
  readonly name: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}

/** The one place that commits. Synchronous; throws only when the database cannot write. */
export interface Store {
  /** Appends facts, folds them into the balances and screens, and remembers the keys: all or nothing. */
  commit(batch: CommitBatch): readonly LogEntry[];
  findKey(key: string): { readonly hash: string; readonly seq: number | null } | null;

  // What the domains start from after a restart.
  balances(): readonly { readonly gtin: string; readonly place: string; readonly quantity: number }[];
  openReservations(): readonly StoredReservation[];
  plateCheckpoints(): readonly PlateCheckpoint[];
  facingTrust(): readonly FacingTrust[];
  entriesSince(eventTimeMs: number): readonly LogEntry[];
  /** The same, but only what is about stock. */
  stockEntriesSince(eventTimeMs: number): readonly LogEntry[];
  /** The last fact of each price, label, device, door and alarm, in log order. */
  latestFacts(): readonly LogEntry[];

  // Orders to devices.
  dueCommands(nowMs: number, limit: number): readonly StoredCommand[];
  postponeCommand(id: string, nextAttemptMs: number): void;
}
