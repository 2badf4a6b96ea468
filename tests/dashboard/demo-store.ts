import type { Document } from '../../src/readings/documents.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Submit } from '../../src/readings/submit.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { LogEntry } from '../../src/store/fact.ts';
import type {
  ConfigurationView,
  HealthView,
  Queries,
  ReservationView,
  SyncView,
} from '../../src/store/views.ts';
import { LAYOUT_COLD, LAYOUT_DEVICES, LAYOUT_FACINGS } from './demo-layout.ts';
import { type DemoState, demoState } from './demo-state.ts';
import { coldView, deviceView, facingView, footfallBins, labelView, stockView } from './demo-views.ts';
import { demoWork } from './demo-work.ts';

const CONFIGURATION: ConfigurationView = {
  source: 'cloud',
  version: 7,
  hash: 'a1'.repeat(32),
  sinceMs: Date.UTC(2026, 0, 4),
  confirmed: true,
  watchedUntilMs: null,
  wentBack: null,
  priceList: '2026-w01',
  policies: { stock: { safetyStock: 2 } },
  differences: [{ path: 'stock.safetyStock', files: '0', inForce: '2' }],
};

export type DemoStore = ReturnType<typeof demoStore>;

/**
 * A store in memory that answers as the gateway's queries do, for tests of the API and for working on the
 * dashboard alone. It keeps counts; it does not decide anything.
 */
export function demoStore(clock: Clock) {
  const state = demoState(clock);
  const queries = demoQueries(state, clock);
  const submitted: Reading[] = [];
  const submit = demoSubmit(state, queries, submitted);
  return {
    ...state,
    queries,
    submit,
    submitted,
    health: () => healthOf(state, clock),
    sync: () => syncOf(state, clock),
    configuration: () => CONFIGURATION,
  };
}

function demoQueries(state: DemoState, clock: Clock): Queries {
  const byGtin = (gtin: string) => LAYOUT_FACINGS.filter(({ item }) => item.gtin === gtin);
  const labelled = LAYOUT_FACINGS.filter(({ label }) => label !== null);
  const devices = () => LAYOUT_DEVICES.map(device => deviceView(state, device, clock.nowMs()));
  return {
    stock: () => LAYOUT_FACINGS.map(facing => stockView(state, facing)),
    stockOf: gtin => byGtin(gtin).map(facing => stockView(state, facing))[0] ?? null,
    movements: (gtin, limit, before = Number.MAX_SAFE_INTEGER) =>
      state.movements.filter(movement => movement.gtin === gtin && movement.seq < before).slice(0, limit),
    recentMovements: limit => state.movements.slice(0, limit),
    facings: () => LAYOUT_FACINGS.map(facing => facingView(state, facing)),
    facingsOf: gtin => byGtin(gtin).map(facing => facingView(state, facing)),
    devices,
    deviceCounts: () => {
      const states = devices().map(({ state }) => state);
      const of = (wanted: string) => states.filter(state => state === wanted).length;
      return { devices: states.length, online: of('online'), offline: of('offline') };
    },
    deviceOf: id => devices().find(({ device }) => device === id) ?? null,
    coldUnits: () => LAYOUT_COLD.map(cold => coldView(state, cold)),
    temperatures: (unit, sinceMs) =>
      (state.minutes.get(unit) ?? [])
        .filter(({ minuteMs }) => minuteMs >= sinceMs)
        .map(({ minuteMs, celsius }) => ({
          minuteMs,
          minCelsius: celsius === null ? null : celsius - 0.3,
          meanCelsius: celsius,
          maxCelsius: celsius === null ? null : celsius + 0.3,
        })),
    footfall: (sinceMs, binMinutes) => footfallBins(sinceMs, clock.nowMs(), binMinutes),
    labels: () => labelled.map(facing => labelView(state, facing)),
    labelOf: id =>
      labelled.filter(({ label }) => label === id).map(found => labelView(state, found))[0] ?? null,
    reservation: id => state.reservations.get(id) ?? null,
    reservations: () => [...state.reservations.values()],
    ...demoWork(state, clock, byGtin),
  };
}

function demoSubmit(state: DemoState, queries: Queries, submitted: Reading[]): Submit {
  const keys = new Map<string, { content: string; seq: number }>();
  return async readings => {
    submitted.push(...readings);
    const reading = readings[0]!;
    if (reading.kind !== 'document') return { status: 'accepted', seq: null };
    const { document } = reading;
    const content = JSON.stringify(document);
    const before = keys.get(document.key);
    if (before?.content === content) return { status: 'duplicate', seq: before.seq };
    if (before) {
      const message = `key ${document.key} came before with other content`;
      return { status: 'refused', failure: { code: 'conflict', message, retry: false } };
    }
    const { seq } = take(state, queries, document);
    keys.set(document.key, { content, seq });
    return { status: 'accepted', seq };
  };
}

function take(state: DemoState, queries: Queries, document: Document): LogEntry {
  const evidence = { kind: 'document', key: document.key } as const;
  switch (document.type) {
    case 'sale':
      return document.lines
        .map(({ gtin, quantity }) => state.move(gtin, 'cart', 'customer', quantity, evidence))
        .at(0)!;
    case 'delivery':
      return document.lines
        .map(({ gtin, quantity }) => state.move(gtin, 'supplier', 'backroom', quantity, evidence))
        .at(0)!;
    case 'task': {
      const entry = state.changeTask(document);
      state.tell({ kind: 'facts', entries: [entry] });
      return entry;
    }
    case 'reserve': {
      const { reservation, lines, expiresAtMs, key } = document;
      const short = lines.some(
        ({ gtin, quantity }) => (queries.stockOf(gtin)?.availableToPromise ?? 0) < quantity,
      );
      const held: ReservationView = {
        reservation,
        state: short ? 'refused' : expiresAtMs === null ? 'pending' : 'temporary',
        lines,
        expiresAtMs,
        reason: short ? 'not enough units' : null,
      };
      state.reservations.set(reservation, held);
      const entry = state.record({ type: 'reservation', key, ...held });
      state.tell({ kind: 'facts', entries: [entry] });
      return entry;
    }
    default:
      return state.record({ type: 'goods', key: document.key, cause: 'refill', lines: [] });
  }
}

const healthOf = ({ startMs }: DemoState, clock: Clock): HealthView => ({
  status: 'degraded',
  store: { gln: '9521321000018', name: 'Demo store', timeZone: 'Europe/Berlin', currency: 'EUR' },
  version: '0.1.0',
  startedAtMs: startMs,
  nowMs: clock.nowMs(),
  parts: [
    { name: 'store', state: 'ok', detail: null },
    { name: 'mqtt', state: 'degraded', detail: 'shelf-b2 is silent' },
    { name: 'modbus', state: 'ok', detail: null },
  ],
});

const syncOf = ({ startMs, log }: DemoState, clock: Clock): SyncView => ({
  configured: true,
  connected: true,
  peer: '127.0.0.1:50051',
  sinceMs: startMs,
  detail: null,
  epoch: '6f1c0c1e',
  lastSeq: log.seq,
  ackedSeq: Math.max(0, log.seq - 3),
  pending: Math.min(3, log.seq),
  oldestPendingMs: log.seq === 0 ? null : clock.nowMs() - 400,
  room: { bytes: 1_050, budgetBytes: 536_870_912, usedShare: 0.000_002, level: 'none', reason: null },
  deadLetterCount: 0,
  deadLetters: [],
  receipts: [],
});
