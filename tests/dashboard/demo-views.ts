import type { ColdUnitView, DeviceView, FacingView, LabelView, StockView } from '../../src/store/views.ts';
import type { LAYOUT_DEVICES, LayoutColdUnit, LayoutFacing } from './demo-layout.ts';
import type { DemoState } from './demo-state.ts';

/** The views of the store in memory, one function for each. */

export function stockView(state: DemoState, { facing, item }: LayoutFacing): StockView {
  const all = Object.entries(state.places.get(item.gtin) ?? {});
  const places = Object.fromEntries(all.filter(([, units]) => units !== 0));
  const onShelf = places[`shelf:${facing}`] ?? 0;
  const backroom = places.backroom ?? 0;
  const reserved = [...state.reservations.values()]
    .filter(held => held.state === 'temporary' || held.state === 'pending')
    .flatMap(({ lines }) => lines.filter(({ gtin }) => gtin === item.gtin))
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const last = state.movements.find(({ gtin }) => gtin === item.gtin);
  return {
    gtin: item.gtin,
    name: item.name,
    temperatureClass: item.temperatureClass,
    places,
    onShelf,
    backroom,
    inCart: places.cart ?? 0,
    reserved,
    availableToPromise: Math.max(0, onShelf + backroom - reserved - 1),
    updatedAtMs: last?.eventTimeMs ?? null,
    seq: last?.seq ?? 0,
  };
}

export function facingView(state: DemoState, { item, ...place }: LayoutFacing): FacingView {
  const of = state.places.get(item.gtin) ?? {};
  return {
    ...place,
    gtin: item.gtin,
    name: item.name,
    quantity: of[`shelf:${place.facing}`] ?? 0,
    backroom: of.backroom ?? 0,
    trouble: state.troubles.get(place.facing) ?? null,
    priceShownMinor: place.label && place.facing !== 'C2-1' ? item.priceMinor : null,
    changedAtMs: state.changedAt.get(`${item.gtin} shelf:${place.facing}`) ?? null,
  };
}

/** All labels are right but two: one never spoke, one has not acknowledged its new price. */
export function labelView({ startMs }: DemoState, { facing, item, label }: LayoutFacing): LabelView {
  const state = facing === 'C2-1' ? 'never' : facing === 'B1-4' ? 'requested' : 'shown';
  return {
    label: label!,
    facing,
    gtin: item.gtin,
    name: item.name,
    currency: 'EUR',
    wantedMinor: item.priceMinor + (state === 'requested' ? 30 : 0),
    shownMinor: state === 'never' ? null : item.priceMinor,
    state,
    detail: null,
    changedAtMs: state === 'never' ? null : startMs - 3_600_000,
  };
}

const valuesOf = (state: DemoState, device: string) =>
  [...state.values.values()].filter(value => value.device === device);

/** All devices are there but two: a silent shelf, and a label that was never heard. */
export function deviceView(
  state: DemoState,
  device: (typeof LAYOUT_DEVICES)[number],
  nowMs: number,
): DeviceView {
  const silent = device.device === 'shelf-b2';
  const never = device.device === 'label-c2-1';
  const { startMs } = state;
  return {
    ...device,
    state: silent ? 'offline' : never ? 'unknown' : 'online',
    reason: silent ? 'comms' : null,
    sinceMs: never ? null : startMs - 7_200_000,
    lastSeenMs: never ? null : silent ? startMs - 180_000 : nowMs - 2_000,
    vitals:
      device.protocol === 'modbus' && !silent
        ? { errorRate: 0.004, roundTripMs: 38.5, clockOffsetMs: null, detail: null }
        : null,
    values: valuesOf(state, device.device),
  };
}

export function coldView(state: DemoState, cold: LayoutColdUnit): ColdUnitView {
  const { unit, device, temperatureClass, min, max } = cold;
  const values = valuesOf(state, device);
  const temperature = values.find(value => value.point === 'air_temperature') ?? null;
  const celsius = typeof temperature?.value === 'number' ? temperature.value : null;
  const warm = celsius !== null && celsius > max;
  const alarm = { unit, alarm: 'too_warm', celsius, limitCelsius: max } as const;
  return {
    unit,
    name: unit,
    device,
    temperatureClass,
    minCelsius: min,
    maxCelsius: max,
    temperature,
    values,
    alarms: warm ? [{ ...alarm, sinceMs: state.startMs - 1_500_000 }] : [],
  };
}

/** A plausible day: quiet at night, a small peak at noon, a larger one after work. */
export function footfallBins(sinceMs: number, nowMs: number, binMinutes: number) {
  const binMs = binMinutes * 60_000;
  const bins = [];
  for (let startMs = Math.floor(sinceMs / binMs) * binMs; startMs < nowMs; startMs += binMs) {
    const hour = ((startMs / 3_600_000) % 24) + 1;
    const busy = 18 * Math.exp(-((hour - 12) ** 2) / 3) + 34 * Math.exp(-((hour - 17.5) ** 2) / 6);
    const open = hour >= 7 && hour <= 21 ? 6 : 0;
    const share = (Math.min(nowMs, startMs + binMs) - startMs) / 3_600_000;
    const people = Math.round((busy + open) * share * 1.6);
    const side = Math.round(people * 0.4);
    const leaving = people === 0 ? 0 : people - (hour < 17 ? 1 : -1);
    bins.push({ door: 'Main door', startMs, in: people, out: Math.max(0, leaving) });
    bins.push({ door: 'Side door', startMs, in: side, out: side });
  }
  return bins;
}
