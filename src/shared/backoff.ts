/** Full jitter: somewhere between nothing and the exponential bound, so that clients do not march in step. */
export function fullJitterMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return random() * Math.min(capMs, baseMs * 2 ** attempt);
}

/** Doubling from the base to the cap, a fifth up or down. */
export function doublingMs(attempt: number, baseMs: number, capMs: number, random: () => number): number {
  return Math.min(capMs, baseMs * 2 ** attempt) * (0.8 + 0.4 * random());
}
