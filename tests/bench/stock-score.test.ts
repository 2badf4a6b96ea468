import { describe, expect, it } from 'vitest';
import type { Detection } from '../../bench/stock/detector.ts';
import { emptyTally, figures, matchActs, tallyActs } from '../../bench/stock/score.ts';
import { runSeed } from '../../bench/stock/shelf-events.ts';
import { NOISE_PROFILES } from '../../bench/stock/shelf-noise.ts';
import type { Act } from '../../bench/stock/shelf-script.ts';
import { createShelfStream, STREAM_START_MS } from '../../bench/stock/shelf-stream.ts';
import { bootstrap, calibrationError } from '../../bench/stock/statistics.ts';
import { testGtin } from '../support/stock-bench.ts';

const picked: Act = {
  kind: 'pick',
  facing: 'F1',
  gtin: testGtin(1),
  change: -1,
  grams: -100,
  beganMs: 9_500,
  goneMs: 10_000,
};

const detected = (changes: Partial<Detection> & { afterMs?: number } = {}): Detection => {
  const settledMs = STREAM_START_MS + picked.goneMs + (changes.afterMs ?? 400);
  return {
    facing: 'F1',
    gtin: testGtin(1),
    units: -1,
    deltaGrams: -101,
    settledMs,
    knownMs: settledMs + 100,
    confidence: 0.99,
    ...changes,
  };
};

describe('the score of the shelf benches', () => {
  it.each([
    { what: 'settled in time', detection: detected(), found: true },
    { what: 'settled a little early', detection: detected({ afterMs: -500 }), found: true },
    { what: 'too early', detection: detected({ afterMs: -700 }), found: false },
    { what: 'too late', detection: detected({ afterMs: 2_700 }), found: false },
    { what: 'on another facing', detection: detected({ facing: 'F2' }), found: false },
    { what: 'with the other sign', detection: detected({ units: 1 }), found: false },
    { what: 'with another count', detection: detected({ units: -2 }), found: true },
  ])('matches what is $what: $found', ({ detection, found }) => {
    expect(matchActs([picked], [detection]).matches).toHaveLength(found ? 1 : 0);
  });

  it('finds one event once, and calls the second a false one', () => {
    const tally = emptyTally();
    tallyActs(tally, [picked], [detected(), detected({ afterMs: 900 })]);
    expect(figures(tally)).toMatchObject({ precision: 0.5, recall: 1, stepMaeGrams: 1, latencyP50Ms: 500 });
  });

  it('counts an event of another item as seen and not as right', () => {
    const tally = emptyTally();
    tallyActs(tally, [picked], [detected({ gtin: testGtin(2) })]);
    expect(figures(tally)).toMatchObject({ f1: 1, itemCountF1: 0 });
  });

  it('charges a touch for what it made a method say', () => {
    const tally = emptyTally();
    tallyActs(tally, [{ ...picked, kind: 'touch', change: 0, grams: 0 }], [detected()]);
    expect(figures(tally)).toMatchObject({ precision: 0, falsePerTouch: 1 });
  });

  it('measures how far stated confidence is from the truth', () => {
    const judged = [true, true, true, false].map(right => ({ confidence: 0.95, right }));
    expect(calibrationError(judged)).toBeCloseTo(0.2, 9);
  });

  it('puts the mean inside its interval', () => {
    const { mean, low, high } = bootstrap([0.9, 0.95, 1, 0.97]);
    expect(low).toBeLessThanOrEqual(mean);
    expect(high).toBeGreaterThanOrEqual(mean);
    expect(high).toBeLessThanOrEqual(1);
  });
});

describe('a simulated shelf', () => {
  const options = { profile: NOISE_PROFILES.base, script: { minutes: 0.5 } };

  it('is the same for the same seed, and another for another', () => {
    const samples = (seed: number) =>
      [...createShelfStream(seed, 0, options).batches()].map(({ plates }) =>
        plates.map(({ grams }) => Array.from(grams)),
      );
    expect(samples(3)).toEqual(samples(3));
    expect(samples(3)).not.toEqual(samples(4));
  });

  it('weighs in the end what its hands left on it', () => {
    const { script } = createShelfStream(5, 0, { ...options, script: { minutes: 3 } });
    const moved = script.motions.reduce((sum, { motion }) => sum + motion.stepGrams, 0);
    const acted = script.acts.reduce((sum, { grams }) => sum + grams, 0);
    expect(moved).toBeCloseTo(acted, 6);
  });

  it('gives every method the same events to find', () => {
    const silent = { make: () => ({ feed: () => [] }) };
    const [first, second] = runSeed([silent, silent], 6, 1, options);
    expect(first!.real).toBe(second!.real);
    expect(figures(first!).recall).toBe(0);
  });
});
