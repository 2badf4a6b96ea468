import type { MessageInitShape } from '@bufbuild/protobuf';
import { limits } from '../shared/limits.ts';
import type { LogEntry } from '../store/outbox.ts';
import { createCommandDesk } from './command-desk.ts';
import { timestamp } from './encode-terms.ts';
import { createEventSender, type EventSender } from './event-sender.ts';
import type { SyncRequestSchema, SyncResponse } from './gen/aisle/sync/v1/sync_pb.ts';
import { createLinkTimers } from './link-timers.ts';
import { createLiveStock } from './live-stock.ts';
import { createReplayDesk, type ReplayDesk } from './replay-desk.ts';
import { snapshotParts } from './snapshot.ts';
import type { SessionOptions } from './sync-session.ts';

type Body = NonNullable<MessageInitShape<typeof SyncRequestSchema>['body']>;

/** The line that is talked over. */
interface Line {
  write(body: Body, onFlushed?: () => void): void;
  isWritable(): boolean;
  end(reason: string): void;
}

/** What is said and heard on one stream: events, live stock, heartbeats, commands and their answers. */
export interface Talk {
  hello(): void;
  hear(response: SyncResponse): void;
  changed(entries: readonly LogEntry[]): void;
  /** The line takes more, or there is more to say. */
  goOn(): void;
  /** Sends events again that the cloud had put aside, and resolves with its answer. */
  readonly replay: ReplayDesk['ask'];
  stop(): void;
}

export function createTalk(options: SessionOptions, line: Line): Talk {
  const { clock, outbox } = options;
  let isWelcome = false;
  const sender = talkOfEvents(options, line);
  const timers = createLinkTimers(clock, {
    silence: () => line.end(`nothing was heard for ${limits.uplinkSilenceMs / 1000} s`),
    unanswered: () => line.end(`the cloud acknowledged nothing for ${limits.uplinkAckMs / 1000} s`),
    isWaiting: sender.isWaiting,
    heartbeat: () => {
      sender.settle();
      if (line.isWritable()) line.write({ case: 'heartbeat', value: heartbeat(options) });
    },
  });
  const live = createLiveStock({
    ...options,
    lastSeq: outbox.lastSeq,
    gtins: () => options.readState().stock.map(({ gtin }) => gtin),
    canSend: () => line.isWritable() && isWelcome,
    send: value => line.write({ case: 'liveStock', value }),
  });
  const carryOut = createCommandDesk({
    ...options,
    answer: (result, onFlushed) => line.write({ case: 'commandResult', value: result }, onFlushed),
  });
  const replays = createReplayDesk({
    ...options,
    send: events => line.write({ case: 'replay', value: { events } }),
  });
  return {
    hello: () => line.write({ case: 'hello', value: hello(options) }),
    hear({ body }) {
      timers.heard();
      if (body.case === 'welcome') {
        isWelcome = true;
        options.onWelcome();
        sender.welcome(body.value);
      } else if (body.case === 'ack') {
        timers.answered();
        sender.ack(body.value);
      } else if (body.case === 'replayResult') replays.hear(body.value);
      else if (body.case === 'gap') sender.gap(Number(body.value.expectedSeq));
      else if (body.case === 'command') carryOut(body.value);
    },
    changed: live.changed,
    goOn() {
      // How things stand goes before what led there.
      live.pump();
      sender.pump();
    },
    replay: replays.ask,
    stop() {
      replays.stop();
      timers.stop();
      live.stop();
    },
  };
}

function talkOfEvents(options: SessionOptions, line: Line): EventSender {
  const { clock, log, outbox } = options;
  return createEventSender({
    ...options,
    nowMs: clock.nowMs,
    canSend: line.isWritable,
    send: batch => line.write({ case: 'events', value: batch }),
    sendSnapshot() {
      const asOfSeq = outbox.lastSeq();
      const state = { ...options.readState(), asOfSeq, takenMs: clock.nowMs() };
      log.warn({ asOfSeq }, 'the cloud misses events that are gone; sending the state of the store instead');
      for (const part of snapshotParts(state, limits.uplinkSnapshotItems)) {
        line.write({ case: 'snapshot', value: part });
      }
      return asOfSeq;
    },
    onOtherLog() {
      outbox.renewEpoch();
      log.error({}, 'this database is an older copy of one that went on; its log has a new epoch now');
      line.end('the log has a new epoch');
    },
    onBroken: line.end,
  });
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
