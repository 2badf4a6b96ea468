/** How long one unit is waited for: learned from its round trips, never longer than its profile says. */
export interface Patience {
  timeoutMs(): number;
  answered(tookMs: number): void;
  timedOut(): void;
  /** Null until there was an answer. */
  roundTripMs(): { readonly p50: number; readonly p95: number } | null;
}

const SHORTEST_MS = 80;
const SPREADS = 6;
const SAMPLES = 64;
// Every so often the whole time of the profile is spent on a silent unit: it may have become slow.
const WHOLE_EVERY = 4;

/**
 * Smoothed mean and spread as TCP keeps them (RFC 6298, section 2), with a wider margin: a reply that comes after its
 * time is noticed all the same and teaches patience, so a short time-out costs nothing but one poll.
 */
export function createPatience(wholeMs: number): Patience {
  const samples: number[] = [];
  let meanMs: number | null = null;
  let spreadMs = 0;
  let timeoutsInARow = 0;
  return {
    timeoutMs() {
      if (meanMs === null || timeoutsInARow % WHOLE_EVERY === WHOLE_EVERY - 1) return wholeMs;
      return Math.min(wholeMs, Math.max(SHORTEST_MS, Math.ceil(meanMs + SPREADS * spreadMs)));
    },
    answered(tookMs) {
      timeoutsInARow = 0;
      samples.push(tookMs);
      if (samples.length > SAMPLES) samples.shift();
      const errorMs = meanMs === null ? tookMs : Math.abs(tookMs - meanMs);
      spreadMs = meanMs === null ? tookMs / 2 : spreadMs + (errorMs - spreadMs) / 4;
      meanMs = meanMs === null ? tookMs : meanMs + (tookMs - meanMs) / 8;
    },
    timedOut() {
      timeoutsInARow += 1;
    },
    roundTripMs() {
      if (samples.length === 0) return null;
      const sorted = samples.toSorted((a, b) => a - b);
      const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))]! * 10) / 10;
      return { p50: at(0.5), p95: at(0.95) };
    },
  };
}
