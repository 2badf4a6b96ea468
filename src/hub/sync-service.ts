import { randomUUID } from 'node:crypto';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Hello, SyncRequest, SyncResponse } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Clock } from '../shared/clock.ts';
import { parseGln } from '../shared/gtin.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import { takeInLanes } from './lanes.ts';
import type { EventLedger, LogStream } from './ledger.ts';
import { createReceiver, REPLACED, type Receiver, say, welcome } from './receiver.ts';
import type { StoreLink, StoreLinks } from './store-links.ts';
import { createStreamWriter, type StreamWriter } from './stream-writer.ts';

export interface SyncServiceOptions {
  readonly ledger: EventLedger;
  readonly links: StoreLinks;
  readonly clock: Clock;
  readonly log: Log;
}

type Call = ServerDuplexStream<SyncRequest, SyncResponse>;

const CLOSING = {
  replaced: REPLACED,
  stopping: { code: status.UNAVAILABLE, details: 'the hub is stopping' },
} as const;

/** Why the caller may not speak for a store; null when it may. */
export type MayBe = (store: string) => string | null;

/** Serves one store's stream from Hello to its end. Never rejects. */
export async function serveSync(call: Call, mayBe: MayBe, options: SyncServiceOptions): Promise<void> {
  const { log } = options;
  const writer = createStreamWriter(call);
  try {
    const requests = call[Symbol.asyncIterator]();
    const first = await requests.next();
    const body = first.done ? null : first.value.body;
    if (body?.case !== 'hello')
      return writer.refuse(status.INVALID_ARGUMENT, 'the first message must be hello');
    const problem = problemOf(body.value);
    if (problem) return writer.refuse(status.INVALID_ARGUMENT, problem);
    const notHim = mayBe(body.value.storeGln);
    if (notHim) return writer.refuse(status.PERMISSION_DENIED, notHim);
    await serveStore({ writer, requests, hello: body.value }, options);
    writer.end();
  } catch (error) {
    failed(writer, log, error);
  }
}

function failed(writer: StreamWriter<SyncResponse>, log: Log, error: unknown): void {
  // A stream that the other side dropped ends here too; that is its right.
  if (!writer.open()) return;
  log.error({ error: String(error) }, 'store stream failed');
  writer.refuse(status.UNAVAILABLE, 'the hub could not store events; try again');
}

interface Stream {
  readonly writer: StreamWriter<SyncResponse>;
  readonly requests: AsyncIterator<SyncRequest>;
  readonly hello: Hello;
}

const MAX_EPOCH_LENGTH = 128;

function problemOf({ storeGln, epoch }: Hello): string | null {
  if (!parseGln(storeGln)) return `store_gln is "${storeGln}"; write the 13 digits of a GLN`;
  return epoch.length > 0 && epoch.length <= MAX_EPOCH_LENGTH
    ? null
    : `epoch must have 1 to ${MAX_EPOCH_LENGTH} characters`;
}

async function serveStore({ writer, requests, hello }: Stream, options: SyncServiceOptions) {
  const { ledger, links, clock, log } = options;
  const name: LogStream = { store: hello.storeGln, epoch: hello.epoch, stream: randomUUID() };
  let heardMs = clock.nowMs();
  const link: StoreLink = {
    store: name.store,
    stream: name.stream,
    heardMs: () => heardMs,
    sendCommand: command => void writer.write(say({ case: 'command', value: command })),
    close: why => writer.refuse(CLOSING[why].code, CLOSING[why].details),
  };
  const timers = watch(clock, () => heardMs, writer);
  links.open(link);
  try {
    const held = await ledger.register(hello, name.stream, heardMs);
    links.seat(link);
    log.info({ ...name, ackedSeq: held.ackedSeq, lastSeq: Number(hello.lastSeq) }, 'store connected');
    await writer.write(welcome(held));
    const receive = createReceiver(options, name, { writer, answer: result => links.answer(link, result) });
    const heard: Receiver = request => {
      heardMs = clock.nowMs();
      return receive(request);
    };
    await takeInLanes(requests, heard, error => failed(writer, log, error));
  } finally {
    timers.stop();
    links.closed(link);
    log.info({ ...name }, 'store disconnected');
    await ledger.leave(name, heardMs).catch(() => {});
  }
}

/** Heartbeats to the store, and the end of a stream on which nothing is heard. */
function watch(clock: Clock, heardMs: () => number, writer: StreamWriter<SyncResponse>) {
  const beat = clock.every(limits.uplinkHeartbeatMs, () => {
    if (!writer.flowing()) return;
    void writer.write(say({ case: 'heartbeat', value: { sentTime: timestampFromMs(clock.nowMs()) } }));
  });
  const lookIn = (ms: number) =>
    clock.after(Math.min(ms, limits.uplinkSilenceMs), () => {
      const restMs = heardMs() + limits.uplinkSilenceMs - clock.nowMs();
      if (restMs > 0) look = lookIn(restMs);
      else
        writer.refuse(status.DEADLINE_EXCEEDED, `nothing was heard for ${limits.uplinkSilenceMs / 1000} s`);
    });
  let look = lookIn(limits.uplinkSilenceMs);
  return {
    stop() {
      beat.cancel();
      look.cancel();
    },
  };
}
