import { randomUUID } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { createDialer, type Dial } from '../../src/cloud/dial.ts';
import { createUplink, type Uplink } from '../../src/cloud/uplink.ts';
import { endOfTurn, systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { gs1CheckDigit } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { Fact, LogEntry, Outbox } from '../../src/store/outbox.ts';
import type { Change, StockView } from '../../src/store/views.ts';
import { gtinOf, pick } from '../cloud/facts.ts';
import { memoryOutbox, quietStore } from '../cloud/memory-outbox.ts';

/** Items of each store of a crowd. */
export const CROWD_ITEMS = 100;
/** Every so many events one is a temperature; the others are picks. */
const COLD_EVERY = 5;

export interface CrowdStore {
  readonly gln: string;
  readonly uplink: Uplink;
  /** So many events more are in its log. */
  produce(events: number): void;
  lastSeq(): number;
  ackedSeq(): number;
  cut(): void;
}

export interface CrowdOptions {
  readonly stores: number;
  /** Ports of the receivers; each attempt takes the next one, as a balancer does. May change. */
  readonly ports: readonly number[];
  readonly random: () => number;
  /** Milliseconds from an event that was just produced to its acknowledgement. */
  readonly onAcked?: (ms: number) => void;
}

/** Many stores in one process: the uplink of the real gateway, each on its own connection, over a log that is a formula. */
export function createCrowd({ stores, ports, random, onAcked }: CrowdOptions): readonly CrowdStore[] {
  let attempt = 0;
  return Array.from({ length: stores }, (_, index) => {
    const log = formulaLog(onAcked ?? (() => {}));
    const listeners = new Set<(change: Change) => void>();
    let hangUp = () => {};
    const dial: Dial = () => {
      const port = ports[attempt++ % ports.length]!;
      const line = createDialer(`127.0.0.1:${port}`, () => credentials.createInsecure())();
      hangUp = () => line.stream.cancel();
      return line;
    };
    const gln = crowdGln(index);
    const uplink = createUplink({
      address: 'the balancer',
      dial,
      storeGln: gln,
      version: '0.1.0',
      outbox: log.outbox,
      ...quietStore,
      stockOf,
      soon: endOfTurn,
      submit: async () => ({ status: 'accepted', seq: null }),
      subscribe: listener => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      lookupReservation: () => null,
      clock: systemClock(),
      log: silentLog,
      counters: createCounters(),
      random,
    });
    return {
      gln,
      uplink,
      produce(events) {
        const entries = log.grow(events);
        for (const tell of listeners) tell({ kind: 'facts', entries });
      },
      lastSeq: log.outbox.lastSeq,
      ackedSeq: log.outbox.ackedSeq,
      cut: () => hangUp(),
    };
  });
}

export function crowdGln(index: number): string {
  const body = `95213${String(index).padStart(7, '0')}`;
  return `${body}${gs1CheckDigit(body)}`;
}

/** Movements among the events 1 to `lastSeq` of a store of a crowd; each takes one unit from a shelf. */
export const crowdMovements = (lastSeq: number): number => lastSeq - Math.floor(lastSeq / COLD_EVERY);

/** Live stock says nothing that the events do not; it costs what it costs in a real store. */
const stockOf = (gtin: string): StockView => ({
  gtin,
  name: 'Item',
  temperatureClass: 'ambient',
  places: { 'shelf:A1-1': 10, backroom: 20 },
  onShelf: 10,
  confidence: 0.97,
  backroom: 20,
  inCart: 0,
  reserved: 0,
  availableToPromise: 29,
  updatedAtMs: null,
  seq: 1,
});

/** A log of which event n is computed and not kept, so that a thousand of them take no memory. */
function formulaLog(onAcked: (ms: number) => void) {
  const clock = systemClock();
  const startedMs = clock.nowMs();
  let last = 0;
  let acked = 0;
  // Of the events that are not acknowledged, the newest of each growth and when it was.
  const grown: { readonly seq: number; readonly atMs: number }[] = [];
  const entry = (seq: number): LogEntry => {
    const timeMs = startedMs + seq;
    return { seq, fact: factOf(seq, timeMs), eventTimeMs: timeMs, receivedTimeMs: timeMs };
  };
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => entry(from + 1 + index));
  const outbox: Outbox = {
    ...memoryOutbox(randomUUID()),
    firstSeq: () => (last > 0 ? 1 : 0),
    read: (afterSeq, limit) => range(afterSeq, Math.min(last, afterSeq + limit)),
    ackedSeq: () => acked,
    acknowledge(seq) {
      acked = Math.max(acked, Math.min(seq, last));
      while (grown[0] && grown[0].seq <= acked) onAcked(clock.monotonicMs() - grown.shift()!.atMs);
    },
    lastSeq: () => last,
    sentSeq: () => last,
    pending: () => last - acked,
    oldestPendingMs: () => null,
  };
  return {
    outbox,
    grow(events: number): readonly LogEntry[] {
      const from = last;
      last += events;
      grown.push({ seq: last, atMs: clock.monotonicMs() });
      return range(from, last);
    },
  };
}

const factOf = (seq: number, timeMs: number): Fact =>
  seq % COLD_EVERY === 0
    ? {
        type: 'temperature',
        unit: 'dairy-case',
        device: 'dairy-case',
        point: 'air_temperature',
        minuteMs: timeMs,
        goodSamples: 6,
        badSamples: 0,
        minCelsius: 2.5,
        meanCelsius: 3.5,
        maxCelsius: 4.5,
      }
    : pick({ gtin: gtinOf(seq % CROWD_ITEMS) });
