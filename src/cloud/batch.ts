import { create, toBinary } from '@bufbuild/protobuf';
import { limits } from '../shared/limits.ts';
import type { LogEntry } from '../store/outbox.ts';
import { encodeEntry } from './encode.ts';
import { type Event, EventSchema } from './gen/aisle/sync/v1/event_pb.ts';
import { type EventBatch, EventBatchSchema } from './gen/aisle/sync/v1/sync_pb.ts';

/**
 * As many of the entries as one message may hold (limits.uplinkBatchBytes), at least one. An entry that cannot be
 * expressed goes up without a body, so that it holds up nothing behind it; `onUnfit` is told.
 */
export function batchOf(
  entries: readonly LogEntry[],
  onUnfit: (entry: LogEntry, error: unknown) => void,
): EventBatch {
  const events: Event[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const { event, size } = fitted(entry, onUnfit);
    if (events.length > 0 && bytes + size > limits.uplinkBatchBytes) break;
    events.push(event);
    bytes += size;
  }
  return create(EventBatchSchema, { firstSeq: events[0]?.seq ?? 0n, events });
}

function fitted(entry: LogEntry, onUnfit: (entry: LogEntry, error: unknown) => void) {
  try {
    const event = encodeEntry(entry);
    return { event, size: toBinary(EventSchema, event).length };
  } catch (error) {
    onUnfit(entry, error);
    return { event: create(EventSchema, { seq: BigInt(entry.seq) }), size: 16 };
  }
}
