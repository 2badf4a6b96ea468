import type { SnapshotPart } from '../cloud/gen/aisle/sync/v1/snapshot_pb.ts';
import type {
  ConfigState,
  EventBatch,
  Hello,
  LiveStock,
  Replay,
  StoreHealth,
} from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Rejection } from './judge.ts';

/** One event log: a store and the epoch of its log. */
export interface LogName {
  readonly store: string;
  readonly epoch: string;
}

/** The stream on which a log is told. */
export interface LogStream extends LogName {
  /** Names it among all streams that the store ever opened. */
  readonly stream: string;
}

/** What is held of a log. */
export interface Held {
  readonly ackedSeq: number;
  /** Welcome.acked_digest. */
  readonly ackedDigest: Uint8Array;
  /** Events that are put aside as unfit; at most limits.hubRejectedTold, lowest first. */
  readonly rejected: readonly Rejection[];
}

export type Ingested =
  | {
      readonly kind: 'stored';
      readonly ackedSeq: number;
      /** Numbers of events that came again with other content. */
      readonly quarantined: readonly number[];
      readonly rejected: readonly Rejection[];
    }
  | { readonly kind: 'gap'; readonly expectedSeq: number }
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The store has a newer stream, at this receiver or at another one; nothing was stored. */
  | { readonly kind: 'replaced' };

/** What a store said of itself beside its events. */
export interface StoreWord {
  readonly health?: StoreHealth | undefined;
  readonly config?: ConfigState | undefined;
}

/**
 * Where the hub keeps what stores tell it. Every method is one transaction: after it resolves, a crash takes nothing of
 * it; when it rejects, nothing happened.
 */
export interface EventLedger {
  /** Remembers who said Hello, and that this log is the store's current one and this stream the one that counts. */
  register(hello: Hello, stream: string, nowMs: number): Promise<Held>;
  /** An event that is held already has no effect a second time; one with other content is put aside. */
  ingest(log: LogStream, batch: EventBatch, nowMs: number): Promise<Ingested>;
  /** Puts a whole snapshot in the place of what is folded, unless more is held already. Returns what is held then. */
  replace(log: LogName, parts: readonly SnapshotPart[], nowMs: number): Promise<number>;
  /** Events that were put aside as unfit, repaired. Returns those that are unfit still. */
  replay(log: LogName, replay: Replay, nowMs: number): Promise<readonly Rejection[]>;
  noteLive(log: LogName, live: LiveStock, nowMs: number): Promise<void>;
  noteHeard(log: LogName, word: StoreWord, nowMs: number): Promise<void>;
  /** The stream is over; the store was last heard at `heardMs`. */
  leave(log: LogStream, heardMs: number): Promise<void>;
}
