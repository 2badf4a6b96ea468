/** Units over some days. */
export interface Demand {
  readonly mean: number;
  readonly variance: number;
}

/** Closer to the mean than this and the negative binomial is a Poisson. */
const OVERDISPERSED = 1.001;

/**
 * The smallest whole number of units that demand does not exceed with at least this probability (0 to below 1).
 * Poisson, or negative binomial when the variance is larger than the mean.
 */
export function demandQuantile({ mean, variance }: Demand, probability: number): number {
  if (mean <= 0) return 0;
  const next = variance > OVERDISPERSED * mean ? negativeBinomial(mean, variance) : poisson(mean);
  // In logarithms, because the probability of no sale at all underflows for large means.
  let log = next.logOfNone;
  let sum = Math.exp(log);
  let units = 0;
  const most = mean + 50 * Math.sqrt(Math.max(mean, variance)) + 50;
  while (sum < probability && units < most) {
    log += next.logRatio(units);
    units++;
    sum += Math.exp(log);
  }
  return units;
}

/** `logRatio(k)` is the logarithm of P(k + 1) / P(k). */
interface Distribution {
  readonly logOfNone: number;
  readonly logRatio: (units: number) => number;
}

const poisson = (mean: number): Distribution => ({
  logOfNone: -mean,
  logRatio: units => Math.log(mean / (units + 1)),
});

function negativeBinomial(mean: number, variance: number): Distribution {
  const size = (mean * mean) / (variance - mean);
  const success = mean / variance;
  return {
    logOfNone: size * Math.log(success),
    logRatio: units => Math.log(((size + units) / (units + 1)) * (1 - success)),
  };
}
