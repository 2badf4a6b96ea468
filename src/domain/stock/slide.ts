import type { FacingChange } from './shelf.ts';

/** A hand that slides a thing touches both places within this time. */
const TOGETHER_MS = 1_500;
/** It slides to the next plate, or over one. */
const NEAR_PLATES = 2;
/** What comes is what went, so the two weights differ by the scale's noise alone, and this share by cross-talk. */
const CROSS_TALK_SPREAD = 0.005;
const CROSS_TALK_SIGMA = 0.02;
const NOISE_SIGMAS = 3;
/** Less than this is no thing that went. */
const LEAST_GRAMS = 8;

/** Pairs of changes that settled at once, of which the second may be what went from the first (weight-shelf.md 5.5). */
export function findSlides(changes: readonly FacingChange[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  const taken = new Set<number>();
  for (const [i, from] of changes.entries()) {
    if (from.deltaGrams >= 0 || !isPlain(from)) continue;
    const j = changes.findIndex((to, at) => !taken.has(at) && isPlain(to) && mayBe(from, to));
    if (j < 0) continue;
    taken.add(j);
    found.push([i, j]);
  }
  return found;
}

const isPlain = ({ afterGap, reset, sharers, facing }: FacingChange) =>
  !afterGap && !reset && !facing.byWeight && sharers.length === 0;

function mayBe(from: FacingChange, to: FacingChange): boolean {
  if (to.deltaGrams < LEAST_GRAMS) return false;
  if (Math.abs(from.onsetMs - to.onsetMs) > TOGETHER_MS) return false;
  if (!from.plates.some(plate => to.plates.some(other => Math.abs(plate - other) <= NEAR_PLATES)))
    return false;
  const bend = (CROSS_TALK_SIGMA * to.deltaGrams) ** 2;
  const noise = Math.max(2, from.variance + to.variance - 2 * bend);
  const most = NOISE_SIGMAS * Math.sqrt(noise) + CROSS_TALK_SPREAD * to.deltaGrams;
  return Math.abs(from.deltaGrams + to.deltaGrams) <= most;
}
