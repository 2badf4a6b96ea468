/** How a store is at one moment. Counts go up from the start of the process. */
export interface Signs {
  readonly errors: number;
  readonly movements: number;
  readonly discrepancies: number;
  readonly devices: number;
  readonly devicesOnline: number;
  readonly devicesOffline: number;
  readonly coldUnits: number;
  /** Units whose temperature is outside their limits. */
  readonly coldUnitsOutside: number;
}

export interface SignsAt extends Signs {
  /** Monotonic. */
  readonly atMs: number;
}

/** As rare as this by chance counts as no chance. */
const SURPRISE = 0.0001;
const LEAST_EVENTS = 3;
const HOUR_MS = 3_600_000;
/** In a shorter time than this, two events in a row would already be a surprise. */
const LEAST_MS = 60_000;

/**
 * What is worse since `changed` than between `first` and `changed`, as one sentence; null when nothing is. Counts are compared
 * by the conditional test of two Poisson rates (Przyborowski and Wilenski, 1940): given how many there were in all,
 * those after the change follow a binomial law. Time before the process was there counts as quiet, up to an hour.
 */
export function sickness(first: SignsAt, changed: SignsAt, now: SignsAt): string | null {
  const spanMs = Math.max(now.atMs - changed.atMs, LEAST_MS);
  const errors = now.errors - changed.errors;
  const share = spanMs / (spanMs + Math.max(changed.atMs - first.atMs, HOUR_MS));
  if (isSurprise(changed.errors - first.errors, errors, share)) {
    return `${errors} errors since the change`;
  }
  // Discrepancies come with trade, so they are held against movements and not against time.
  const discrepancies = now.discrepancies - changed.discrepancies;
  const movements = now.movements - changed.movements;
  const trade = movements / Math.max(1, now.movements - first.movements);
  if (isSurprise(changed.discrepancies - first.discrepancies, discrepancies, trade)) {
    return `${discrepancies} discrepancies in ${movements} movements since the change`;
  }
  const offline = now.devicesOffline - changed.devicesOffline;
  if (offline >= Math.max(2, now.devices / 10)) return `${offline} more devices are offline than before`;
  const outside = now.coldUnitsOutside - changed.coldUnitsOutside;
  if (outside > now.coldUnits / 2) {
    return `${outside} of ${now.coldUnits} cold units are outside their limits since the change`;
  }
  return null;
}

/** Whether `after` or more of `before + after` events would hardly ever fall into this share of the exposure. */
function isSurprise(before: number, after: number, share: number): boolean {
  return after >= LEAST_EVENTS && binomialTail(before + after, after, share) < SURPRISE;
}

/** P(X >= k) of n trials with chance p, 0 < k <= n. */
function binomialTail(n: number, k: number, p: number): number {
  if (p >= 1) return 1;
  if (p <= 0) return 0;
  // From the term of k on, each by the ratio to the one before it; in logarithms, for n may be large.
  let logTerm = k * Math.log(p) + (n - k) * Math.log1p(-p);
  for (let i = 1; i <= k; i++) logTerm += Math.log((n - k + i) / i);
  let [sum, term] = [0, Math.exp(logTerm)];
  for (let i = k; i <= n; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return Math.min(1, sum);
}
