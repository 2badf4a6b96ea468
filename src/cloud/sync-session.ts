import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import { fail } from '../shared/result.ts';
import type { LogEntry, Outbox } from '../store/outbox.ts';
import type { StockView } from '../store/views.ts';
import type { Downlink } from './downlink.ts';
import {
  type ConfigStateSchema,
  type StoreHealthSchema,
  type SyncRequest,
  SyncRequestSchema,
  type SyncResponse,
} from './gen/aisle/sync/v1/sync_pb.ts';
import type { StoreState } from './snapshot.ts';
import { createTalk, type Talk } from './talk.ts';

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
  /** See Uplink. */
  replay: Talk['replay'];
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

/** One stream to the cloud, from Hello to its end. Nothing that the cloud or the outbox does throws out of it. */
export function openSession(stream: Stream, options: SessionOptions): Session {
  let writable = true;
  let wakeScheduled = false;
  let ended = false;

  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    talk.stop();
    stream.cancel();
    options.onEnd(reason);
  };
  const guarded = (work: () => void) => {
    try {
      if (!ended) work();
    } catch (error) {
      options.log.error({ error: String(error) }, 'cloud session failed');
      end('the store itself failed; see the log');
    }
  };
  const talk = createTalk(options, {
    write(body, onFlushed = () => {}) {
      if (!ended) writable = stream.write(create(SyncRequestSchema, { body }), onFlushed);
    },
    isWritable: () => writable,
    end,
  });
  // Without a listener an error of the stream would end the process.
  stream.on('error', error => end(error.message));
  stream.on('end', () => end('the cloud closed the stream'));
  stream.on('data', response => guarded(() => talk.hear(response)));
  stream.on('drain', () => {
    writable = true;
    guarded(talk.goOn);
  });
  guarded(talk.hello);
  return {
    wake(entries) {
      guarded(() => talk.changed(entries));
      if (wakeScheduled) return;
      wakeScheduled = true;
      options.soon(() => {
        wakeScheduled = false;
        guarded(talk.goOn);
      });
    },
    async replay(seqs) {
      try {
        return await talk.replay(seqs);
      } catch (error) {
        options.log.error({ error: String(error) }, 'dead letters could not be sent again');
        return fail('storage', 'the store itself failed; see the log', true);
      }
    },
    end,
  };
}
