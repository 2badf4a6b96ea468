import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { LogEntry, Outbox } from '../store/outbox.ts';
import type { StockView } from '../store/views.ts';
import { createCommandDesk } from './command-desk.ts';
import type { Downlink } from './downlink.ts';
import { encodeEntry } from './encode.ts';
import { timestamp } from './encode-terms.ts';
import { createEventSender } from './event-sender.ts';
import {
  type ConfigStateSchema,
  type StoreHealthSchema,
  type SyncRequest,
  SyncRequestSchema,
  type SyncResponse,
} from './gen/aisle/sync/v1/sync_pb.ts';
import { createLinkTimers } from './link-timers.ts';
import { createLiveStock } from './live-stock.ts';
import { type StoreState, snapshotParts } from './snapshot.ts';

export interface SessionOptions {
  readonly storeGln: string;
  readonly version: string;
  readonly outbox: Outbox;
  /** How the store stands after its last event. */
  readonly readState: () => Omit<StoreState, 'asOfSeq' | 'takenMs'>;
  readonly stockOf: (gtin: string) => StockView | null;
  /** How the store is, for the heartbeats. */
  readonly storeHealth: () => StoreHealthInit;
  /** What the store is configured with. */
  readonly configState: () => ConfigStateInit;
  /** Runs the callback when the work of this turn is done, so that facts committed together go up together. */
  readonly soon: (callback: () => void) => void;
  readonly downlink: Downlink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  /** The cloud answered Hello. */
  readonly onWelcome: () => void;
  /** The stream is over; called once. */
  readonly onEnd: (reason: string) => void;
}

export interface Session {
  /** New facts are in the log. */
  wake(entries: readonly LogEntry[]): void;
  /** Sends events again that the cloud had put aside. */
  replay(): void;
  end(reason: string): void;
}

export type StoreHealthInit = MessageInitShape<typeof StoreHealthSchema>;
export type ConfigStateInit = MessageInitShape<typeof ConfigStateSchema>;

/** What a session needs of a gRPC stream. */
export interface Stream {
  write(request: SyncRequest, onFlushed: () => void): boolean;
  cancel(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end' | 'drain', listener: () => void): unknown;
  on(event: 'data', listener: (response: SyncResponse) => void): unknown;
}
type Body = NonNullable<MessageInitShape<typeof SyncRequestSchema>['body']>;

/** One stream to the cloud, from Hello to its end. Nothing that the cloud or the outbox does throws out of it. */
export function openSession(stream: Stream, options: SessionOptions): Session {
  const { clock, log } = options;
  let writable = true;
  let wakeScheduled = false;
  let welcomed = false;
  let ended = false;

  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    timers.stop();
    live.stop();
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
    unanswered: () => end(`the cloud acknowledged nothing for ${limits.uplinkAckMs / 1000} s`),
    isWaiting: () => sender.isWaiting(),
    heartbeat: () => {
      if (writable) write({ case: 'heartbeat', value: heartbeat(options) });
    },
  });
  const sender = createEventSender({
    ...options,
    nowMs: clock.nowMs,
    canSend: () => writable,
    send: batch => write({ case: 'events', value: batch }),
    sendSnapshot() {
      const asOfSeq = options.outbox.lastSeq();
      const state = { ...options.readState(), asOfSeq, takenMs: clock.nowMs() };
      log.warn({ asOfSeq }, 'the cloud misses events that are gone; sending the state of the store instead');
      for (const part of snapshotParts(state, limits.uplinkSnapshotItems)) {
        write({ case: 'snapshot', value: part });
      }
      return asOfSeq;
    },
    onOtherLog() {
      options.outbox.renewEpoch();
      log.error(
        {},
        'this database is an older copy of one that went on; its log has a new epoch from now on',
      );
      end('the log has a new epoch');
    },
    onBroken: end,
  });
  const live = createLiveStock({
    ...options,
    lastSeq: options.outbox.lastSeq,
    canSend: () => writable && welcomed,
    send: value => write({ case: 'liveStock', value }),
  });
  const carryOut = createCommandDesk({
    ...options,
    answer: (result, onFlushed) => write({ case: 'commandResult', value: result }, onFlushed),
  });
  const receive = ({ body }: SyncResponse) => {
    timers.heard();
    if (body.case === 'welcome') {
      welcomed = true;
      options.onWelcome();
      sender.welcome(body.value);
    } else if (body.case === 'ack') {
      timers.answered();
      sender.ack(body.value);
    } else if (body.case === 'replayResult') options.outbox.takenBack(body.value.takenSeqs.map(Number));
    else if (body.case === 'gap') sender.gap(Number(body.value.expectedSeq));
    else if (body.case === 'command') carryOut(body.value);
  };
  // Without a listener an error of the stream would end the process.
  stream.on('error', error => end(error.message));
  stream.on('end', () => end('the cloud closed the stream'));
  stream.on('data', response => guarded(() => receive(response)));
  stream.on('drain', () => {
    writable = true;
    // How things stand goes before what led there.
    guarded(live.pump);
    guarded(sender.pump);
  });
  guarded(() => write({ case: 'hello', value: hello(options) }));
  return {
    wake(entries) {
      guarded(() => live.changed(entries));
      if (wakeScheduled) return;
      wakeScheduled = true;
      options.soon(() => {
        wakeScheduled = false;
        guarded(sender.pump);
      });
    },
    replay: () =>
      guarded(() => {
        const events = options.outbox.deadLetters().slice(0, limits.uplinkBatchEvents);
        if (welcomed && events.length > 0) {
          write({ case: 'replay', value: { events: events.map(({ entry }) => encodeEntry(entry)) } });
        }
      }),
    end,
  };
}

const hello = ({ storeGln, version, outbox, configState }: SessionOptions) => ({
  storeGln,
  epoch: outbox.epoch(),
  version,
  lastSeq: BigInt(outbox.lastSeq()),
  firstUnackedSeq: BigInt(outbox.ackedSeq() + 1),
  firstKeptSeq: BigInt(outbox.firstSeq()),
  config: configState(),
});

const heartbeat = ({ clock, storeHealth, configState }: SessionOptions) => ({
  sentTime: timestamp(clock.nowMs()),
  health: storeHealth(),
  config: configState(),
});
