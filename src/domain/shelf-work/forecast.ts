import { type Demand, demandQuantile } from './quantile.ts';

/** What is known of the demand for one item. Plain figures, so that a fact can carry it. */
export interface DemandModel {
  /** Days that taught something: the item could be bought. */
  readonly days: number;
  /** Units a day without the weekday's part. */
  readonly level: number;
  /** Factors of the weekdays, Sunday first; their mean is 1. */
  readonly weekday: readonly number[];
  /** Units on a day with sales, and days from one such day to the next. */
  readonly size: number;
  readonly interval: number;
  /** Probability that a day has sales. */
  readonly probability: number;
  /** Days since the last day with sales. */
  readonly sinceSale: number;
  /** Mean squared error of the forecasts so far. */
  readonly variance: number;
}

export interface ObservedDay {
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly soldUnits: number;
  /** Share of the day, 0 to 1, in which it could be bought. */
  readonly onShelfShare: number;
}

export const NOTHING_KNOWN: DemandModel = {
  days: 0,
  level: 0,
  weekday: [1, 1, 1, 1, 1, 1, 1],
  size: 0,
  interval: 1,
  probability: 0,
  sinceSale: 0,
  variance: 0,
};

const ALPHA = 0.1;
const BETA = 0.1;
const WEEKDAY_GAMMA = 0.1;
/** Below this share of a day nothing can be said about what would have been sold. */
const LEAST_SHARE = 0.25;
/** Weekdays differ by chance at first. */
const WEEKDAY_FROM_DAYS = 28;
/** Syntetos and Boylan: with more days than this from sale to sale, demand is intermittent. */
const SLOW_INTERVAL = 1.32;
/** So many intervals without a sale and the item may be dead, which only TSB notices. */
const SILENT_INTERVALS = 3;

/**
 * Learns one day. Minutes without stock are missing demand and not zero: sales are scaled to a whole day, a
 * partly empty day counts for less, and one that was nearly all empty for nothing.
 */
export function learn(model: DemandModel, { weekday, soldUnits, onShelfShare }: ObservedDay): DemandModel {
  const share = Math.min(1, onShelfShare);
  if (share < LEAST_SHARE) return model;
  const units = Math.max(0, soldUnits) / share;
  const days = model.days + 1;
  // Plain averages until there are enough days for smoothing to start from.
  const rate = (slowest: number) => (days === 1 ? 1 : share * Math.max(slowest, 1 / days));
  const factor = model.weekday[weekday] ?? 1;
  const error = units - meanOn(model, weekday);
  const level = model.level + rate(ALPHA) * (units / factor - model.level);
  const sold = units > 0;
  const probability = model.probability + rate(BETA) * ((sold ? 1 : 0) - model.probability);
  const sinceSale = model.sinceSale + 1;
  return {
    days,
    level,
    weekday:
      days > WEEKDAY_FROM_DAYS ? learnWeekday(model.weekday, weekday, units / level, share) : model.weekday,
    ...(sold ? learnSale(model, units, sinceSale, share) : { size: model.size, interval: model.interval }),
    probability,
    sinceSale: sold ? 0 : sinceSale,
    // The first day has no forecast that could be wrong.
    variance: days === 1 ? units : model.variance + rate(ALPHA) * (error * error - model.variance),
  };
}

/** Croston: size and interval move only when something was sold. */
function learnSale(model: DemandModel, units: number, sinceSale: number, share: number) {
  if (model.size === 0) return { size: units, interval: sinceSale };
  return {
    size: model.size + ALPHA * share * (units - model.size),
    interval: model.interval + BETA * (sinceSale - model.interval),
  };
}

function learnWeekday(factors: readonly number[], weekday: number, ratio: number, share: number) {
  if (!Number.isFinite(ratio)) return factors;
  const moved = factors.map((factor, day) =>
    day === weekday ? factor + WEEKDAY_GAMMA * share * (ratio - factor) : factor,
  );
  const sum = moved.reduce((total, factor) => total + factor, 0);
  return sum > 0 ? moved.map(factor => (factor * moved.length) / sum) : factors;
}

/** Whether most days pass without a sale. */
export const isSlow = (model: DemandModel): boolean => model.interval >= SLOW_INTERVAL;

/** Syntetos-Boylan approximation: Croston's rate without its upward bias. Units a day. */
export const sba = ({ size, interval }: DemandModel): number => ((1 - BETA / 2) * size) / interval;

/** Teunter-Syntetos-Babai: fades to 0 when nothing is sold any more. Units a day. */
export const tsb = ({ size, probability }: DemandModel): number => size * probability;

/** Demand expected on a weekday (0 is Sunday), units. */
export function meanOn(model: DemandModel, weekday: number): number {
  if (!isSlow(model)) return model.level * (model.weekday[weekday] ?? 1);
  return model.sinceSale > SILENT_INTERVALS * model.interval ? tsb(model) : sba(model);
}

/** Demand of an average day, units. */
export const meanPerDay = (model: DemandModel): number =>
  model.weekday.reduce((sum, _, weekday) => sum + meanOn(model, weekday), 0) / model.weekday.length;

/** Demand of `days` whole days together, from this weekday on. */
export function demandOver(model: DemandModel, fromWeekday: number, days: number): Demand {
  let mean = 0;
  for (let day = 0; day < days; day++) mean += meanOn(model, (fromWeekday + day) % 7);
  return { mean, variance: model.variance * days };
}

/**
 * Units that must be on hand or on the way so that the next delivery comes in time with this probability
 * (0 to 1). A quantile of the demand itself: a normal z understates the long tail of slow sellers.
 */
export const reorderPoint = (
  model: DemandModel,
  fromWeekday: number,
  leadDays: number,
  serviceLevel: number,
): number => demandQuantile(demandOver(model, fromWeekday, leadDays), serviceLevel);
