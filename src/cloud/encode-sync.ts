import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DiscardCount, Fact, ReliefLevel } from '../store/outbox.ts';
import { timestamp } from './encode-terms.ts';
import {
  type BacklogLevelSchema,
  type DiscardCountSchema,
  type DiscardedSchema,
  DiscardReason,
  EventClass,
  type OutageReceiptSchema,
  RoomLevel,
} from './gen/aisle/sync/v1/event_pb.ts';

export const EVENT_CLASSES: Record<DiscardCount['of'], EventClass> = {
  footfall: EventClass.FOOTFALL,
  temperature: EventClass.TEMPERATURE,
  device: EventClass.DEVICE,
};

export const DISCARD_REASONS: Record<DiscardCount['reason'], DiscardReason> = {
  budget: DiscardReason.BUDGET,
  disk_full: DiscardReason.DISK_FULL,
};

const discardCount = (count: DiscardCount): MessageInitShape<typeof DiscardCountSchema> => ({
  eventClass: EVENT_CLASSES[count.of],
  reason: DISCARD_REASONS[count.reason],
  discarded: BigInt(count.discarded),
  coalesced: BigInt(count.coalesced),
});

export const ROOM_LEVELS: Record<ReliefLevel, RoomLevel> = {
  none: RoomLevel.NONE,
  coalesce: RoomLevel.COALESCE,
  discard: RoomLevel.DISCARD,
  last: RoomLevel.LAST,
};

export const encodeBacklogLevel = (
  fact: Extract<Fact, { type: 'backlog_level' }>,
): MessageInitShape<typeof BacklogLevelSchema> => ({
  level: ROOM_LEVELS[fact.level],
  ...(fact.reason && { reason: DISCARD_REASONS[fact.reason] }),
  bytes: BigInt(fact.bytes),
  budgetBytes: BigInt(fact.budgetBytes),
  ...(fact.oldestMs !== null && { oldestTime: timestamp(fact.oldestMs) }),
  refused: fact.refused.map(({ of, count }) => ({ eventClass: EVENT_CLASSES[of], count: BigInt(count) })),
});

export const encodeDiscarded = (
  fact: Extract<Fact, { type: 'discarded' }>,
): MessageInitShape<typeof DiscardedSchema> => ({
  count: BigInt(fact.count),
  discards: fact.discards.map(discardCount),
});

export const encodeReceipt = (
  fact: Extract<Fact, { type: 'outage_receipt' }>,
): MessageInitShape<typeof OutageReceiptSchema> => ({
  number: BigInt(fact.number),
  fromTime: timestamp(fact.fromMs),
  toTime: timestamp(fact.toMs),
  firstSeq: BigInt(fact.firstSeq),
  lastSeq: BigInt(fact.lastSeq),
  accepted: BigInt(fact.accepted),
  acknowledged: BigInt(fact.acknowledged),
  discards: fact.discards.map(discardCount),
  digest: Buffer.from(fact.digest, 'hex'),
  previousDigest: Buffer.from(fact.previousDigest, 'hex'),
});
