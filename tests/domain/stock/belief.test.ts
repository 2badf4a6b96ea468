import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aged,
  type Belief,
  type Candidate,
  contentsOf,
  observe,
  probabilityOf,
  sureOf,
  thingOn,
  weigh,
} from '../../../src/domain/stock/belief.ts';
import { NOON, testGtin } from '../../support/stock-bench.ts';

const OWN = testGtin(1);
const OTHER = testGtin(2);
const UNIT_GRAMS = 250;
const OTHER_GRAMS = 505;

const unitsOf = (gtin: Candidate['gtin'], grams: number, units: number, prior: number): Candidate => ({
  gtin,
  units,
  grams: units * grams,
  variance: Math.abs(units) * 9,
  prior: counts => ((counts.get(gtin) ?? 0) + units < 0 ? 0 : prior),
});

const CANDIDATES: readonly Candidate[] = [
  { gtin: OWN, units: 0, grams: 0, variance: 0, prior: () => 0.3 },
  ...[-3, -2, -1, 1, 2, 3].map(units => unitsOf(OWN, UNIT_GRAMS, units, 0.4 * 0.2 ** (Math.abs(units) - 1))),
  ...[-1, 1].map(units => unitsOf(OTHER, OTHER_GRAMS, units, 0.02)),
];

const seen = (belief: Belief, deltaGrams: number, atMs = NOON) =>
  observe(belief, { deltaGrams, variance: 2, atMs, candidates: CANDIDATES });
const own = (belief: Belief, units: number) =>
  probabilityOf(contentsOf(belief), counts => (counts.get(OWN) ?? 0) === units);

describe('what a facing is believed to hold', () => {
  const six = sureOf(new Map([[OWN, 6]]));

  it.each([
    { what: 'a unit less after a pick', deltas: [-251], units: 5 },
    { what: 'as many after a touch', deltas: [1.5], units: 6 },
    { what: 'all of a handful', deltas: [749], units: 9 },
    { what: 'as many when what was taken comes back', deltas: [-250, 249], units: 6 },
    { what: 'whole units when an arm lay on the plates between two puts', deltas: [590, 160], units: 9 },
  ])('is $what', ({ deltas, units }) => {
    let belief: Belief = six;
    for (const [index, grams] of deltas.entries()) belief = seen(belief, grams, NOON + index * 2_000);
    expect(own(belief, units)).toBeGreaterThan(0.85);
  });

  it('keeps both ways to read a weight that two contents explain', () => {
    const belief = seen(six, 503);
    expect(own(belief, 8)).toBeGreaterThan(0.05);
    expect(probabilityOf(contentsOf(belief), counts => counts.get(OTHER) === 1)).toBeGreaterThan(0.05);
  });

  it('follows what else is known', () => {
    const belief = weigh(seen(six, 503), counts => (counts.get(OTHER) === 1 ? 0 : Math.log(0.001)));
    expect(own(belief, 6)).toBeGreaterThan(0.95);
  });

  it('is no arm any more when the weight still lies there', () => {
    const belief = seen(six, 100);
    const thing = (each: Belief) => each.filter(({ thing: lies }) => lies !== null).length;
    expect(thing(belief)).toBeGreaterThan(0);
    expect(aged(belief, NOON + 60_000).every(({ thing: lies }) => lies === null || lies.stays)).toBe(true);
  });

  it('leaves a weight that no item explains as a thing once it has stayed', () => {
    const belief = seen(six, 100);
    expect(thingOn(belief)).toBe(0);
    expect(thingOn(aged(belief, NOON + 60_000))).toBeGreaterThan(0.5);
    expect(thingOn(seen(aged(belief, NOON + 60_000), -100, NOON + 70_000))).toBeLessThan(0.1);
  });

  test.prop([fc.array(fc.double({ min: -800, max: 800, noNaN: true }), { maxLength: 30 })], {
    seed: 7,
    numRuns: 100,
  })('is never empty, bounded, without less than nothing, and its probabilities sum to 1', deltas => {
    let belief: Belief = six;
    for (const [index, grams] of deltas.entries()) belief = seen(belief, grams, NOON + index * 5_000);
    const contents = contentsOf(belief);
    expect(belief.length).toBeGreaterThan(0);
    expect(belief.length).toBeLessThanOrEqual(32);
    expect(contents.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
    expect(contents.every(({ counts }) => [...counts.values()].every(units => units > 0))).toBe(true);
  });
});
