import { toBinary } from '@bufbuild/protobuf';
import { identityOf } from '../../src/cloud/event-identity.ts';
import { type Event, EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { foldEvents, foldSnapshot, type StockChange } from '../../src/hub/fold.ts';
import { judgeBatch, unfitness } from '../../src/hub/judge.ts';
import type { EventLedger, LogName } from '../../src/hub/ledger.ts';

/** What the hub holds of one log. */
export interface HeldLog {
  ackedSeq: number;
  eventCount: number;
  skippedCount: number;
  events: Map<number, Event>;
  unfit: Map<number, Event>;
  /** Events that came again with other content. */
  strange: number[];
  /** Quantity by item and place. */
  stock: Map<string, number>;
}

/** The hub's disk: what is in it survives a crash. */
export type LedgerDisk = Map<string, HeldLog>;

const keyOf = ({ store, epoch }: LogName) => `${store} ${epoch}`;

const emptyLog = (): HeldLog => ({
  ackedSeq: 0,
  eventCount: 0,
  skippedCount: 0,
  events: new Map(),
  unfit: new Map(),
  strange: [],
  stock: new Map(),
});

/** A copy that later changes do not reach, as a backup is. */
export const copyOf = (disk: LedgerDisk): LedgerDisk =>
  new Map(
    [...disk].map(([key, log]) => [
      key,
      {
        ...log,
        events: new Map(log.events),
        unfit: new Map(log.unfit),
        strange: [...log.strange],
        stock: new Map(log.stock),
      },
    ]),
  );

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
    const log = disk.get(keyOf(name)) ?? emptyLog();
    disk.set(keyOf(name), log);
    return log;
  };
  return {
    register: hello =>
      commit(() => {
        const { ackedSeq, events } = logOf({ store: hello.storeGln, epoch: hello.epoch });
        return { ackedSeq, ackedDigest: identityOf(events.get(ackedSeq) ?? null) };
      }),
    ingest: (name, batch) =>
      commit(() => {
        const log = logOf(name);
        const judged = judgeBatch(log.ackedSeq, batch);
        if (judged.kind !== 'joins') return judged;
        for (const event of judged.fresh) log.events.set(Number(event.seq), event);
        for (const { event } of judged.rejected) log.unfit.set(Number(event.seq), event);
        const quarantined = judged.again
          .map(({ seq }) => Number(seq))
          .filter(seq => !isSame(log, judged.again, seq));
        log.strange.push(...quarantined);
        addStock(log.stock, foldEvents(judged.fresh).stock);
        log.ackedSeq = judged.ackedSeq;
        log.eventCount += judged.fresh.filter(({ body }) => body.case !== 'discarded').length;
        log.skippedCount += judged.skipped;
        const rejected = judged.rejected.map(({ event, reason }) => ({ seq: Number(event.seq), reason }));
        return { kind: 'stored' as const, ackedSeq: judged.ackedSeq, quarantined, rejected };
      }),
    replace: (name, parts) =>
      commit(() => {
        const log = logOf(name);
        const asOfSeq = Number(parts[0]?.asOfSeq ?? 0n);
        if (asOfSeq <= log.ackedSeq) return log.ackedSeq;
        log.stock = new Map();
        addStock(log.stock, foldSnapshot(parts).stock);
        log.skippedCount += asOfSeq - log.ackedSeq;
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

function isSame(log: HeldLog, again: readonly Event[], seq: number): boolean {
  const held = log.events.get(seq) ?? log.unfit.get(seq);
  const event = again.find(each => Number(each.seq) === seq);
  if (!held || !event || held.body.case === 'discarded') return true;
  return Buffer.compare(toBinary(EventSchema, held), toBinary(EventSchema, event)) === 0;
}
