import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { LogEntry, Outbox } from '../store/outbox.ts';
import { batchOf } from './batch.ts';
import { encodeEntry } from './encode.ts';
import { identityOf, lastSeqOf } from './event-identity.ts';
import type { Ack, EventBatch, Welcome } from './gen/aisle/sync/v1/sync_pb.ts';
import { acknowledged, maySend, resumeAt, rewound, type SendWindow, sent } from './send-window.ts';

export interface EventSenderOptions {
  readonly outbox: Outbox;
  readonly counters: Counters;
  readonly log: Log;
  readonly nowMs: () => number;
  /** The stream takes more without piling up memory. */
  readonly canSend: () => boolean;
  readonly send: (batch: EventBatch) => void;
  /** Sends the state of the store as of the last event, and returns the number of that. */
  readonly sendSnapshot: () => number;
  /** The log behind these numbers is another one than the cloud knows. */
  readonly onOtherLog: () => void;
  /** The receiver broke the protocol. */
  readonly onBroken: (reason: string) => void;
}

/** The events of one stream: from where to go on, how many at once, and what the answers mean. */
export interface EventSender {
  welcome(welcome: Welcome): void;
  ack(ack: Ack): void;
  gap(expectedSeq: number): void;
  /** Sends what the window allows. */
  pump(): void;
  /** Something was sent that is not acknowledged. */
  isWaiting(): boolean;
  /** Writes down what a full disk refused before, and goes on. */
  settle(): void;
}

export function createEventSender(options: EventSenderOptions): EventSender {
  const { outbox, counters, log, canSend, send, onBroken } = options;
  /** What was in the log before the stream tells what was, not what is. */
  const replayedSeq = outbox.lastSeq();
  let window: SendWindow | null = null;
  let welcomed = false;
  const { putAside } = createAside(options);
  const pump = () => {
    while (window && canSend() && maySend(window, limits.uplinkWindowBatches)) {
      const entries = outbox.read(window.sentSeq, limits.uplinkBatchEvents);
      const first = entries[0];
      if (!first) return;
      if (first.seq !== window.sentSeq + 1) {
        // The state answers for events that were trimmed; what was under way before it is answered first.
        if (window.underWay.length > 0 || !outbox.sent(outbox.lastSeq())) return;
        window = sent(window, sendState(options));
        return;
      }
      const batch = batchOf(entries, replayedSeq, unfit(options));
      const lastSeq = lastSeqOf(batch.events.at(-1)!);
      // Before they go out: from now on they are what they are.
      if (!outbox.sent(lastSeq)) return;
      window = sent(window, lastSeq);
      counters.add('cloud_events_sent_total', {}, batch.events.length);
      send(batch);
    }
  };
  return {
    pump,
    isWaiting: () => window !== null && window.underWay.length > 0,
    settle() {
      putAside([]);
      if (window && window.ackedSeq > outbox.ackedSeq()) outbox.acknowledge(window.ackedSeq);
      pump();
    },
    welcome(welcome) {
      if (welcomed) return onBroken('the cloud said welcome twice');
      welcomed = true;
      const ackedSeq = Number(welcome.ackedSeq);
      if (!knows(outbox, welcome)) return options.onOtherLog();
      warnOfLoss(options, ackedSeq);
      putAside(notKept(outbox, welcome));
      outbox.acknowledge(ackedSeq);
      window = resumeAt(ackedSeq);
      pump();
    },
    ack({ ackedSeq, rejected }) {
      if (!window) return;
      const through = Number(ackedSeq);
      window = acknowledged(window, through);
      if (!window) return onBroken(`the cloud acknowledged event ${through}, which was never sent`);
      // Before the cursor moves: what is acknowledged may be trimmed.
      putAside(rejected);
      outbox.acknowledge(through);
      pump();
    },
    gap(expectedSeq) {
      if (!window) return;
      // A late word about what has been answered since.
      if (expectedSeq <= window.ackedSeq) return;
      counters.add('cloud_gaps_total');
      log.warn({ expectedSeq, sentSeq: window.sentSeq }, 'the cloud misses events; going back');
      window = rewound(window, expectedSeq);
      if (!window) return onBroken(`the cloud asked for event ${expectedSeq}, which was never sent`);
      pump();
    },
  };
}

function sendState({ counters, outbox, sendSnapshot }: EventSenderOptions): number {
  counters.add('cloud_snapshots_total');
  const asOfSeq = sendSnapshot();
  outbox.superseded();
  return asOfSeq;
}

const unfit =
  ({ counters, log }: EventSenderOptions) =>
  ({ seq, fact }: LogEntry, error: unknown): void => {
    counters.add('cloud_events_unfit_total', { type: fact.type });
    log.error({ seq, type: fact.type, error: String(error) }, 'event cannot be expressed to the cloud');
  };

function warnOfLoss({ outbox, log }: EventSenderOptions, ackedSeq: number): void {
  const before = outbox.ackedSeq();
  if (ackedSeq < before) log.warn({ ackedSeq, before }, 'the cloud lost events it had; sending them again');
}

/** Keeps copies of what the cloud put aside; what the disk cannot take is tried again with the next. */
function createAside({ outbox, counters, log, nowMs }: EventSenderOptions) {
  // A Welcome names them again when this stream ends before they are kept.
  let owed: readonly Rejection[] = [];
  return {
    putAside(rejected: Ack['rejected']) {
      const news = rejected.map(({ seq, reason }) => ({ seq: Number(seq), reason }));
      if (news.length > 0) {
        counters.add('cloud_events_rejected_total', {}, news.length);
        log.error({ refused: news }, 'the cloud cannot use these events; a copy is kept');
      }
      owed = [...owed, ...news];
      if (owed.length > 0 && outbox.putAside(owed, nowMs())) owed = [];
    },
  };
}

interface Rejection {
  readonly seq: number;
  readonly reason: string;
}

/** The acknowledgement that named them may have been lost with its stream. */
function notKept(outbox: Outbox, { rejected }: Welcome): Ack['rejected'] {
  return rejected.filter(({ seq }) => outbox.deadLetterOf(Number(seq)) === null);
}

/**
 * Whether what the cloud holds of this log is ours. A restored copy of the database sent less than that, or went on
 * otherwise.
 */
function knows(outbox: Outbox, { ackedSeq, ackedDigest }: Welcome): boolean {
  const seq = Number(ackedSeq);
  if (seq > outbox.sentSeq()) return false;
  if (ackedDigest.length === 0) return true;
  const [entry] = outbox.read(seq - 1, 1);
  if (entry?.seq !== seq) return true;
  return Buffer.compare(identityOf(encodeEntry(entry)), ackedDigest) === 0;
}
