import type { Gtin } from '../../shared/gtin.ts';
import type { ForeignUnit } from './foreign.ts';
import { type UnitModel, unitSigmaGrams } from './unit-weight.ts';

/** What the ledger says about a facing before its weights are believed. */
export interface Expectation {
  readonly believed: number;
  readonly inCart: number;
  /** Somebody is filling the shelf. */
  readonly filling: boolean;
  /** The weight came so lately that it may still be a hand that leans on the shelf. */
  readonly mayLean: boolean;
  /** The change is what a gap or a restart left: any number of picks and puts in one step. */
  readonly afterGap: boolean;
}

export interface Explanation {
  /** The item, when it is not the facing's own. */
  readonly foreign: Gtin | null;
  /** Positive: put, negative: taken, 0: nothing but noise. */
  readonly units: number;
  /** Posterior probability among all counts considered. */
  readonly confidence: number;
}

const MOST_AT_ONCE = 6;
/** One case, while somebody fills the shelf; or whatever happened while nobody looked. */
const MOST_IN_ALL = 24;

// Priors of weight-shelf.md 5.6.
export const PRIOR_NOTHING = 0.3;
export const PRIOR_EVENT = 0.6;
export const PER_FURTHER_UNIT = 0.22;
const PUT_FROM_CART = 0.35;
const ONE_PUT_FROM_NOWHERE = 0.05;
/** Staff who fill a shelf before they say so; of any number alike. */
const MORE_PUT_FROM_NOWHERE = 0.003;
export const MORE_THAN_BELIEVED = 0.01;
const PRIOR_FILLING = 0.9;
/** After a gap several events lie on top of each other, so a further unit costs little. */
const PER_FURTHER_UNSEEN_UNIT = 0.8;

/**
 * A hand that leans, a bag, a foreign thing: any weight, so its density is flat. It is what keeps a push of just any
 * strength from being taken for the handful of units that come nearest to it.
 */
export const ANYTHING_PUT_ON = 0.11;
/** What is taken away lay there before, and a lean does not last: then it is mostly goods. */
export const ANYTHING_ELSE = 0.004;
export const ANYTHING_GRAMS = 2_000;
/** Some take their things so slowly that the weight seems to rest half-way: anywhere within a unit. */
export const HALF_TAKEN = 0.005;
/** Several units put that are less sure than this wait until no arm would lie there any more. */
export const SURE_OF_NO_LEAN = 0.99;

const DEGREES_OF_FREEDOM = 4;
/** What makes the Student-t density with four degrees of freedom integrate to 1. */
const STUDENT_SCALE = 0.375;
/**
 * The number of units that best explains a settled change of `deltaGrams`, whose own variance (plates,
 * cross-talk, drift) is `variance` in square grams; null when none comes near enough. `others` are single units of
 * other items that it may be instead.
 */
export function explain(
  deltaGrams: number,
  unit: UnitModel,
  variance: number,
  expected: Expectation,
  others: readonly ForeignUnit[] = [],
): Explanation | null {
  const { meanGrams: unitWeightGrams, sigmaGrams: sigma, meanSigmaGrams } = unit;
  const mostTaken = expected.afterGap ? MOST_IN_ALL : MOST_AT_ONCE;
  const mostPut = expected.filling || expected.afterGap ? MOST_IN_ALL : MOST_AT_ONCE;
  let best = 0;
  let bestWeight = 0;
  const anything = (deltaGrams > 0 && expected.mayLean ? ANYTHING_PUT_ON : ANYTHING_ELSE) / ANYTHING_GRAMS;
  let total = anything + (deltaGrams < 0 ? HALF_TAKEN / unitWeightGrams : 0);
  for (let units = -mostTaken; units <= mostPut; units++) {
    const v = variance + Math.abs(units) * sigma ** 2 + (units * meanSigmaGrams) ** 2;
    const weight = prior(units, expected) * studentT(deltaGrams - units * unitWeightGrams, v);
    total += weight;
    if (weight > bestWeight) {
      best = units;
      bestWeight = weight;
    }
  }
  const stranger = likeliest(deltaGrams, variance, others);
  total += stranger.total;
  if (stranger.weight > Math.max(bestWeight, anything)) {
    const { gtin, units } = stranger.unit!;
    return { foreign: gtin, units, confidence: stranger.weight / total };
  }
  const confidence = bestWeight / total;
  if (best > 1 && expected.mayLean && confidence < SURE_OF_NO_LEAN) return null;
  const residual = Math.abs(deltaGrams - best * unitWeightGrams);
  if (bestWeight < anything || residual > gateGrams(best, unitWeightGrams, sigma, variance)) return null;
  return { foreign: null, units: best, confidence };
}

