/**
 * The cloud's part of aisle.sync.v1, as small as it can be: every event of every store once, in a file for each log.
 *
 *     node hub-part.ts <folder> [127.0.0.1:50051]
 *
 * It takes every event as it is. What a store sends in the place of events that are gone (a snapshot) it does not take; the
 * Python hub_part.py does, and puts aside what it cannot use.
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs, timestampNow } from '@bufbuild/protobuf/wkt';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  type Event,
  type EventBatch,
  type Hello,
  type SyncRequest,
  type SyncResponse,
  SyncResponseSchema,
  SyncService,
} from './contract.ts';
import { type EventFile, lastSeqOf, openEventFile } from './event-file.ts';
import { definitionOf } from './rpc.ts';

type Call = ServerDuplexStream<SyncRequest, SyncResponse>;
type Body = NonNullable<MessageInitShape<typeof SyncResponseSchema>['body']>;

const HEARTBEAT_MS = 15_000;
const SILENCE_MS = 45_000;

/** The file of a log in `folder`. */
export const fileOf = (folder: string, { storeGln, epoch }: Pick<Hello, 'storeGln' | 'epoch'>): string =>
  join(folder, `${storeGln}-${createHash('sha256').update(epoch).digest('hex').slice(0, 16)}.events`);

export interface HubPart {
  readonly port: number;
  stop(): void;
}

/** Serves until it is stopped. `address` is host:port; port 0 takes a free one. */
export async function serve(folder: string, address: string): Promise<HubPart> {
  mkdirSync(folder, { recursive: true });
  const server = new Server();
  const open = new Map<string, () => void>();
  server.addService(
    { sync: definitionOf(SyncService.method.sync) },
    {
      sync: (call: Call) => void answer(call, folder, open).catch(() => call.end()),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { port, stop: () => server.forceShutdown() };
}

/** One stream, from Hello to its end. `open` holds the way to end the stream that each store has now. */
async function answer(call: Call, folder: string, open: Map<string, () => void>): Promise<void> {
  const say = (body: Body) => void call.write(create(SyncResponseSchema, { body }));
  const refuse = (code: status, details: string) => void call.emit('error', { code, details });
  call.on('error', () => {});
  let log: EventFile | null = null;
  let store = '';
  const leave = () => refuse(status.ABORTED, 'a newer stream of this store took its place');
  const beat = setInterval(
    () => say({ case: 'heartbeat', value: { sentTime: timestampNow() } }),
    HEARTBEAT_MS,
  );
  let silence = setTimeout(() => {}, 0);
  try {
    for await (const { body } of call as AsyncIterable<SyncRequest>) {
      clearTimeout(silence);
      silence = setTimeout(() => refuse(status.DEADLINE_EXCEEDED, 'nothing was heard for 45 s'), SILENCE_MS);
      if (body.case === 'hello' && !log) {
        store = body.value.storeGln;
        open.get(store)?.();
        open.set(store, leave);
        log = openEventFile(fileOf(folder, body.value));
        const ackedDigest = digestOf(log.last());
        say({ case: 'welcome', value: { ackedSeq: BigInt(log.ackedSeq()), ackedDigest } });
      } else if (!log || body.case === 'snapshot') {
        return refuse(status.UNIMPLEMENTED, 'say hello first; snapshots are not taken here');
      } else if (body.case === 'events' && open.get(store) === leave) say(take(log, body.value));
    }
    call.end();
  } finally {
    clearInterval(beat);
    clearTimeout(silence);
    log?.close();
    if (open.get(store) === leave) open.delete(store);
  }
}

/** Stores what joins on and is new; only then is it acknowledged. */
function take(log: EventFile, { firstSeq, events }: EventBatch): Body {
  const acked = log.ackedSeq();
  if (Number(firstSeq) > acked + 1) return { case: 'gap', value: { expectedSeq: BigInt(acked + 1) } };
  log.append(events.filter(event => lastSeqOf(event) > acked));
  return { case: 'ack', value: { ackedSeq: BigInt(log.ackedSeq()) } };
}

/** By which a store sees that its database was put back to an older copy (Welcome.acked_digest). */
function digestOf(event: Event | null): Uint8Array {
  if (!event) return new Uint8Array();
  const ms = (time: Timestamp | undefined) => (time ? Math.trunc(timestampMs(time)) : 0);
  const text = [event.seq, ms(event.eventTime), ms(event.receivedTime)].join('/');
  return createHash('sha256').update(text).digest();
}

if (process.argv[1] === import.meta.filename) {
  const [folder = 'events', address = '127.0.0.1:50051'] = process.argv.slice(2);
  const { port } = await serve(folder, address);
  console.log(`waiting for stores on port ${port}; events go to ${folder}`);
}
