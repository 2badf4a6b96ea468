/** What a store last said of itself. Sums only grow. */
export interface Vitals {
  /** Errors and discrepancies that it ever told of. */
  readonly errors: number;
  readonly discrepancies: number;
  readonly devicesOffline: number;
  readonly devices: number;
  readonly pendingEvents: number;
  /** When anything was heard of it, Unix ms. */
  readonly heardMs: number;
}

/** A store that is watched: how it was when that began, and how it is. */
export interface Watched {
  readonly sinceMs: number;
  readonly base: Vitals;
  readonly now: Vitals;
}

/** From where on a figure is out of the ordinary, for all stores alike. */
export interface Bounds {
  readonly errorsPerHour: number;
  readonly discrepanciesPerHour: number;
  readonly pendingEvents: number;
}

const HOUR_MS = 3_600_000;
/** So many times what the middle one of all stores shows is out of the ordinary. */
const TIMES_MEDIAN = 5;
/** Fewer than this, and this many an hour, are ordinary whatever the others show. */
const FEW_ERRORS = 5;
const FEW_DISCREPANCIES = 10;
const FEW_PENDING = 1_000;
/** Devices that may go offline for reasons of their own: one, or this share of them. */
const OFFLINE_SHARE = 0.1;
/** A link that is cut is back within this time, as a rule. */
export const SILENT_MS = 300_000;

/**
 * Bounds out of what the stores themselves show, treated and not treated together: a storm that goes over all of them is no fault of
 * a rollout. Medians, because a few sick stores do not move them.
 */
export function boundsOf(stores: readonly Watched[], nowMs: number): Bounds {
  const bound = (figure: (store: Watched) => number) => TIMES_MEDIAN * median(stores.map(figure));
  return {
    errorsPerHour: bound(store => grown(store, 'errors') / hours(store, nowMs)),
    discrepanciesPerHour: bound(store => grown(store, 'discrepancies') / hours(store, nowMs)),
    pendingEvents: bound(({ now }) => now.pendingEvents),
  };
}

/** What is wrong with a store since it is watched; null when it is well. One rule for all stores, treated or not. */
export function sicknessOf(store: Watched, bounds: Bounds, nowMs: number): string | null {
  const { base, now } = store;
  if (nowMs - now.heardMs > SILENT_MS) return 'silent';
  const gone = now.devicesOffline - base.devicesOffline;
  if (gone > Math.max(1, OFFLINE_SHARE * now.devices)) return `${gone} more devices are offline`;
  const spanHours = hours(store, nowMs);
  const isMany = (count: number, few: number, perHour: number) =>
    count >= few * Math.max(1, spanHours) && count / spanHours > perHour;
  const errors = grown(store, 'errors');
  if (isMany(errors, FEW_ERRORS, bounds.errorsPerHour)) return `${errors} errors`;
  const discrepancies = grown(store, 'discrepancies');
  if (isMany(discrepancies, FEW_DISCREPANCIES, bounds.discrepanciesPerHour))
    return `${discrepancies} discrepancies`;
  const pending = now.pendingEvents;
  const isStuck = pending > Math.max(FEW_PENDING, bounds.pendingEvents, base.pendingEvents);
  return isStuck ? `${pending} events are pending` : null;
}

const grown = ({ base, now }: Watched, figure: 'errors' | 'discrepancies') => now[figure] - base[figure];

/** At least a minute, so that one error in the first second is no rate of thousands. */
const hours = ({ sinceMs }: Watched, nowMs: number) => Math.max(nowMs - sinceMs, 60_000) / HOUR_MS;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
