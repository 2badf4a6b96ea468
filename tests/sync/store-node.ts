import { encodeEntry } from '../../src/cloud/encode.ts';
import { createUplink, type Uplink } from '../../src/cloud/uplink.ts';
import { foldEvents } from '../../src/hub/fold.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { DeadLetter, Fact, LogEntry, Outbox } from '../../src/store/outbox.ts';
import type { Change, StockView } from '../../src/store/views.ts';
import { quietStore } from '../cloud/memory-outbox.ts';
import { addStock } from './memory-ledger.ts';
import { processClock, type VirtualTime } from './virtual-time.ts';
import type { Connection } from './wire.ts';

/** The store's disk: what is in it survives a crash. */
export interface StoreDisk {
  epoch: string;
  entries: LogEntry[];
  lastSeq: number;
  ackedSeq: number;
  letters: DeadLetter[];
  /** Quantity by item and place, trimmed entries included. */
  stock: Map<string, number>;
}

export const emptyDisk = (epoch: string): StoreDisk => ({
  epoch,
  entries: [],
  lastSeq: 0,
  ackedSeq: 0,
  letters: [],
  stock: new Map(),
});

export const backupOf = (disk: StoreDisk): StoreDisk => ({
  ...disk,
  entries: [...disk.entries],
  letters: [...disk.letters],
  stock: new Map(disk.stock),
});

/** One life of the gateway's cloud link, from a start to a crash. */
export interface StoreProcess {
  commit(fact: Fact): void;
  crash(): void;
  readonly uplink: Uplink;
}

interface StoreProcessOptions {
  readonly time: VirtualTime;
  readonly disk: StoreDisk;
  readonly random: () => number;
  readonly newEpoch: () => string;
  /** A connection to the hub, or one that breaks at once. */
  readonly connect: () => Connection;
  /** Told of every acknowledgement that the store takes for true. */
  readonly onAcknowledged: (epoch: string, seq: number) => void;
}

export const STORE = '9521321000018';

export function startStoreProcess(options: StoreProcessOptions): StoreProcess {
  const { time, disk, random, connect } = options;
  const clock = processClock(time);
  const listeners = new Set<(change: Change) => void>();
  let connection: Connection | null = null;
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
    outbox: outboxOver(options),
    readState: () => ({ stock: stockViews(disk), reservations: [], standing: [] }),
    stockOf: () => null,
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
  return {
    uplink,
    commit(fact) {
      const nowMs = time.nowMs();
      const entry = { seq: ++disk.lastSeq, fact, eventTimeMs: nowMs, receivedTimeMs: nowMs };
      disk.entries.push(entry);
      addStock(disk.stock, foldEvents([encodeEntry(entry)]).stock);
      for (const tell of listeners) tell({ kind: 'facts', entries: [entry] });
    },
    crash() {
      clock.die();
      listeners.clear();
      connection?.cut();
    },
  };
}

function outboxOver({ disk, newEpoch, onAcknowledged }: StoreProcessOptions): Outbox {
  return {
    epoch: () => disk.epoch,
    renewEpoch() {
      disk.epoch = newEpoch();
      disk.ackedSeq = Math.max(0, (disk.entries[0]?.seq ?? 1) - 1);
      disk.letters = [];
    },
    sent() {},
    linkUp() {},
    linkDown() {},
    superseded() {},
    backlog: () => ({ bytes: 0, budgetBytes: 1, usedShare: 0, level: 'none' }),
    relieve: () => 0,
    endedOutage: () => null,
    closeOutage() {},
    discards: () => [],
    lastReceipt: () => null,
    firstSeq: () => disk.entries[0]?.seq ?? 0,
    read: (afterSeq, limit) => {
      const first = disk.entries[0]?.seq ?? 0;
      const from = Math.max(0, afterSeq + 1 - first);
      return disk.entries.slice(from, from + limit);
    },
    putAside(rejected, nowMs) {
      for (const { seq, reason } of rejected) {
        const entry = disk.entries.find(each => each.seq === seq);
        if (entry) disk.letters.push({ entry, reason, atMs: nowMs });
      }
    },
    deadLetters: () => disk.letters,
    takenBack(seqs) {
      disk.letters = disk.letters.filter(({ entry }) => !seqs.includes(entry.seq));
    },
    ackedSeq: () => disk.ackedSeq,
    acknowledge(seq) {
      const known = Math.min(seq, disk.lastSeq);
      if (known <= disk.ackedSeq) return;
      disk.ackedSeq = known;
      onAcknowledged(disk.epoch, known);
    },
    lastSeq: () => disk.lastSeq,
    pending: () => disk.lastSeq - disk.ackedSeq,
    oldestPendingMs: () => null,
    trim: () => 0,
  };
}

function stockViews({ stock, lastSeq }: StoreDisk): StockView[] {
  const views = new Map<string, Record<string, number>>();
  for (const [key, quantity] of stock) {
    const [gtin = '', place = ''] = key.split(' ');
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
    seq: lastSeq,
  }));
}
