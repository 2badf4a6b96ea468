import type { RivalUnits } from './facts.ts';
import { foreignUnits } from './foreign.ts';
import {
  ANYTHING_ELSE,
  ANYTHING_GRAMS,
  ANYTHING_PUT_ON,
  type Expectation,
  HALF_TAKEN,
  MORE_THAN_BELIEVED,
  PER_FURTHER_UNIT,
  PRIOR_EVENT,
  PRIOR_NOTHING,
  prior,
  SURE_OF_NO_LEAN,
  studentT,
} from './hypothesis.ts';
import type { Draft } from './ledger.ts';
import { shelfPlace } from './movement.ts';
import type { WeighedFacing } from './planogram.ts';
import type { FacingChange } from './shelf.ts';
import type { UnitModel, UnitWeights } from './unit-weight.ts';

/** At one reach at most so many units, of at most so many items (weight-shelf.md 5.6). */
const MOST_AT_ONCE = 4;
const MOST_ITEMS = 3;
/** A whole case of one item while somebody fills. */
const MOST_OF_ONE = 24;
/** Two items put at once are rarer than one. */
const PUT_TOGETHER = 0.3;
/** Other explanations that are told, and how probable they must be. */
const MOST_RIVALS = 3;
const LEAST_RIVAL = 0.02;

/** One item on the plates, as it is before the change. */
export interface Sharer {
  readonly facing: WeighedFacing;
  readonly unit: UnitModel;
  readonly expected: Expectation;
  /** How it sells, relative to the others. */
  readonly popularity: number;
}

/** Units of one of the items, its probability among all that was considered, and what else they may have been. */
export interface SharedPart {
  readonly facing: WeighedFacing;
  readonly units: number;
  readonly confidence: number;
  readonly rivals: readonly RivalUnits[];
}

interface Vector {
  /** By sharer. */
  readonly counts: readonly number[];
  readonly weight: number;
}

/** What a change on plates of several items was: null when nothing explains it, empty when it was nothing. */
export function explainShared(
  draft: Draft,
  change: FacingChange,
  weights: Pick<UnitWeights, 'of'>,
): readonly SharedPart[] | null {
  const sharers = [change.facing, ...change.sharers].map(
    (facing): Sharer => ({
      facing,
      unit: weights.of(facing.gtin, facing.unitWeightGrams),
      popularity: draft.popularity.of(facing.gtin),
      expected: {
        believed: draft.balances.quantity(facing.gtin, shelfPlace(facing.facing)),
        inCart: draft.balances.quantity(facing.gtin, 'cart'),
        filling: draft.refills.isFilling(facing.facing, draft.moment.eventTimeMs),
        mayLean: change.mayLean,
        afterGap: change.afterGap,
      },
    }),
  );
  const { deltaGrams, variance, mayLean } = change;
  const strangers = foreignUnits(deltaGrams, change.facing, change.items, draft.balances, weights)
    .filter(({ gtin }) => !sharers.some(({ facing }) => facing.gtin === gtin))
    .map(
      ({ unit, units, prior: weight }) =>
        weight * likelihood(deltaGrams, units * unit.meanGrams, variance, unit),
    );
  return splitUnits(deltaGrams, variance, sharers, {
    mayLean,
    strangers: strangers.reduce((a, b) => a + b, 0),
  });
}

/**
 * The most probable counts of each item that explain `deltaGrams` together. All vectors of up to four units of up to
 * three items are weighed against each other, against noise, strangers and things that nobody knows.
 */
export function splitUnits(
  deltaGrams: number,
  variance: number,
  sharers: readonly Sharer[],
  { mayLean, strangers }: { readonly mayLean: boolean; readonly strangers: number },
): readonly SharedPart[] | null {
  const sign = deltaGrams < 0 ? -1 : 1;
  const lightest = Math.min(...sharers.map(({ unit }) => unit.meanGrams));
  const anything = (sign > 0 && mayLean ? ANYTHING_PUT_ON : ANYTHING_ELSE) / ANYTHING_GRAMS;
  const nothing = PRIOR_NOTHING * studentT(deltaGrams, variance);
  const vectors = vectorsOf(sharers, sign).map(({ counts, weight }): Vector => {
    const mean = counts.reduce((sum, count, k) => sum + count * sharers[k]!.unit.meanGrams, 0);
    const v = counts.reduce((sum, count, k) => sum + spreadOf(count, sharers[k]!.unit), variance);
    return { counts, weight: weight * studentT(deltaGrams - mean, v) };
  });
  const half = sign < 0 ? HALF_TAKEN / lightest : 0;
  const total = vectors.reduce((sum, { weight }) => sum + weight, nothing + anything + half + strangers);
  const best = vectors.reduce((a, b) => (b.weight > a.weight ? b : a));
  if (nothing >= Math.max(best.weight, anything)) return [];
  if (best.weight < Math.max(anything, strangers) || !fits(deltaGrams, variance, sharers, best)) return null;
  const units = best.counts.reduce((sum, count) => sum + count, 0);
  if (units > 1 && mayLean && weightOf(vectors, other => sum(other) === units) < SURE_OF_NO_LEAN * total)
    return null;
  return best.counts.flatMap((count, k) => {
    if (count === 0) return [];
    const confidence = weightOf(vectors, other => other[k] === count) / total;
    return [
      {
        facing: sharers[k]!.facing,
        units: count,
        confidence,
        rivals: rivalsOf(k, best, vectors, sharers, total),
      },
    ];
  });
}

