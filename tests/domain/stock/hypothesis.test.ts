import { describe, expect, it } from 'vitest';
import { type Expectation, explain as explainWith } from '../../../src/domain/stock/hypothesis.ts';
import { catalogueUnit } from '../../../src/domain/stock/unit-weight.ts';

const QUIET = 2;
const usual: Expectation = { believed: 10, inCart: 0, filling: false, mayLean: false, afterGap: false };

const explain = (grams: number, unitGrams: number, variance: number, expected: Expectation) =>
  explainWith(grams, catalogueUnit(unitGrams), variance, expected);

describe('the number of units that explains a change', () => {
  it.each([
    // grams, unit weight, expected units, why
    [-250, 250, -1, 'one taken'],
    [-748, 250, -3, 'three taken'],
    [250, 250, 1, 'one put'],
    [1_500, 250, 6, 'a whole row put'],
    [1, 250, 0, 'noise'],
    [6, 44, 0, 'less than a unit, within noise'],
    [-290, 250, -1, 'a unit that is heavier than the catalogue says'],
    [100, 250, null, 'a thing of another weight'],
    [-125, 250, null, 'half a unit'],
    [1_750, 250, null, 'more than anybody puts at once'],
  ])('%i g on units of %i g are %s: %s', (grams, unit, units, _why) => {
    expect(explain(grams, unit, QUIET, usual)?.units ?? null).toBe(units);
  });

  it('waits with a row of units that may be an arm on the shelf', () => {
    const pressed = (grams: number) => explain(grams, 250, QUIET, { ...usual, mayLean: true });
    expect(pressed(1_500)).toBeNull();
    expect(pressed(-750)?.units).toBe(-3);
    expect(pressed(250)?.units).toBe(1);
  });

  it('may be a whole case while somebody fills the shelf', () => {
    expect(explain(24 * 250, 250, QUIET, { ...usual, filling: true })?.units).toBe(24);
  });

  it('may be many picks at once when nobody looked for a while', () => {
    expect(explain(-9 * 250, 250, QUIET, usual)).toBeNull();
    expect(explain(-9 * 250, 250, QUIET, { ...usual, afterGap: true })?.units).toBe(-9);
  });

  it('is surer of a put that some cart can hold', () => {
    const put = (inCart: number) => explain(12, 14, 8, { ...usual, inCart })!;
    expect(put(3)).toMatchObject({ units: 1 });
    expect(put(3).confidence).toBeGreaterThan(put(0).confidence);
  });

  it('doubts that more was taken than is there, unless nobody has counted yet', () => {
    const taken = (believed: number) => explain(-17, 10, 4, { ...usual, believed })!;
    expect(taken(1).units).toBe(-1);
    expect(taken(0).units).toBe(taken(9).units);
    expect(taken(9).units).toBe(-2);
  });
});
