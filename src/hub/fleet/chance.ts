/** Of so many stores, so many are sick. */
export interface Count {
  readonly sick: number;
  readonly stores: number;
}

/**
 * How likely chance alone puts so many of the sick stores, or more, among the treated ones: Fisher's exact test, one-sided. It holds
 * for any number of stores, because which ones were treated was drawn by lot.
 * Source: R. A. Fisher, Statistical Methods for Research Workers (1934), section 21.02.
 */
export function chanceOfDifference(treated: Count, control: Count): number {
  const sick = treated.sick + control.sick;
  const stores = treated.stores + control.stores;
  let sum = 0;
  for (let k = treated.sick; k <= Math.min(sick, treated.stores); k++) {
    if (sick - k > control.stores) continue;
    sum += Math.exp(
      logChoose(treated.stores, k) + logChoose(control.stores, sick - k) - logChoose(stores, sick),
    );
  }
  return Math.min(1, sum);
}

/** How likely so many of `stores` or more fail when each does with probability `rate`: the upper tail of the binomial distribution. */
export function chanceOfFailures(failed: number, stores: number, rate: number): number {
  let below = 0;
  for (let k = 0; k < failed; k++) {
    below += Math.exp(logChoose(stores, k) + k * Math.log(rate) + (stores - k) * Math.log1p(-rate));
  }
  return Math.max(0, 1 - below);
}

/** Logarithm of n over k. Sums of logarithms, since the factorials of thousands of stores fit no number. */
function logChoose(n: number, k: number): number {
  const few = Math.min(k, n - k);
  let sum = 0;
  for (let i = 1; i <= few; i++) sum += Math.log((n - few + i) / i);
  return sum;
}
