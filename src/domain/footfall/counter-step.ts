/** What a new total of a cumulative counter means. `suspect`: people may have passed that nobody counted. */
export interface CounterStep {
  readonly people: number;
  readonly suspect: boolean;
}

/** No door lets more than this through for long; a bigger step is the counter's doing and not people. */
export const MAX_PEOPLE_PER_SECOND = 5;
const SHORTEST_SPAN_MS = 60_000;

/**
 * People between two totals of one counter, `spanMs` apart. A total that fell has wrapped (`wrapAt` is the
 * value at which it starts from 0 again) when that gives a believable number, otherwise it was reset and
 * has counted `to` since. A step that no door can pass counts nobody.
 */
export function counterStep(from: number, to: number, wrapAt: number | null, spanMs: number): CounterStep {
  const most = (MAX_PEOPLE_PER_SECOND * Math.max(spanMs, SHORTEST_SPAN_MS)) / 1000;
  if (to >= from) return to - from <= most ? { people: to - from, suspect: false } : NOBODY;
  const wrapped = wrapAt === null ? Number.POSITIVE_INFINITY : to - from + wrapAt;
  if (wrapAt !== null && wrapped < wrapAt / 2 && wrapped <= most) return { people: wrapped, suspect: false };
  return to <= most ? { people: to, suspect: true } : NOBODY;
}

const NOBODY: CounterStep = { people: 0, suspect: true };
