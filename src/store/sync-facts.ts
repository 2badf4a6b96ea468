/** What may be given up when the room for events that the cloud has not heard runs out. All else never is. */
export type ShedType = 'footfall' | 'temperature' | 'device';

/** Why: the site's byte budget was used up, or the disk itself was full. */
export type DiscardReason = 'budget' | 'disk_full';

/** How little room is left: what is done at each level includes what is done at those before it. */
export type ReliefLevel = 'none' | 'coalesce' | 'discard' | 'last';

export interface DiscardCount {
  readonly of: ShedType;
  readonly reason: DiscardReason;
  /** Events that are gone. */
  readonly discarded: number;
  /** Of these, events whose figures live on in an event of a longer span. */
  readonly coalesced: number;
}

/** Stands in the outbox for a run of events that are gone; it is read there and never appended. */
export interface DiscardedFact {
  readonly type: 'discarded';
  /** Sequence numbers that it stands for, its own the first; 1 or more. */
  readonly count: number;
  readonly discards: readonly DiscardCount[];
}

/** What became of the events of an outage; OutageReceipt of the contract says how the digests are made. */
export interface OutageReceiptFact {
  readonly type: 'outage_receipt';
  /** Counts from 1 within an epoch. */
  readonly number: number;
  /** When the link broke, and when the last event of the outage was acknowledged. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly accepted: number;
  readonly acknowledged: number;
  readonly discards: readonly DiscardCount[];
  /** SHA-256, 64 hexadecimal digits. */
  readonly digest: string;
  readonly previousDigest: string;
}

/** Facts of one class that the store did not take, because there was no room for them. */
export interface RefusedCount {
  readonly of: ShedType;
  readonly count: number;
}

/** The room for events that the cloud has not heard came to another level. */
export interface BacklogLevelFact {
  readonly type: 'backlog_level';
  readonly level: ReliefLevel;
  /** What is used up; null when there is room. */
  readonly reason: DiscardReason | null;
  readonly bytes: number;
  readonly budgetBytes: number;
  /** When the oldest event that waits reached us, Unix ms. */
  readonly oldestMs: number | null;
  /** What was not taken since the change before. */
  readonly refused: readonly RefusedCount[];
}

export type SyncFact = DiscardedFact | OutageReceiptFact | BacklogLevelFact;

/** The same class and reason once, sums added. */
export function sumDiscards(counts: readonly DiscardCount[]): readonly DiscardCount[] {
  const sums = new Map<string, DiscardCount>();
  for (const count of counts) {
    const key = `${count.of} ${count.reason}`;
    const { discarded, coalesced } = sums.get(key) ?? { discarded: 0, coalesced: 0 };
    sums.set(key, {
      ...count,
      discarded: discarded + count.discarded,
      coalesced: coalesced + count.coalesced,
    });
  }
  return [...sums.values()];
}
