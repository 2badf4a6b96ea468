import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { type Clock, endOfTurn } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { Outbox } from '../store/outbox.ts';
import { createCommandDesk } from './command-desk.ts';
import type { Downlink } from './downlink.ts';
import { timestamp } from './encode-terms.ts';
import { createEventSender } from './event-sender.ts';
import { type SyncRequest, SyncRequestSchema, type SyncResponse } from './gen/aisle/sync/v1/sync_pb.ts';
import { createLinkTimers } from './link-timers.ts';

export interface SessionOptions {
  readonly storeGln: string;
  readonly version: string;
  readonly epoch: string;
  readonly outbox: Outbox;
  readonly downlink: Downlink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  /** The cloud answered Hello. */
  readonly onWelcome: () => void;
  /** Events cannot go on although the link is up; one sentence for a person. */
  readonly onStall: (sentence: string) => void;
  /** The stream is over; called once. */
  readonly onEnd: (reason: string) => void;
}

export interface Session {
  /** New facts are in the log. */
  wake(): void;
  end(reason: string): void;
}

type Stream = ClientDuplexStream<SyncRequest, SyncResponse>;
type Body = NonNullable<MessageInitShape<typeof SyncRequestSchema>['body']>;

/** One stream to the cloud, from Hello to its end. Nothing that the cloud or the outbox does throws out of it. */
export function openSession(stream: Stream, options: SessionOptions): Session {
  const { clock, log } = options;
  let writable = true;
  let wakeScheduled = false;
  let ended = false;

  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    timers.stop();
    stream.cancel();
    options.onEnd(reason);
  };
  const guarded = (work: () => void) => {
    try {
      if (!ended) work();
    } catch (error) {
      log.error({ error: String(error) }, 'cloud session failed');
      end('the store itself failed; see the log');
    }
  };
  const write = (body: Body, onFlushed: () => void = () => {}) => {
    if (!ended) writable = stream.write(create(SyncRequestSchema, { body }), onFlushed);
  };
  const timers = createLinkTimers(clock, {
    silence: () => end('nothing was heard for 45 s'),
    heartbeat: () => {
      if (writable) write({ case: 'heartbeat', value: { sentTime: timestamp(clock.nowMs()) } });
    },
  });
  const sender = createEventSender({
    ...options,
    canSend: () => writable,
    send: batch => write({ case: 'events', value: batch }),
    onBroken: end,
  });
  const carryOut = createCommandDesk({
    ...options,
    answer: (result, onFlushed) => write({ case: 'commandResult', value: result }, onFlushed),
  });
  const receive = ({ body }: SyncResponse) => {
    timers.heard();
    if (body.case === 'welcome') {
      options.onWelcome();
      sender.welcome(Number(body.value.ackedSeq));
    } else if (body.case === 'ack') sender.ack(Number(body.value.ackedSeq));
    else if (body.case === 'gap') sender.gap(Number(body.value.expectedSeq));
    else if (body.case === 'command') carryOut(body.value);
  };
  // Without a listener an error of the stream would end the process.
  stream.on('error', error => end(error.message));
  stream.on('end', () => end('the cloud closed the stream'));
  stream.on('data', response => guarded(() => receive(response)));
  stream.on('drain', () => {
    writable = true;
    guarded(sender.pump);
  });
  guarded(() => write({ case: 'hello', value: hello(options) }));
  return {
    wake() {
      if (wakeScheduled) return;
      wakeScheduled = true;
      endOfTurn(() => {
        wakeScheduled = false;
        guarded(sender.pump);
      });
    },
    end,
  };
}

const hello = ({ storeGln, epoch, version, outbox }: SessionOptions) => ({
  storeGln,
  epoch,
  version,
  lastSeq: BigInt(outbox.lastSeq()),
  firstUnackedSeq: BigInt(outbox.ackedSeq() + 1),
});