function likeliest(deltaGrams: number, variance: number, others: readonly ForeignUnit[]) {
  let unit: ForeignUnit | null = null;
  let best = 0;
  let total = 0;
  for (const other of others) {
    const { meanGrams, sigmaGrams, meanSigmaGrams } = other.unit;
    const v = variance + sigmaGrams ** 2 + meanSigmaGrams ** 2;
    const weight = other.prior * studentT(deltaGrams - other.units * meanGrams, v);
    total += weight;
    if (weight <= best) continue;
    unit = other;
    best = weight;
  }
  return { unit, weight: best, total };
}

/** The density of a deviation of `grams` with heavy tails, because hands are no normal noise. */
export function studentT(grams: number, variance: number): number {
  const z2 = grams ** 2 / variance;
  return (
    (STUDENT_SCALE * (1 + z2 / DEGREES_OF_FREEDOM) ** (-(DEGREES_OF_FREEDOM + 1) / 2)) / Math.sqrt(variance)
  );
}

export function prior(units: number, { believed, inCart, filling, afterGap }: Expectation): number {
  if (units === 0) return PRIOR_NOTHING;
  const count = Math.abs(units);
  const event = PRIOR_EVENT * (afterGap ? PER_FURTHER_UNSEEN_UNIT : PER_FURTHER_UNIT) ** (count - 1);
  if (units < 0) {
    // A book at or below zero has not been counted yet and forbids nothing.
    return believed > 0 && count > believed ? event * MORE_THAN_BELIEVED : event;
  }
  if (filling) return PRIOR_FILLING / MOST_IN_ALL;
  if (afterGap) return event * PUT_FROM_CART;
  if (count <= inCart) return event * PUT_FROM_CART;
  return count === 1 ? event * ONE_PUT_FROM_NOWHERE : MORE_PUT_FROM_NOWHERE;
}

/** How far off its mean a hypothesis may be before it is something else: a bag, a hand, a wrong planogram. */
function gateGrams(units: number, unitWeightGrams: number, sigma: number, variance: number): number {
  if (units === 0) return Math.max(4 * Math.sqrt(variance), 8);
  return Math.max(6 * Math.sqrt(Math.abs(units)) * sigma, 0.25 * unitWeightGrams, 8);
}

/** Slack of more than this share of a unit makes any change fit, and proves nothing. */
const TELLING_SLACK = 0.25;

/**
 * Whether a change contradicts that whole units were picked or put: a scale that lost its zero does, mostly.
 * `disturbanceGrams` is what else may lie in the change, such as its neighbours' cross-talk.
 */
export function contradictsUnits(
  deltaGrams: number,
  unitWeightGrams: number,
  disturbanceGrams: number,
): boolean {
  const units = Math.round(deltaGrams / unitWeightGrams);
  const spread = 3 * Math.sqrt(Math.abs(units)) * unitSigmaGrams(unitWeightGrams);
  const slack = Math.max(spread, 4) + disturbanceGrams;
  return slack < TELLING_SLACK * unitWeightGrams && Math.abs(deltaGrams - units * unitWeightGrams) > slack;
}
