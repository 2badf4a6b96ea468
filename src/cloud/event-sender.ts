import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Outbox } from '../store/outbox.ts';
import { batchOf } from './batch.ts';
import type { EventBatch } from './gen/aisle/sync/v1/sync_pb.ts';
import { acknowledged, maySend, resumeAt, rewound, type SendWindow, sent } from './send-window.ts';

export interface EventSenderOptions {
  readonly outbox: Outbox;
  readonly counters: Counters;
  readonly log: Log;
  /** The stream takes more without piling up memory. */
  readonly canSend: () => boolean;
  readonly send: (batch: EventBatch) => void;
  /** Events cannot go on although the link is up; one sentence for a person. Nothing is sent until the next stream. */
  readonly onStall: (sentence: string) => void;
  /** The receiver broke the protocol. */
  readonly onBroken: (reason: string) => void;
}

/** The events of one stream: from where to go on, how many at once, and what the answers mean. */
export interface EventSender {
  welcome(ackedSeq: number): void;
  ack(ackedSeq: number): void;
  gap(expectedSeq: number): void;
  /** Sends what the window allows. */
  pump(): void;
}

export function createEventSender(options: EventSenderOptions): EventSender {
  const { outbox, counters, log, canSend, send, onStall, onBroken } = options;
  let window: SendWindow | null = null;
  let welcomed = false;

  const pump = () => {
    while (window && canSend() && maySend(window, limits.uplinkWindowBatches)) {
      const entries = outbox.read(window.sentSeq, limits.uplinkBatchEvents);
      const first = entries[0];
      if (!first) return;
      if (first.seq !== window.sentSeq + 1) {
        onStall(missing(window.sentSeq, first.seq));
        window = null;
        return;
      }
      const batch = batchOf(entries, ({ seq, fact }, error) => {
        counters.add('cloud_events_unfit_total', { type: fact.type });
        log.error({ seq, type: fact.type, error: String(error) }, 'event cannot be expressed to the cloud');
      });
      window = sent(window, window.sentSeq + batch.events.length);
      counters.add('cloud_events_sent_total', {}, batch.events.length);
      send(batch);
    }
  };
  return {
    pump,
    welcome(ackedSeq) {
      if (welcomed) return onBroken('the cloud said welcome twice');
      welcomed = true;
      const lastSeq = outbox.lastSeq();
      if (ackedSeq > lastSeq) return onStall(aheadOfUs(ackedSeq, lastSeq));
      if (ackedSeq < outbox.ackedSeq()) {
        log.warn({ ackedSeq, before: outbox.ackedSeq() }, 'the cloud lost events it had; sending them again');
      }
      outbox.acknowledge(ackedSeq);
      window = resumeAt(ackedSeq);
      pump();
    },
    ack(ackedSeq) {
      if (!window) return;
      window = acknowledged(window, ackedSeq);
      if (!window) return onBroken(`the cloud acknowledged event ${ackedSeq}, which was never sent`);
      outbox.acknowledge(ackedSeq);
      pump();
    },
    gap(expectedSeq) {
      if (!window) return;
      counters.add('cloud_gaps_total');
      log.warn({ expectedSeq, sentSeq: window.sentSeq }, 'the cloud misses events; going back');
      window = rewound(window, expectedSeq);
      if (!window) return onBroken(`the cloud asked for event ${expectedSeq}, which was never sent`);
      pump();
    },
  };
}

const missing = (heldSeq: number, keptSeq: number) =>
  `the cloud holds events up to ${heldSeq} and this store keeps them from ${keptSeq} on; ` +
  "restore the cloud's database from a backup that knows this store";

const aheadOfUs = (ackedSeq: number, lastSeq: number) =>
  `the cloud holds events up to ${ackedSeq} of this log, which ends at ${lastSeq}: an older copy of the database ` +
  'was put in place; start with a new epoch';
