import { toBinary } from '@bufbuild/protobuf';
import { identityOf, lastSeqOf } from '../../src/cloud/event-identity.ts';
import { type Event, EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { foldEvents, foldSnapshot, type StockChange } from '../../src/hub/fold.ts';
import { type Judged, judgeBatch, unfitness } from '../../src/hub/judge.ts';
import type { EventLedger, LogName } from '../../src/hub/ledger.ts';

/** What the hub holds of one log. */
export interface HeldLog {
  ackedSeq: number;
  eventCount: number;
  skippedCount: number;
  /** Also runs of discarded events, under the first number of each. */
  events: Map<number, Event>;
  unfit: Map<number, Event>;
  /** Numbers of discarded events, and numbers that a snapshot answers for. */
  discarded: Set<number>;
  inSnapshot: Set<number>;
  /** Numbers in the order in which they came. */
  order: number[];
  /** Events that came again with other content. */
  strange: number[];
  /** Quantity by item and place. */
  stock: Map<string, number>;
}

/** The hub's disk: what is in it survives a crash. */
export interface LedgerDisk {
  readonly logs: Map<string, HeldLog>;
  /** The stream of each store that counts. */
  readonly streams: Map<string, string>;
}

export const emptyLedger = (): LedgerDisk => ({ logs: new Map(), streams: new Map() });

const keyOf = ({ store, epoch }: LogName) => `${store} ${epoch}`;

const emptyLog = (): HeldLog => ({
  ackedSeq: 0,
  eventCount: 0,
  skippedCount: 0,
  events: new Map(),
  unfit: new Map(),
  discarded: new Set(),
  inSnapshot: new Set(),
  order: [],
  strange: [],
  stock: new Map(),
});

/** A copy that later changes do not reach, as a backup is. */
export const copyOf = ({ logs, streams }: LedgerDisk): LedgerDisk => ({
  streams: new Map(streams),
  logs: new Map(
    [...logs].map(([key, log]) => [
      key,
      {
        ...log,
        events: new Map(log.events),
        unfit: new Map(log.unfit),
        discarded: new Set(log.discarded),
        inSnapshot: new Set(log.inSnapshot),
        order: [...log.order],
        strange: [...log.strange],
        stock: new Map(log.stock),
      },
    ]),
  ),
});

export function addStock(stock: Map<string, number>, changes: readonly StockChange[]): void {
  for (const { gtin, place, quantity } of changes) {
    const key = `${gtin} ${place}`;
    const sum = (stock.get(key) ?? 0) + quantity;
    if (sum === 0) stock.delete(key);
    else stock.set(key, sum);
  }
}

/** The hub's ledger over a disk in memory, with the same rules as the one over PostgreSQL. `commit` may delay, and may never come back. */
export function createMemoryLedger(disk: LedgerDisk, commit: <T>(work: () => T) => Promise<T>): EventLedger {
  const logOf = (name: LogName): HeldLog => {
    const log = disk.logs.get(keyOf(name)) ?? emptyLog();
    disk.logs.set(keyOf(name), log);
    return log;
  };
  return {
    register: (hello, stream) =>
      commit(() => {
        disk.streams.set(hello.storeGln, stream);
        const { ackedSeq, events, unfit } = logOf({ store: hello.storeGln, epoch: hello.epoch });
        const rejected = [...unfit].map(([seq, event]) => ({ seq, reason: unfitness(event) ?? '' }));
        const ackedDigest = identityOf(events.get(ackedSeq) ?? unfit.get(ackedSeq) ?? null);
        return { ackedSeq, ackedDigest, rejected };
      }),
    ingest: (name, batch) =>
      commit(() => {
        if (disk.streams.get(name.store) !== name.stream) return { kind: 'replaced' as const };
        const log = logOf(name);
        const judged = judgeBatch(log.ackedSeq, batch);
        if (judged.kind !== 'joins') return judged;
        noteNumbers(log, batch.events);
        return keep(log, judged);
      }),
    replace: (name, parts) =>
      commit(() => {
        const log = logOf(name);
        const asOfSeq = Number(parts[0]?.asOfSeq ?? 0n);
        if (asOfSeq <= log.ackedSeq) return log.ackedSeq;
        log.stock = new Map();
        addStock(log.stock, foldSnapshot(parts).stock);
        log.skippedCount += asOfSeq - log.ackedSeq;
        const answered = [...log.unfit.keys()].filter(seq => seq <= asOfSeq);
        for (const seq of answered) log.unfit.delete(seq);
        for (let seq = log.ackedSeq + 1; seq <= asOfSeq; seq++) log.inSnapshot.add(seq);
        for (const seq of answered) log.inSnapshot.add(seq);
        log.ackedSeq = asOfSeq;
        return asOfSeq;
      }),
    replay: (name, { events }) =>
      commit(() => {
        const log = logOf(name);
        const fit = events.filter(event => unfitness(event) === null && log.unfit.delete(Number(event.seq)));
        for (const event of fit) log.events.set(Number(event.seq), event);
        addStock(log.stock, foldEvents(fit).stock);
        log.eventCount += fit.length;
        log.skippedCount -= fit.length;
        return events.flatMap(event => {
          const reason = unfitness(event);
          return reason === null ? [] : [{ seq: Number(event.seq), reason }];
        });
      }),
    noteLive: () => commit(() => {}),
    noteHeard: () => commit(() => {}),
    leave: () => commit(() => {}),
  };
}

/** Stores what joins on. */
function keep(log: HeldLog, judged: Extract<Judged, { kind: 'joins' }>) {
  const quarantined = judged.again
    .map(({ seq }) => Number(seq))
    .filter(seq => !isSame(log, judged.again, seq));
  log.strange.push(...quarantined);
  for (const event of judged.fresh) log.events.set(Number(event.seq), event);
  for (const { event } of judged.rejected) log.unfit.set(Number(event.seq), event);
  addStock(log.stock, foldEvents(judged.fresh).stock);
  log.ackedSeq = judged.ackedSeq;
  log.eventCount += judged.fresh.filter(({ body }) => body.case !== 'discarded').length;
  log.skippedCount += judged.skipped;
  const rejected = judged.rejected.map(({ event, reason }) => ({ seq: Number(event.seq), reason }));
  return { kind: 'stored' as const, ackedSeq: judged.ackedSeq, quarantined, rejected };
}

function noteNumbers({ ackedSeq, order, discarded }: HeldLog, events: readonly Event[]): void {
  for (const event of events) {
    const last = lastSeqOf(event);
    const isRun = event.body.case === 'discarded';
    for (let seq = Math.max(ackedSeq + 1, Number(event.seq)); seq <= last; seq++) {
      order.push(seq);
      if (isRun) discarded.add(seq);
    }
  }
}

function isSame(log: HeldLog, again: readonly Event[], seq: number): boolean {
  const held = log.events.get(seq);
  const event = again.find(each => Number(each.seq) === seq);
  if (!held || !event || held.body.case === 'discarded') return true;
  return Buffer.compare(toBinary(EventSchema, held), toBinary(EventSchema, event)) === 0;
}
