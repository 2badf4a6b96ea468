/** Time from shelf to till as a lognormal distribution, learned from picks that were paid. */
export interface PayLag {
  /** How many observations this is worth; old ones fade. */
  readonly weight: number;
  /** Of the natural logarithm of the lag in milliseconds. */
  readonly mean: number;
  readonly variance: number;
}

/** Median two minutes, sigma 0.8: a small store (weight-shelf.md 5.8), worth thirty observations. */
export const UNKNOWN_LAG: PayLag = { weight: 30, mean: Math.log(2 * 60_000), variance: 0.8 ** 2 };

const MOST_WEIGHT = 2_000;
const NORMAL_95 = 1.645;

export function observeLag(lag: PayLag, lagMs: number): PayLag {
  const weight = Math.min(lag.weight + 1, MOST_WEIGHT);
  const gain = 1 / weight;
  const off = Math.log(Math.max(1, lagMs)) - lag.mean;
  return {
    weight,
    mean: lag.mean + gain * off,
    variance: (1 - gain) * (lag.variance + gain * off ** 2),
  };
}

/** 95 of 100 customers have paid by then. */
export const lag95Ms = ({ mean, variance }: PayLag): number =>
  Math.exp(mean + NORMAL_95 * Math.sqrt(variance));
