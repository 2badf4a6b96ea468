import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DiscardCount, Fact } from '../store/outbox.ts';
import { timestamp } from './encode-terms.ts';
import {
  type DiscardCountSchema,
  type DiscardedSchema,
  DiscardReason,
  EventClass,
  type OutageReceiptSchema,
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