const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);

const weightOf = (vectors: readonly Vector[], is: (counts: readonly number[]) => boolean) =>
  vectors.reduce((all, { counts, weight }) => (is(counts) ? all + weight : all), 0);

const spreadOf = (count: number, { sigmaGrams, meanSigmaGrams }: UnitModel) =>
  Math.abs(count) * sigmaGrams ** 2 + (count * meanSigmaGrams) ** 2;

const likelihood = (deltaGrams: number, meanGrams: number, variance: number, unit: UnitModel) =>
  studentT(deltaGrams - meanGrams, variance + spreadOf(1, unit));

/** Every vector that is considered, with its prior. */
function vectorsOf(sharers: readonly Sharer[], sign: number): readonly Vector[] {
  const found: Vector[] = [];
  const popularity = sharers.reduce((all, sharer) => all + sharer.popularity, 0);
  const extend = (counts: readonly number[], k: number, left: number, items: number) => {
    if (k === sharers.length) {
      if (left < MOST_AT_ONCE) found.push({ counts, weight: priorOf(counts, sharers, popularity) });
      return;
    }
    extend([...counts, 0], k + 1, left, items);
    if (items === 0) return;
    for (let n = 1; n <= left; n++) extend([...counts, sign * n], k + 1, left - n, items - 1);
  };
  extend([], 0, MOST_AT_ONCE, MOST_ITEMS);
  for (const [k, { expected }] of sharers.entries()) {
    if (!expected.afterGap && !(sign > 0 && expected.filling)) continue;
    for (let n = MOST_AT_ONCE + 1; n <= MOST_OF_ONE; n++) {
      found.push({
        counts: sharers.map((_, other) => (other === k ? sign * n : 0)),
        weight: prior(sign * n, expected),
      });
    }
  }
  return found;
}

/** Picks go by what sells, puts by what carts hold and who fills. */
function priorOf(counts: readonly number[], sharers: readonly Sharer[], popularity: number): number {
  const units = Math.abs(sum(counts));
  const isPick = counts.some(count => count < 0);
  const touched = counts.flatMap((count, k) => (count === 0 ? [] : [{ count, ...sharers[k]! }]));
  if (!isPick) {
    const together = PUT_TOGETHER ** (touched.length - 1);
    return touched.reduce((weight, { count, expected }) => weight * prior(count, expected), together);
  }
  let weight = PRIOR_EVENT * PER_FURTHER_UNIT ** (units - 1);
  let arranged = units;
  for (const { count, expected, popularity: own } of touched) {
    for (let n = 1; n <= -count; n++) weight *= ((own / popularity) * arranged--) / n;
    if (expected.believed > 0 && -count > expected.believed) weight *= MORE_THAN_BELIEVED;
  }
  return weight;
}

/** Whether the best vector comes near enough to be goods at all. */
function fits(deltaGrams: number, variance: number, sharers: readonly Sharer[], { counts }: Vector): boolean {
  const mean = counts.reduce((all, count, k) => all + count * sharers[k]!.unit.meanGrams, 0);
  const spread = counts.reduce((all, count, k) => all + spreadOf(count, sharers[k]!.unit), variance);
  const lightest = Math.min(...sharers.filter((_, k) => counts[k] !== 0).map(({ unit }) => unit.meanGrams));
  return Math.abs(deltaGrams - mean) <= Math.max(6 * Math.sqrt(spread), 8, 0.25 * lightest);
}

/** What the units of item `k` may have been instead. */
function rivalsOf(
  k: number,
  best: Vector,
  vectors: readonly Vector[],
  sharers: readonly Sharer[],
  total: number,
): readonly RivalUnits[] {
  const found = new Map<string, RivalUnits>();
  for (const { counts, weight } of vectors) {
    const fewer = Math.abs(best.counts[k]!) - Math.abs(counts[k]!);
    if (fewer <= 0 || weight < 0.001 * total) continue;
    for (const [j, { facing }] of sharers.entries()) {
      const more = Math.abs(counts[j]!) - Math.abs(best.counts[j]!);
      if (j === k || more <= 0) continue;
      const units = Math.sign(counts[j]!) * Math.min(fewer, more);
      const key = `${facing.facing} ${units}`;
      const probability = (found.get(key)?.probability ?? 0) + weight / total;
      found.set(key, { facing: facing.facing, gtin: facing.gtin, units, probability });
    }
  }
  return [...found.values()]
    .filter(({ probability }) => probability >= LEAST_RIVAL)
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, MOST_RIVALS);
}
