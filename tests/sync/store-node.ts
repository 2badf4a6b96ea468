import { createOutageReceipts } from '../../src/cloud/outage-receipts.ts';
import { standingFacts } from '../../src/cloud/snapshot.ts';
import { createUplink, type Uplink } from '../../src/cloud/uplink.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { DeadLetter, Fact, Outbox } from '../../src/store/outbox.ts';
import type { SqliteStore } from '../../src/store/sqlite-store.ts';
import type { Change, StockView } from '../../src/store/views.ts';
import { quietStore } from '../cloud/memory-outbox.ts';
import type { StoreDisk } from './store-disk.ts';
import { processClock, type VirtualTime } from './virtual-time.ts';
import type { Connection } from './wire.ts';

/** One life of the gateway's cloud link, from a start to a crash. */
export interface StoreProcess {
  /** False when the disk did not take it. */
  commit(fact: Fact): boolean;
  crash(): void;
  /** Deletes acknowledged entries. */
  trim(maxRows: number): void;
  deadLetters(): readonly DeadLetter[];
  readonly outbox: Outbox;
  readonly uplink: Uplink;
}

interface StoreProcessOptions {
  readonly time: VirtualTime;
  readonly disk: StoreDisk;
  readonly random: () => number;
  readonly budgetBytes: number;
  /** A connection to the hub, or one that breaks at once. */
  readonly connect: () => Connection;
  /** Told of every acknowledgement that the store takes for true. */
  readonly onAcknowledged: (epoch: string, seq: number) => void;
  readonly onNewEpoch: () => void;
  /** Told of events that were put aside and are part of the hub's stock now. */
  readonly onMended: (events: number) => void;
}

export const STORE = '9521321000018';

const HOUSEKEEPING_MS = 5_000;

/** The gateway's own code from the log to the wire, over a disk that outlives it. */
export function startStoreProcess(options: StoreProcessOptions): StoreProcess {
  const { time, disk, random, budgetBytes, connect } = options;
  const clock = processClock(time);
  const store = disk.open(budgetBytes);
  const outbox = watched(store.outbox, options);
  const listeners = new Set<(change: Change) => void>();
  let connection: Connection | null = null;
  const append = (fact: Fact) => {
    const nowMs = time.nowMs();
    const added = [{ fact, eventTimeMs: nowMs, receivedTimeMs: nowMs }];
    const entries = store.commit({ entries: added, keys: [], plates: [] });
    disk.note(entries);
    for (const tell of listeners) tell({ kind: 'facts', entries });
  };
  const uplink = createUplink({
    ...quietStore,
    address: 'hub',
    dial() {
      connection = connect();
      return { stream: connection.stream, close: () => {} };
    },
    soon: callback => void clock.after(0, callback),
    storeGln: STORE,
    version: '1',
    outbox,
    readState: () => ({ stock: stockViews(store), reservations: [], standing: standingFacts(store) }),
    submit: async () => ({ status: 'accepted', seq: null }),
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lookupReservation: () => null,
    clock,
    log: silentLog,
    counters: createCounters(),
    random,
  });
  void uplink.start();
  void createOutageReceipts({ outbox, clock, log: silentLog, commit: append }).start();
  clock.every(HOUSEKEEPING_MS, () => outbox.relieve());
  return {
    uplink,
    outbox,
    commit(fact) {
      try {
        append(fact);
        return true;
      } catch {
        return false;
      }
    },
    trim: maxRows => void outbox.trim(Number.POSITIVE_INFINITY, maxRows),
    deadLetters: () => outbox.deadLetters(Number.MAX_SAFE_INTEGER),
    crash() {
      clock.die();
      listeners.clear();
      connection?.abandon();
    },
  };
}

const watched = (
  outbox: Outbox,
  {
    disk,
    onAcknowledged,
    onNewEpoch,
    onMended,
  }: Pick<StoreProcessOptions, 'disk' | 'onAcknowledged' | 'onNewEpoch' | 'onMended'>,
): Outbox => ({
  ...outbox,
  renewEpoch() {
    outbox.renewEpoch();
    onNewEpoch();
  },
  takenBack(seqs) {
    const before = outbox.deadLetterCount();
    outbox.takenBack(seqs);
    onMended(before - outbox.deadLetterCount());
  },
  // Most reads find nothing, and the journal knows that as well and faster.
  read: (afterSeq, limit) => (afterSeq >= disk.journal.length ? [] : outbox.read(afterSeq, limit)),
  acknowledge(seq) {
    const before = outbox.ackedSeq();
    outbox.acknowledge(seq);
    if (outbox.ackedSeq() > before) onAcknowledged(outbox.epoch(), outbox.ackedSeq());
  },
});

function stockViews(store: SqliteStore): StockView[] {
  const views = new Map<string, Record<string, number>>();
  for (const { gtin, place, quantity } of store.balances()) {
    views.set(gtin, { ...views.get(gtin), [place]: quantity });
  }
  return [...views].map(([gtin, places]) => ({
    gtin,
    name: gtin,
    temperatureClass: 'ambient',
    places,
    onShelf: 0,
    backroom: 0,
    inCart: 0,
    reserved: 0,
    availableToPromise: 0,
    confidence: null,
    updatedAtMs: null,
    seq: store.outbox.lastSeq(),
  }));
}
