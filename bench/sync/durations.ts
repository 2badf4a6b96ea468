/** Durations in milliseconds, and what they come to. */
export function durations() {
  const spans: number[] = [];
  const at = (sorted: readonly number[], share: number) =>
    Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)) / 10;
  return {
    add: (ms: number) => void spans.push(ms),
    count: () => spans.length,
    summary() {
      const sorted = spans.toSorted((a, b) => a - b);
      return { p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99), mostMs: at(sorted, 1) };
    },
  };
}
