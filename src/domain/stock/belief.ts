import type { Gtin } from '../../shared/gtin.ts';
import { studentT } from './hypothesis.ts';

/** Grams on a facing that no item explains: an arm at first, a bag if it stays. */
export interface Thing {
  readonly grams: number;
  readonly sinceMs: number;
  /** It has lain there longer than any arm. */
  readonly stays: boolean;
}

/** One way in which everything that a facing's plates have told can be true (weight-shelf.md 5.7). */
export interface Hypothesis {
  /** Units of each item that lies there, its own and strangers. */
  readonly counts: Counts;
  readonly thing: Thing | null;
  /** Natural logarithm of its probability, but for a constant that all hypotheses of a facing share. */
  readonly logWeight: number;
}

export type Counts = ReadonlyMap<Gtin, number>;

/** What may lie on a facing. Never empty. */
export type Belief = readonly [Hypothesis, ...Hypothesis[]];

/** Units of one item that may have come (positive) or gone; 0 for nothing. */
export interface Candidate {
  readonly gtin: Gtin;
  readonly units: number;
  readonly grams: number;
  /** Of the grams, in square grams. */
  readonly variance: number;
  /** How likely it is before the weight is asked, given what lies there. */
  prior(counts: Counts): number;
}

/** A settled change of weight, and what it may have been. */
export interface WeightChange {
  readonly deltaGrams: number;
  /** Of the plates, in square grams. */
  readonly variance: number;
  readonly atMs: number;
  readonly candidates: readonly Candidate[];
}

const MOST_HYPOTHESES = 32;
/** A hypothesis less likely than the best by e to the power of this is dropped. */
const DROPPED_BELOW = 16;
/** Two things of nearly one weight are one. */
const SAME_THING_GRAMS = 4;

/** How often a change of weight brings a thing, and of which weight: any up to this. */
const THING_COMES = 0.06;
const THING_GRAMS = 1_000;
const LEAST_THING_GRAMS = 8;
/** Of the weight that a thing was seen to have, in square grams. */
const THING_VARIANCE = 4;
/** Arms are gone within this time; what still lies there is one of the few things that people leave. */
const ARM_MS = 15_000;
const IS_LEFT = 0.01;
/** What becomes of a thing at the next change. */
const ARM = { leaves: 0.65, stays: 0.3, changes: 0.05 } as const;
const LEFT_THING = { leaves: 0.08, stays: 0.9, changes: 0.02 } as const;

/** A belief of which only the contents were kept: what lay beside them is forgotten. */
export function fromContents(contents: readonly Contents[]): Belief | null {
  const possible = contents.filter(({ probability }) => probability > 0);
  return tidied(
    possible.map(({ counts, probability }) => ({ counts, thing: null, logWeight: Math.log(probability) })),
  );
}

export const sureOf = (counts: Counts): Belief => [{ counts, thing: null, logWeight: 0 }];

/** What the facing holds after a change of its weight. */
export function observe(belief: Belief, change: WeightChange): Belief {
  const growth: Growth = { hypotheses: [], best: Number.NEGATIVE_INFINITY };
  for (const hypothesis of aged(belief, change.atMs)) {
    for (const candidate of change.candidates) grow(hypothesis, candidate, change, growth);
  }
  return tidied(growth.hypotheses) ?? belief;
}

/** Weighs something else in that is known, each hypothesis by the logarithm of its likelihood. */
export const weigh = (belief: Belief, logLikelihood: (counts: Counts) => number): Belief =>
  tidied(belief.map(each => ({ ...each, logWeight: each.logWeight + logLikelihood(each.counts) }))) ?? belief;

/** Time passes: what was taken for an arm and is still there can hardly be one. */
export function aged(belief: Belief, nowMs: number): Belief {
  const isOver = ({ thing }: Hypothesis) => thing !== null && !thing.stays && nowMs - thing.sinceMs > ARM_MS;
  if (!belief.some(isOver)) return belief;
  const older = belief.map(each =>
    isOver(each)
      ? { ...each, thing: { ...each.thing!, stays: true }, logWeight: each.logWeight + Math.log(IS_LEFT) }
      : each,
  );
  return tidied(older) ?? belief;
}

interface Growth {
  readonly hypotheses: Hypothesis[];
  /** The greatest weight so far. */
  best: number;
}

