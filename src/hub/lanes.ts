import type { SyncRequest } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import { limits } from '../shared/limits.ts';
import type { Receiver } from './receiver.ts';

/** What builds on what came before it. Everything else need not wait behind a backlog. */
const ORDERED: ReadonlySet<SyncRequest['body']['case']> = new Set(['events', 'snapshot', 'replay']);

/**
 * Takes the messages of a stream in two lanes: events in the order in which they came, one at a time; answers to commands, live
 * stock and heartbeats as they are read, past the events that wait. `onFailed` hears of an event that could not be stored, and
 * ends the stream. Resolves at the stream's end, when everything that was read is done.
 */
export async function takeInLanes(
  requests: AsyncIterator<SyncRequest>,
  receive: Receiver,
  onFailed: (error: unknown) => void,
): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  const underWay: Promise<void>[] = [];
  try {
    for (let next = await requests.next(); !next.done; next = await requests.next()) {
      const request = next.value;
      if (!ORDERED.has(request.body.case)) {
        await receive(request);
        continue;
      }
      last = last.then(() => receive(request));
      last.catch(onFailed);
      underWay.push(last);
      // What a store may have under way without an answer fits; one that sends more is read no further.
      if (underWay.length > limits.hubOrderedWaiting) await underWay.shift();
    }
  } finally {
    await last;
  }
}
