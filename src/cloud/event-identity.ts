import { createHash } from 'node:crypto';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Event } from './gen/aisle/sync/v1/event_pb.ts';

/** How many sequence numbers an event stands for: 1, or those of a run of discarded ones. */
export const spanOf = ({ body }: Event): number =>
  body.case === 'discarded' ? Math.max(1, Number(body.value.count)) : 1;

/** The last sequence number that an event stands for. */
export const lastSeqOf = (event: Event): number => Number(event.seq) + spanOf(event) - 1;

/**
 * Tells two logs apart that have the same numbers (Welcome.acked_digest): SHA-256 over number and times, which no two
 * events of a store share and which no newer version of the contract changes. Empty for what is not one event.
 */
export function identityOf(event: Event | null): Uint8Array {
  if (!event || event.body.case === 'discarded') return new Uint8Array();
  const text = [event.seq, msOf(event.eventTime), msOf(event.receivedTime)].join('/');
  return createHash('sha256').update(text).digest();
}

const msOf = (time: Timestamp | undefined) => (time ? Math.trunc(timestampMs(time)) : 0);

/** What stands before the digest of the first outage receipt of an epoch. */
export const FIRST_DIGEST: Uint8Array = new Uint8Array(32);

/** One link of an outage receipt's chain: SHA-256 over the link before it and the digest of the event's bytes. */
export function nextDigest(previous: Uint8Array, eventBytes: Uint8Array): Uint8Array {
  const event = createHash('sha256').update(eventBytes).digest();
  return createHash('sha256').update(previous).update(event).digest();
}