function grow(
  { counts: before, thing, logWeight: weight }: Hypothesis,
  candidate: Candidate,
  { deltaGrams, variance, atMs }: WeightChange,
  growth: Growth,
): void {
  const prior = candidate.prior(before);
  if (prior <= 0) return;
  const v = variance + candidate.variance;
  const rest = deltaGrams - candidate.grams;
  let counts: Counts | null = null;
  const add = (probability: number, after: Thing | null) => {
    const logWeight = weight + Math.log(prior * probability);
    if (!(logWeight > growth.best - DROPPED_BELOW)) return;
    growth.best = Math.max(growth.best, logWeight);
    counts ??= moved(before, candidate);
    growth.hypotheses.push({ counts, thing: after, logWeight });
  };
  const next = thing?.stays ? LEFT_THING : ARM;
  add((thing ? next.stays : 1 - THING_COMES) * studentT(rest, v), thing);
  if (thing) add(next.leaves * studentT(rest + thing.grams, v + THING_VARIANCE), null);
  const grams = (thing?.grams ?? 0) + rest;
  if (Math.abs(rest) > LEAST_THING_GRAMS && grams > LEAST_THING_GRAMS && grams < THING_GRAMS)
    add((thing ? next.changes : THING_COMES) / THING_GRAMS, { grams, sinceMs: atMs, stays: false });
}

function moved(counts: Counts, { gtin, units }: Candidate): Counts {
  if (units === 0) return counts;
  const after = new Map(counts);
  const left = (counts.get(gtin) ?? 0) + units;
  if (left === 0) after.delete(gtin);
  else after.set(gtin, left);
  return after;
}

const idOf = (counts: Counts): string =>
  [...counts]
    .map(([gtin, units]) => `${gtin}x${units}`)
    .sort()
    .join();

/** Joins what is the same, keeps the likeliest, the best with weight 0. Null when nothing is possible. */
function tidied(hypotheses: readonly Hypothesis[]): Belief | null {
  let best = Number.NEGATIVE_INFINITY;
  for (const { logWeight } of hypotheses) best = Math.max(best, logWeight);
  const joined = new Map<string, Hypothesis>();
  for (const each of hypotheses) {
    const logWeight = each.logWeight - best;
    if (logWeight < -DROPPED_BELOW) continue;
    const { counts, thing } = each;
    const id = `${idOf(counts)} ${thing?.stays} ${Math.round((thing?.grams ?? 0) / SAME_THING_GRAMS)}`;
    const same = joined.get(id);
    joined.set(id, same ? together(same, { ...each, logWeight }) : { ...each, logWeight });
  }
  const [first, ...others] = [...joined.values()].sort((a, b) => b.logWeight - a.logWeight);
  return first ? [first, ...others.slice(0, MOST_HYPOTHESES - 1)] : null;
}

function together(a: Hypothesis, b: Hypothesis): Hypothesis {
  const [more, less] = a.logWeight >= b.logWeight ? [a, b] : [b, a];
  return { ...more, logWeight: more.logWeight + Math.log1p(Math.exp(less.logWeight - more.logWeight)) };
}

/** What may lie on a facing, whatever thing lies beside it, with its probability. */
export interface Contents {
  readonly counts: Counts;
  readonly probability: number;
}

/** Every possible contents, the likeliest first; they sum to 1. `likelihood` weighs in what else is known now. */
export function contentsOf(
  belief: Belief,
  likelihood: (counts: Counts) => number = () => 1,
): readonly [Contents, ...Contents[]] {
  const sums = new Map<string, { counts: Counts; weight: number }>();
  let total = 0;
  for (const { counts, logWeight } of belief) {
    const weight = Math.exp(logWeight) * likelihood(counts);
    const id = idOf(counts);
    const same = sums.get(id);
    if (same) same.weight += weight;
    else sums.set(id, { counts, weight });
    total += weight;
  }
  const [first, ...others] = [...sums.values()]
    .map(({ counts, weight }) => ({ counts, probability: weight / total }))
    .sort((a, b) => b.probability - a.probability);
  return [first!, ...others];
}

/** Probability that something lies there that is no item, and longer than any arm. */
export function thingOn(belief: Belief): number {
  const weights = belief.map(({ logWeight }) => Math.exp(logWeight));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const left = weights.reduce((sum, weight, index) => (belief[index]!.thing?.stays ? sum + weight : sum), 0);
  return left / total;
}

/** Probability that `has` holds for what lies there. */
export const probabilityOf = (contents: readonly Contents[], has: (counts: Counts) => boolean): number =>
  contents.reduce((sum, { counts, probability }) => (has(counts) ? sum + probability : sum), 0);

export const sameCounts = (a: Counts, b: Counts): boolean =>
  a.size === b.size && [...a].every(([gtin, units]) => b.get(gtin) === units);
