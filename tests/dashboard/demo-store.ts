import type { Place } from '../../src/domain/stock/facts.ts';
import type { Document } from '../../src/readings/documents.ts';
import { bad, GOOD } from '../../src/readings/quality.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Outcome, Submit } from '../../src/readings/submit.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { Fact, LogEntry } from '../../src/store/fact.ts';
import type {
  Change,
  ColdUnitView,
  DeviceView,
  FacingView,
  HealthView,
  LabelView,
  MovementView,
  Queries,
  ReservationView,
  StockView,
  SyncView,
  ValueView,
} from '../../src/store/views.ts';
import {
  LAYOUT_COLD,
  LAYOUT_DEVICES,
  LAYOUT_FACINGS,
  type LayoutColdUnit,
  type LayoutFacing,
} from './demo-layout.ts';

export type DemoStore = ReturnType<typeof demoStore>;

/**
 * A store in memory that answers as the gateway's queries do, for tests of the API and for working on the
 * dashboard alone. It keeps counts; it does not decide anything.
 */
export function demoStore(clock: Clock) {
  const startMs = clock.nowMs();
  const places = new Map<string, Partial<Record<Place, number>>>();
  const changedAt = new Map<string, number>();
  const movements: MovementView[] = [];
  const reservations = new Map<string, ReservationView>();
  const keys = new Map<string, { content: string; seq: number }>();
  const listeners = new Set<(change: Change) => void>();
  const values = new Map<string, ValueView>();
  const minutes = new Map<string, { minuteMs: number; celsius: number | null }[]>();
  const troubles = new Map<string, FacingView['trouble']>();
  let seq = 0;

  const tell = (change: Change) => {
    for (const listener of listeners) listener(change);
  };
  const record = (fact: Fact): LogEntry => {
    seq += 1;
    return { seq, fact, eventTimeMs: clock.nowMs(), receivedTimeMs: clock.nowMs() };
  };
  const move = (gtin: Gtin, from: Place, to: Place, quantity: number, evidence: MovementView['evidence']) => {
    const cause = causeOf(from, to);
    const confidence = evidence.kind === 'weights' ? 0.998 : 1;
    const entry = record({ type: 'movement', gtin, from, to, quantity, cause, confidence, evidence });
    const of = places.get(gtin) ?? {};
    of[from] = (of[from] ?? 0) - quantity;
    of[to] = (of[to] ?? 0) + quantity;
    places.set(gtin, of);
    const { eventTimeMs, receivedTimeMs } = entry;
    movements.unshift({
      seq,
      gtin,
      from,
      to,
      quantity,
      cause,
      confidence,
      evidence,
      eventTimeMs,
      receivedTimeMs,
    });
    for (const place of [from, to]) changedAt.set(`${gtin} ${place}`, eventTimeMs);
    tell({ kind: 'facts', entries: [entry] });
    return entry;
  };

  const stockView = (facing: LayoutFacing): StockView => {
    const { gtin, name, temperatureClass } = facing.item;
    const of = Object.fromEntries(Object.entries(places.get(gtin) ?? {}).filter(([, units]) => units !== 0));
    const onShelf = of[`shelf:${facing.facing}`] ?? 0;
    const backroom = of.backroom ?? 0;
    const reserved = [...reservations.values()]
      .filter(({ state }) => state === 'temporary' || state === 'pending')
      .flatMap(({ lines }) => lines.filter(line => line.gtin === gtin))
      .reduce((sum, line) => sum + line.quantity, 0);
    const last = movements.find(movement => movement.gtin === gtin);
    return {
      gtin,
      name,
      temperatureClass,
      places: of,
      onShelf,
      backroom,
      inCart: of.cart ?? 0,
      reserved,
      availableToPromise: Math.max(0, onShelf + backroom - reserved - 1),
      updatedAtMs: last?.eventTimeMs ?? null,
      seq: last?.seq ?? 0,
    };
  };
  const facingView = (facing: LayoutFacing): FacingView => {
    const { item, label, ...rest } = facing;
    const of = places.get(item.gtin) ?? {};
    return {
      ...rest,
      gtin: item.gtin,
      name: item.name,
      quantity: of[`shelf:${facing.facing}`] ?? 0,
      backroom: of.backroom ?? 0,
      trouble: troubles.get(facing.facing) ?? null,
      label,
      priceShownMinor: label && label !== 'label-c2-1' ? item.priceMinor : null,
      changedAtMs: changedAt.get(`${item.gtin} shelf:${facing.facing}`) ?? null,
    };
  };
  const labelView = (facing: LayoutFacing): LabelView => {
    const state = facing.facing === 'C2-1' ? 'never' : facing.facing === 'B1-4' ? 'requested' : 'shown';
    return {
      label: facing.label!,
      facing: facing.facing,
      gtin: facing.item.gtin,
      name: facing.item.name,
      currency: 'EUR',
      wantedMinor: facing.item.priceMinor + (state === 'requested' ? 30 : 0),
      shownMinor: state === 'never' ? null : facing.item.priceMinor,
      state,
      detail: null,
      changedAtMs: state === 'never' ? null : startMs - 3_600_000,
    };
  };
  const valuesOf = (device: string) => [...values.values()].filter(value => value.device === device);
  const deviceView = (device: (typeof LAYOUT_DEVICES)[number]): DeviceView => {
    const silent = device.device === 'shelf-b2';
    const never = device.device === 'label-c2-1';
    return {
      ...device,
      state: silent ? 'offline' : never ? 'unknown' : 'online',
      reason: silent ? 'comms' : null,
      sinceMs: never ? null : startMs - 7_200_000,
      lastSeenMs: never ? null : silent ? startMs - 180_000 : clock.nowMs() - 2_000,
      values: valuesOf(device.device),
    };
  };
  const coldView = (cold: LayoutColdUnit): ColdUnitView => {
    const all = valuesOf(cold.device);
    const temperature = all.find(value => value.point === 'air_temperature') ?? null;
    const celsius = temperature?.value as number | null;
    const warm = celsius !== null && celsius > cold.max;
    const alarm = {
      unit: cold.unit,
      alarm: 'too_warm' as const,
      sinceMs: startMs - 1_500_000,
      celsius,
      limitCelsius: cold.max,
    };
    return {
      unit: cold.unit,
      name: cold.unit,
      device: cold.device,
      temperatureClass: cold.temperatureClass,
      minCelsius: cold.min,
      maxCelsius: cold.max,
      temperature,
      values: all,
      alarms: warm ? [alarm] : [],
    };
  };
  const setValue = (
    device: string,
    point: string,
    unit: string,
    value: number | boolean | null,
    reason: 'comms' | 'sentinel' = 'comms',
  ) => {
    const nowMs = clock.nowMs();
    const before = values.get(`${device} ${point}`);
    const view: ValueView = {
      device,
      point,
      unit,
      value,
      quality: value === null ? bad(reason) : GOOD,
      eventTimeMs: nowMs,
      receivedTimeMs: nowMs,
      lastGood: value === null ? (before?.lastGood ?? null) : { value, eventTimeMs: nowMs },
    };
    values.set(`${device} ${point}`, view);
    tell({ kind: 'values', values: [view] });
  };

  const byGtin = (gtin: string) => LAYOUT_FACINGS.filter(facing => facing.item.gtin === gtin);
  const labelled = LAYOUT_FACINGS.filter(facing => facing.label !== null);
  const queries: Queries = {
    stock: () => LAYOUT_FACINGS.map(stockView),
    stockOf: gtin => byGtin(gtin).map(stockView)[0] ?? null,
    movements: (gtin, limit, before = Number.MAX_SAFE_INTEGER) =>
      movements.filter(movement => movement.gtin === gtin && movement.seq < before).slice(0, limit),
    recentMovements: limit => movements.slice(0, limit),
    facings: () => LAYOUT_FACINGS.map(facingView),
    facingsOf: gtin => byGtin(gtin).map(facingView),
    devices: () => LAYOUT_DEVICES.map(deviceView),
    deviceOf: id => LAYOUT_DEVICES.filter(({ device }) => device === id).map(deviceView)[0] ?? null,
    coldUnits: () => LAYOUT_COLD.map(coldView),
    temperatures: (unit, sinceMs) =>
      (minutes.get(unit) ?? [])
        .filter(({ minuteMs }) => minuteMs >= sinceMs)
        .map(({ minuteMs, celsius }) => ({
          minuteMs,
          minCelsius: celsius === null ? null : celsius - 0.3,
          meanCelsius: celsius,
          maxCelsius: celsius === null ? null : celsius + 0.3,
        })),
    footfall: (sinceMs, binMinutes) => footfallBins(sinceMs, clock.nowMs(), binMinutes),
    labels: () => labelled.map(labelView),
    labelOf: id => labelled.filter(({ label }) => label === id).map(labelView)[0] ?? null,
    reservation: id => reservations.get(id) ?? null,
    reservations: () => [...reservations.values()],
  };

  const take = (document: Document): LogEntry => {
    const evidence = { kind: 'document', key: document.key } as const;
    switch (document.type) {
      case 'sale':
        return document.lines
          .map(line => move(line.gtin, 'cart', 'customer', line.quantity, evidence))
          .at(0)!;
      case 'delivery':
        return document.lines
          .map(line => move(line.gtin, 'supplier', 'backroom', line.quantity, evidence))
          .at(0)!;
      case 'reserve': {
        const short = document.lines.some(
          line => (queries.stockOf(line.gtin)?.availableToPromise ?? 0) < line.quantity,
        );
        const { reservation, lines, expiresAtMs, key } = document;
        const state = short ? 'refused' : expiresAtMs === null ? 'pending' : 'temporary';
        const view: ReservationView = {
          reservation,
          state,
          lines,
          expiresAtMs,
          reason: short ? 'not enough units' : null,
        };
        reservations.set(reservation, view);
        const entry = record({ type: 'reservation', key, ...view });
        tell({ kind: 'facts', entries: [entry] });
        return entry;
      }
      default:
        return record({ type: 'goods', key: document.key, cause: 'refill', lines: [] });
    }
  };
  const submitted: Reading[] = [];
  const submit: Submit = async readings => {
    submitted.push(...readings);
    const reading = readings[0]!;
    if (reading.kind !== 'document') return { status: 'accepted', seq: null };
    const { document } = reading;
    const content = JSON.stringify(document);
    const before = keys.get(document.key);
    if (before && before.content !== content)
      return refusal('conflict', `key ${document.key} came with other content`);
    if (before) return { status: 'duplicate', seq: before.seq };
    const entry = take(document);
    keys.set(document.key, { content, seq: entry.seq });
    return { status: 'accepted', seq: entry.seq };
  };

  return {
    queries,
    submit,
    submitted,
    subscribe: (listener: (change: Change) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    health: (): HealthView => ({
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
    }),
    sync: (): SyncView => ({
      configured: true,
      connected: true,
      peer: '127.0.0.1:50051',
      sinceMs: startMs,
      detail: null,
      epoch: '6f1c0c1e',
      lastSeq: seq,
      ackedSeq: Math.max(0, seq - 3),
      pending: Math.min(3, seq),
      oldestPendingMs: seq === 0 ? null : clock.nowMs() - 400,
    }),
    tell,
    record,
    move,
    setValue,
    troubles,
    minutes,
    reservations,
  };
}

const refusal = (code: 'conflict', message: string): Outcome => ({
  status: 'refused',
  failure: { code, message, retry: false },
});

function causeOf(from: Place, to: Place): MovementView['cause'] {
  if (to === 'cart') return 'pick';
  if (from === 'cart') return to === 'customer' ? 'sale' : 'put';
  if (from === 'supplier') return 'delivery';
  return from === 'backroom' ? 'restock' : 'count';
}

/** A plausible day: quiet at night, a small peak at noon, a larger one after work. */
function footfallBins(sinceMs: number, nowMs: number, binMinutes: number) {
  const binMs = binMinutes * 60_000;
  const bins = [];
  for (let startMs = Math.floor(sinceMs / binMs) * binMs; startMs < nowMs; startMs += binMs) {
    const hour = ((startMs / 3_600_000) % 24) + 1;
    const busy = 18 * Math.exp(-((hour - 12) ** 2) / 3) + 34 * Math.exp(-((hour - 17.5) ** 2) / 6);
    const open = hour >= 7 && hour <= 21 ? 6 : 0;
    const share = (Math.min(nowMs, startMs + binMs) - startMs) / 3_600_000;
    const people = Math.round((busy + open) * share * 1.6);
    const side = Math.round(people * 0.4);
    bins.push({ door: 'Main door', startMs, in: people, out: Math.max(0, people - (hour < 17 ? 1 : -1)) });
    bins.push({ door: 'Side door', startMs, in: side, out: side });
  }
  return bins;
}
