import { create, toBinary } from '@bufbuild/protobuf';
import { limits } from '../shared/limits.ts';
import type { LogEntry } from '../store/outbox.ts';
import { encodeEntry } from './encode.ts';
import { type Event, EventSchema } from './gen/aisle/sync/v1/event_pb.ts';
import { type EventBatch, EventBatchSchema } from './gen/aisle/sync/v1/sync_pb.ts';

/**
 * As many of the entries as one message may hold (limits.uplinkBatchBytes), at least one. An entry that cannot be
 * expressed goes up without a body, so that it holds up nothing behind it; `onUnfit` is told. Entries up to
 * `replayedSeq` were there before the stream: they are marked, and never in one batch with newer ones.
 */
export function batchOf(
  entries: readonly LogEntry[],
  replayedSeq: number,
  onUnfit: (entry: LogEntry, error: unknown) => void,
): EventBatch {
  const replayed = entries[0] !== undefined && entries[0].seq <= replayedSeq;
  const events: Event[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (replayed && entry.seq > replayedSeq) break;
    const { event, size } = fitted(entry, onUnfit);
    if (events.length > 0 && bytes + size > limits.uplinkBatchBytes) break;
    events.push(event);
    bytes += size;
  }
  return create(EventBatchSchema, { firstSeq: events[0]?.seq ?? 0n, events, replayed });
}

/** The event as it goes out. */
export const eventAsSent = (entry: LogEntry): Event => fitted(entry, () => {}).event;

function fitted(entry: LogEntry, onUnfit: (entry: LogEntry, error: unknown) => void) {
  try {
    const event = encodeEntry(entry);
    return { event, size: toBinary(EventSchema, event).length };
  } catch (error) {
    onUnfit(entry, error);
    return { event: create(EventSchema, { seq: BigInt(entry.seq) }), size: 16 };
  }
}
