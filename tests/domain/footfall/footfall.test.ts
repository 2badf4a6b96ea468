import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { FootfallFact } from '../../../src/domain/footfall/facts.ts';
import {
  apply,
  createFootfallState,
  current,
  decide,
  type FootfallState,
  restore,
} from '../../../src/domain/footfall/footfall.ts';
import { bad, GOOD } from '../../../src/readings/quality.ts';
import type { Reading } from '../../../src/readings/reading.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const WRAP = 65_536;
const config = { counters: [{ device: 'door-main', door: 'main', wrapAt: WRAP }] };

const at = (seconds: number) => ({
  eventTimeMs: START_MS + seconds * 1000,
  receivedTimeMs: START_MS + seconds * 1000,
});
const total = (point: 'people_in_total' | 'people_out_total', seconds: number, value: number): Reading => ({
  kind: 'point',
  device: 'door-main',
  point,
  value,
  quality: GOOD,
  ...at(seconds),
});
const comeIn = (seconds: number, value: number) => total('people_in_total', seconds, value);
const goOut = (seconds: number, value: number) => total('people_out_total', seconds, value);
const tick = (seconds: number): Reading => ({ kind: 'tick', ...at(seconds) });

function hear(state: FootfallState, ...readings: readonly Reading[]): readonly FootfallFact[] {
  return readings.flatMap(reading => {
    const facts = decide(state, reading);
    for (const fact of facts) apply(state, fact);
    return facts;
  });
}

const counts = (facts: readonly FootfallFact[]) =>
  facts.map(fact => [(fact.minuteMs - START_MS) / 60_000, fact.in, fact.out, fact.suspect]);

describe('people per minute from cumulative totals', () => {
  test.each<[string, readonly Reading[], readonly unknown[]]>([
    ['the first total is where counting starts', [comeIn(0, 700), tick(70)], [[0, 0, 0, false]]],
    [
      'the difference counts',
      [comeIn(0, 700), comeIn(30, 703), goOut(40, 5), goOut(50, 6), tick(70)],
      [[0, 3, 1, false]],
    ],
    [
      'each minute has its own people',
      [comeIn(0, 10), comeIn(59, 12), comeIn(61, 15), tick(130)],
      [
        [0, 2, 0, false],
        [1, 3, 0, false],
      ],
    ],
    ['a total that wrapped goes on', [comeIn(0, 65_530), comeIn(30, 4), tick(70)], [[0, 10, 0, false]]],
    ['a reset counts from 0 and is suspect', [comeIn(0, 900), comeIn(30, 2), tick(70)], [[0, 2, 0, true]]],
    [
      'a reset far from the wrap is not a wrap',
      [comeIn(0, 40_000), comeIn(30, 0), tick(70)],
      [[0, 0, 0, true]],
    ],
    [
      'a jump that no door lets through counts nobody',
      [comeIn(0, 100), comeIn(30, 9_000), tick(70)],
      [[0, 0, 0, true]],
    ],
    [
      'the same reading twice counts once',
      [comeIn(0, 1), comeIn(9, 4), comeIn(9, 4), tick(70)],
      [[0, 3, 0, false]],
    ],
    [
      'a late reading is no reset',
      [comeIn(0, 1), comeIn(30, 9), { ...comeIn(10, 4), receivedTimeMs: at(31).receivedTimeMs }, tick(70)],
      [[0, 8, 0, false]],
    ],
    [
      'nobody and nothing new makes no fact',
      [comeIn(0, 5), tick(70), comeIn(80, 5), tick(130)],
      [[0, 0, 0, false]],
    ],
    [
      'a minute stays open for what arrives just after it',
      [comeIn(0, 5), tick(61), tick(62)],
      [[0, 0, 0, false]],
    ],
    ['another device is not ours', [{ ...comeIn(0, 5), device: 'door-side' } as Reading, tick(70)], []],
    [
      'a bad reading says nothing',
      [{ ...comeIn(0, 5), value: null, quality: bad('comms') } as Reading, tick(70)],
      [],
    ],
  ])('%s', (_what, readings, expected) => {
    expect(counts(hear(createFootfallState(config), ...readings))).toEqual(expected);
  });

  test('the running minute can be seen before it is a fact', () => {
    const state = createFootfallState(config);
    hear(state, comeIn(0, 5), comeIn(3, 7));
    expect(current(state)).toEqual([
      { device: 'door-main', door: 'main', minuteMs: START_MS, in: 2, out: 0 },
    ]);
  });

  test('a restart counts on from the totals of the last fact', () => {
    const before = createFootfallState(config);
    const stored = hear(before, comeIn(0, 5), comeIn(30, 7), tick(70), comeIn(90, 9));
    const after = createFootfallState(config);
    restore(after, stored);
    expect(counts(hear(after, comeIn(300, 12), tick(370)))).toEqual([[5, 5, 0, false]]);
  });

  property.prop(
    [
      fc.integer({ min: 0, max: WRAP - 1 }),
      fc.array(fc.integer({ min: 0, max: WRAP / 2 - 1 }), { maxLength: 40 }),
    ],
    {
      seed: 7,
    },
  )('any number of wraps gives the true count when each step is below half the wrap', (first, steps) => {
    const state = createFootfallState(config);
    const hours = 7_200;
    let raw = first;
    const readings = [comeIn(0, raw)];
    for (const [index, step] of steps.entries()) {
      raw = (raw + step) % WRAP;
      readings.push(comeIn((index + 1) * hours, raw));
    }
    const facts = hear(state, ...readings, tick((steps.length + 1) * hours));
    expect(facts.reduce((sum, fact) => sum + fact.in, 0)).toBe(steps.reduce((sum, step) => sum + step, 0));
    expect(facts.some(fact => fact.suspect)).toBe(false);
  });
});

test('one fact holds as many minutes as the policy says, and nobody is lost between two', () => {
  const state = createFootfallState({ ...config, summaryMinutes: 15 });
  const facts = hear(state, comeIn(0, 10), comeIn(61, 12), comeIn(840, 20), comeIn(905, 23), tick(1_803));
  expect(facts.map(fact => [(fact.minuteMs - START_MS) / 60_000, fact.in, fact.summaryMinutes])).toEqual([
    [0, 10, 15],
    [15, 3, 15],
  ]);
});
