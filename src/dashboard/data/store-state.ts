import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type {
  ColdUnitView,
  DeviceView,
  FacingView,
  HealthView,
  LabelView,
  MovementView,
  ReservationView,
  StockView,
  SyncView,
  TaskView,
  ValueView,
} from '../../store/views.ts';
import { createFormats, type Formats } from '../model/formats.ts';
import { type Keyed, keyed } from './keyed.ts';

export interface Link {
  readonly state: 'connecting' | 'live' | 'lost';
  /** Gateway time of the last sign of life, null before the first. */
  readonly lastHeardMs: number | null;
}

/** Everything the screens show. One object, made in main.tsx and handed down. */
export interface StoreState {
  readonly link: Signal<Link>;
  /** The gateway's clock, ticking once a second: ages are never measured by this machine's clock. */
  readonly now: Signal<number>;
  readonly loaded: Signal<boolean>;
  readonly health: Signal<HealthView | null>;
  readonly sync: Signal<SyncView | null>;
  readonly formats: ReadonlySignal<Formats>;
  readonly stock: Keyed<StockView>;
  readonly facings: Keyed<FacingView>;
  readonly devices: Keyed<DeviceView>;
  readonly cold: Keyed<ColdUnitView>;
  readonly labels: Keyed<LabelView>;
  readonly reservations: Keyed<ReservationView>;
  readonly tasks: Keyed<TaskView>;
  /** Newest first, bounded. */
  readonly movements: Signal<readonly MovementView[]>;
  /** Counts up when somebody passed a door, so that footfall is asked for again. */
  readonly footfallTurn: Signal<number>;
  /** Counts up when a minute of temperatures was recorded. */
  readonly coldTurn: Signal<number>;
}

export const MOVEMENTS_KEPT = 60;

export function createStoreState(): StoreState {
  const health = signal<HealthView | null>(null);
  const currency = computed(() => health.value?.store.currency ?? 'EUR');
  const timeZone = computed(() => health.value?.store.timeZone ?? 'UTC');
  return {
    link: signal({ state: 'connecting', lastHeardMs: null }),
    now: signal(Date.now()),
    loaded: signal(false),
    health,
    sync: signal(null),
    formats: computed(() => createFormats(currency.value, timeZone.value)),
    stock: keyed(
      view => view.gtin,
      view => view.seq,
    ),
    facings: keyed(
      view => view.facing,
      view => view.changedAtMs ?? 0,
    ),
    devices: keyed(view => view.device),
    cold: keyed(view => view.unit),
    labels: keyed(
      view => view.label,
      view => view.changedAtMs ?? 0,
    ),
    reservations: keyed(view => view.reservation),
    tasks: keyed(
      view => view.task,
      view => view.changedAtMs,
    ),
    movements: signal([]),
    footfallTurn: signal(0),
    coldTurn: signal(0),
  };
}

export function addMovement(state: StoreState, movement: MovementView): void {
  const known = state.movements.value;
  if (known.some(({ seq }) => seq === movement.seq)) return;
  state.movements.value = [movement, ...known].slice(0, MOVEMENTS_KEPT);
}

/** A live value belongs to its device and to the cold unit that the device serves. */
export function applyValue(state: StoreState, value: ValueView): void {
  const replaced = (values: readonly ValueView[]) =>
    values.some(({ point }) => point === value.point)
      ? values.map(each => (each.point === value.point ? value : each))
      : [...values, value];
  const device = state.devices.of(value.device)?.peek();
  if (device) {
    const lastSeenMs = value.quality.level === 'bad' ? device.lastSeenMs : value.receivedTimeMs;
    state.devices.put({ ...device, lastSeenMs, values: replaced(device.values) });
  }
  for (const unit of state.cold.all.peek()) {
    if (unit.device !== value.device) continue;
    const counts = (unit.temperature?.point ?? 'air_temperature') === value.point;
    state.cold.put({
      ...unit,
      values: replaced(unit.values),
      temperature: counts ? value : unit.temperature,
    });
  }
}
