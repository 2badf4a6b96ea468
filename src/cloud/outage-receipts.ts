import { toBinary } from '@bufbuild/protobuf';
import type { Clock, Timer } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part } from '../shared/part.ts';
import type { EndedOutage, LogEntry, OutageReceiptFact, Outbox } from '../store/outbox.ts';
import { eventAsSent } from './batch.ts';
import { FIRST_DIGEST, nextDigest } from './event-identity.ts';
import { type Event, EventSchema } from './gen/aisle/sync/v1/event_pb.ts';

/** Discarded events are not part of the chain. */
const isInChain = ({ body }: Event): boolean => body.case !== 'discarded';

interface OutageReceiptsOptions {
  readonly outbox: Pick<
    Outbox,
    'read' | 'endedOutage' | 'closeOutage' | 'discards' | 'lastReceipt' | 'epoch'
  >;
  readonly clock: Clock;
  readonly log: Log;
  /** Puts the receipt into the log and tells whoever listens. Throws when the disk cannot take it. */
  readonly commit: (receipt: OutageReceiptFact) => void;
}

const LOOK_MS = 1_000;
const ENTRIES_AT_ONCE = 50;
/** The event loop is never held longer than this at a time, and has as long for others in between. */
const SLICE_MS = 4;

interface Work {
  readonly outage: EndedOutage;
  readonly epoch: string;
  digest: Uint8Array;
  throughSeq: number;
}

/** Writes a receipt for each outage whose last event is acknowledged. A restart begins its digest anew. */
export function createOutageReceipts({ outbox, clock, log, commit }: OutageReceiptsOptions): Part {
  let look: Timer | null = null;
  let slice: Timer | null = null;
  let work: Work | null = null;
  const previousDigest = () => {
    const last = outbox.lastReceipt();
    return last ? Buffer.from(last.digest, 'hex') : FIRST_DIGEST;
  };
  const write = ({ outage, digest, epoch }: Work) => {
    // The log was renewed under it.
    if (epoch !== outbox.epoch()) return;
    const { firstSeq, lastSeq, fromMs, toMs, id } = outage;
    const discards = outbox.discards(firstSeq, lastSeq);
    const accepted = lastSeq - firstSeq + 1;
    const acknowledged = accepted - discards.reduce((sum, { discarded }) => sum + discarded, 0);
    const number = (outbox.lastReceipt()?.number ?? 0) + 1;
    const digests = { digest: hex(digest), previousDigest: hex(previousDigest()) };
    const span = { fromMs, toMs, firstSeq, lastSeq };
    commit({ type: 'outage_receipt', number, ...span, accepted, acknowledged, discards, ...digests });
    outbox.closeOutage(id);
    log.info({ number, ...span, accepted, acknowledged }, 'the receipt of an outage is written');
  };
  const goOn = () => {
    slice = null;
    if (!work) return;
    try {
      if (!digestSome(work, outbox.read, clock)) {
        slice = clock.after(SLICE_MS, goOn);
        return;
      }
      write(work);
    } catch (error) {
      // The outage still waits for its receipt: the next look begins anew.
      log.warn({ error: String(error) }, 'the receipt of an outage could not be written');
    }
    work = null;
  };
  const lookForOne = () => {
    if (work) return;
    const outage = outbox.endedOutage(clock.nowMs());
    if (!outage) return;
    work = { outage, epoch: outbox.epoch(), digest: previousDigest(), throughSeq: outage.firstSeq - 1 };
    goOn();
  };
  return {
    name: 'receipts',
    start: async () => {
      look = clock.every(LOOK_MS, lookForOne);
    },
    stop: async () => {
      look?.cancel();
      slice?.cancel();
      [look, slice, work] = [null, null, null];
    },
    health: () => ({ state: look ? 'ok' : 'stopped' }),
  };
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** True when the last event is in the chain. */
function digestSome(work: Work, read: Outbox['read'], clock: Clock): boolean {
  const { lastSeq } = work.outage;
  const untilMs = clock.monotonicMs() + SLICE_MS;
  do {
    const entries = read(work.throughSeq, ENTRIES_AT_ONCE);
    for (const entry of entries) {
      if (entry.seq > lastSeq) return true;
      work.digest = digestWith(work.digest, entry);
      work.throughSeq = entry.seq + (entry.fact.type === 'discarded' ? entry.fact.count : 1) - 1;
    }
    if (entries.length === 0 || work.throughSeq >= lastSeq) return true;
  } while (clock.monotonicMs() < untilMs);
  return false;
}

function digestWith(digest: Uint8Array, entry: LogEntry): Uint8Array {
  const event = eventAsSent(entry);
  return isInChain(event) ? nextDigest(digest, toBinary(EventSchema, event)) : digest;
}
