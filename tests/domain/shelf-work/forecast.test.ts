import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  type DemandModel,
  demandOver,
  isSlow,
  learn,
  meanOn,
  meanPerDay,
  NOTHING_KNOWN,
  type ObservedDay,
  reorderPoint,
  sba,
  tsb,
} from '../../../src/domain/shelf-work/forecast.ts';
import { demandQuantile } from '../../../src/domain/shelf-work/quantile.ts';

const day = (soldUnits: number, weekday = 1, onShelfShare = 1): ObservedDay => ({
  soldUnits,
  weekday,
  onShelfShare,
});

const learned = (days: readonly ObservedDay[], from: DemandModel = NOTHING_KNOWN) => days.reduce(learn, from);
const weeks = (count: number, sales: (weekday: number) => number) =>
  Array.from({ length: count * 7 }, (_, index) => day(sales(index % 7), index % 7));

describe('the quantile of demand', () => {
  it.each([
    // Cumulative Poisson with mean 4: P(<= 7) = 0.949, P(<= 8) = 0.979.
    { mean: 4, variance: 4, probability: 0.95, units: 8 },
    { mean: 4, variance: 4, probability: 0.94, units: 7 },
    // Negative binomial with size 2 and success 1/3: P(<= 10) = 0.946, P(<= 11) = 0.962; normal z says 10.
    { mean: 4, variance: 12, probability: 0.95, units: 11 },
    // A slow seller: P(0) = 0.905, P(<= 1) = 0.995.
    { mean: 0.1, variance: 0.1, probability: 0.9, units: 0 },
    { mean: 0.1, variance: 0.1, probability: 0.95, units: 1 },
    { mean: 0, variance: 3, probability: 0.99, units: 0 },
  ])('of mean $mean, variance $variance at $probability is $units', ({ units, probability, ...demand }) => {
    expect(demandQuantile(demand, probability)).toBe(units);
  });

  test.prop([fc.double({ min: 0.01, max: 900, noNaN: true }), fc.double({ min: 1, max: 8, noNaN: true })], {
    seed: 11,
    numRuns: 60,
  })('never falls when more certainty is wanted, and covers the mean when much is', (mean, ratio) => {
    const demand = { mean, variance: mean * ratio };
    const at = [0.5, 0.8, 0.95, 0.99].map(probability => demandQuantile(demand, probability));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at[3]).toBeGreaterThanOrEqual(Math.floor(mean));
  });
});

describe('the demand for an item', () => {
  it('starts as the plain average of the first days', () => {
    const model = learned([day(4), day(6), day(8)]);
    expect(model.level).toBeCloseTo(6);
    expect(meanPerDay(model)).toBeCloseTo(6);
  });

  it('is smoothed with 0.1 once there are ten days', () => {
    const flat = learned(Array.from({ length: 20 }, () => day(10)));
    expect(learn(flat, day(20)).level).toBeCloseTo(11);
  });

  it('learns that Saturdays sell three times as much', () => {
    const model = learned(weeks(40, weekday => (weekday === 6 ? 30 : 10)));
    expect(meanOn(model, 6) / meanOn(model, 2)).toBeCloseTo(3, 0);
    expect(model.weekday.reduce((sum, factor) => sum + factor, 0)).toBeCloseTo(7);
    expect(demandOver(model, 6, 1).mean).toBeGreaterThan(demandOver(model, 0, 1).mean * 2);
  });

  it('takes an empty shelf for missing demand and not for none', () => {
    const flat = learned(Array.from({ length: 20 }, () => day(10)));
    expect(learn(flat, day(0, 1, 0.1))).toBe(flat);
    expect(learn(flat, day(5, 1, 0.5)).level).toBeCloseTo(10);
  });

  it('of a slow seller is size over interval, less the bias of Croston', () => {
    // Two units every fourth day.
    const model = learned(Array.from({ length: 80 }, (_, index) => day(index % 4 === 3 ? 2 : 0)));
    expect(isSlow(model)).toBe(true);
    expect(model.size).toBeCloseTo(2);
    expect(model.interval).toBeCloseTo(4);
    expect(sba(model)).toBeCloseTo(0.475);
    expect(meanOn(model, 3)).toBe(sba(model));
  });

  it('of an item that nobody buys any more fades to nothing', () => {
    const slow = learned(Array.from({ length: 80 }, (_, index) => day(index % 4 === 3 ? 2 : 0)));
    const dead = learned(
      Array.from({ length: 60 }, () => day(0)),
      slow,
    );
    expect(meanOn(dead, 1)).toBe(tsb(dead));
    expect(tsb(dead)).toBeCloseTo(tsb(slow) * 0.9 ** 60);
    expect(reorderPoint(dead, 0, 2, 0.95)).toBe(0);
  });

  it('asks for an order at the quantile over the lead time', () => {
    const model: DemandModel = { ...NOTHING_KNOWN, days: 30, level: 2, variance: 2 };
    expect(reorderPoint(model, 0, 2, 0.95)).toBe(8);
  });

  const observed = fc.record({
    soldUnits: fc.nat(50),
    weekday: fc.nat(6),
    onShelfShare: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  test.prop([fc.array(observed, { maxLength: 80 })], { seed: 5, numRuns: 100 })(
    'is a finite number that is never negative, whatever the days bring',
    days => {
      const model = learned(days);
      for (let weekday = 0; weekday < 7; weekday++) {
        expect(meanOn(model, weekday)).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(meanOn(model, weekday))).toBe(true);
      }
      expect(reorderPoint(model, 0, 2, 0.95)).toBeGreaterThanOrEqual(0);
    },
  );
});
