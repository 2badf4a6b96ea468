import { describe, expect, test } from 'vitest';
import {
  apply,
  type ColdChainState,
  createColdChainState,
  decide,
  restore,
} from '../../../src/domain/cold-chain/cold-chain.ts';
import type { ColdAlarmFact, ColdFact, TemperatureFact } from '../../../src/domain/cold-chain/facts.ts';
import { bad, GOOD } from '../../../src/readings/quality.ts';
import type { Reading } from '../../../src/readings/reading.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const MINUTE = 60;
const config = {
  units: [{ unit: 'Dairy', device: 'dairy-case', minCelsius: -1, maxCelsius: 5, alarmAfterMs: 30 * 60_000 }],
};

const at = (seconds: number) => ({
  eventTimeMs: START_MS + seconds * 1000,
  receivedTimeMs: START_MS + seconds * 1000,
});
const air = (seconds: number, celsius: number | null): Reading => ({
  kind: 'point',
  device: 'dairy-case',
  point: 'air_temperature',
  value: celsius,
  quality: celsius === null ? bad('comms') : GOOD,
  ...at(seconds),
});
const tick = (seconds: number): Reading => ({ kind: 'tick', ...at(seconds) });

function hear(state: ColdChainState, readings: readonly Reading[]): readonly ColdFact[] {
  return readings.flatMap(reading => {
    const facts = decide(state, reading);
    for (const fact of facts) apply(state, fact);
    return facts;
  });
}

const span = (fromMinute: number, toMinute: number, celsius: number | null): Reading[] =>
  Array.from({ length: (toMinute - fromMinute) * 2 }, (_, i) => air(fromMinute * MINUTE + i * 30, celsius));
const silence = (fromMinute: number, toMinute: number): Reading[] =>
  Array.from({ length: (toMinute - fromMinute) * MINUTE }, (_, i) => tick(fromMinute * MINUTE + i));

const isAlarm = (fact: ColdFact): fact is ColdAlarmFact => fact.type === 'cold_alarm';
const isMinute = (fact: ColdFact): fact is TemperatureFact => fact.type === 'temperature';
/** Alarm, state, and the minute in which the excursion began. */
const alarms = (facts: readonly ColdFact[]) =>
  facts.filter(isAlarm).map(fact => [fact.alarm, fact.state, (fact.sinceMs - START_MS) / 60_000]);
const minutes = (facts: readonly ColdFact[]) =>
  facts
    .filter(isMinute)
    .map(fact => [
      (fact.minuteMs - START_MS) / 60_000,
      fact.goodSamples,
      fact.badSamples,
      fact.minCelsius,
      fact.meanCelsius,
      fact.maxCelsius,
    ]);

describe('a minute of temperatures', () => {
  test('says why its bad samples were bad', () => {
    const facts = hear(createColdChainState(config), [air(0, 3), air(20, null), air(60, 3), air(120, 3)]);
    expect(facts.filter(isMinute).map(({ badReason }) => badReason)).toEqual(['comms', undefined]);
  });

  test.each<[string, readonly Reading[], readonly unknown[]]>([
    ['ends with the next reading', [air(0, 3), air(30, 4.1), air(60, 5)], [[0, 2, 0, 3, 3.55, 4.1]]],
    ['ends with time', [air(0, 3), tick(59), tick(62)], [[0, 1, 0, 3, 3, 3]]],
    ['counts bad samples apart', [air(0, 3), air(20, null), air(60, 3)], [[0, 1, 1, 3, 3, 3]]],
    ['has no numbers without a good sample', [air(0, null), air(60, 3)], [[0, 0, 1, null, null, null]]],
    [
      'is told even when nothing was heard',
      [air(0, 3), tick(62), tick(122)],
      [
        [0, 1, 0, 3, 3, 3],
        [1, 0, 0, null, null, null],
      ],
    ],
    [
      'takes no late sample',
      [air(0, 3), air(60, 3), { ...air(59, 40), receivedTimeMs: at(61).receivedTimeMs }, tick(122)],
      [
        [0, 1, 0, 3, 3, 3],
        [1, 1, 0, 3, 3, 3],
      ],
    ],
    [
      'is not pulled ahead by a device clock',
      [{ ...air(86_400, 3), receivedTimeMs: START_MS }, air(30, 4), tick(62)],
      [[0, 2, 0, 3, 3.5, 4]],
    ],
    ['does not exist before the first sample', [tick(0), tick(62)], []],
  ])('%s', (_what, readings, expected) => {
    expect(minutes(hear(createColdChainState(config), readings))).toEqual(expected);
  });

  test('of a product has no alarms, only a record', () => {
    const product = span(0, 40, 20).map(reading => ({ ...reading, point: 'product_temperature' }) as Reading);
    const facts = hear(createColdChainState(config), product);
    expect(facts.filter(isMinute)).toHaveLength(39);
    expect(alarms(facts)).toEqual([]);
  });
});

describe('a cold alarm', () => {
  test.each<[string, readonly Reading[], readonly unknown[]]>([
    [
      'is raised when it was too warm for long enough, and counts from the begin',
      [...span(0, 2, 4), ...span(2, 33, 6)],
      [['too_warm', 'raised', 2]],
    ],
    ['is not raised by a short excursion', [...span(0, 29, 6), ...span(29, 60, 4)], []],
    [
      'starts anew after each return',
      [...span(0, 29, 6), ...span(29, 30, 4), ...span(30, 61, 6)],
      [['too_warm', 'raised', 30]],
    ],
    ['is raised when it is too cold', span(0, 31, -2), [['too_cold', 'raised', 0]]],
    ['is not raised at the limit itself', span(0, 40, 5), []],
    [
      'stands until half a kelvin inside',
      [...span(0, 31, 6), ...span(31, 40, 4.6)],
      [['too_warm', 'raised', 0]],
    ],
    [
      'is cleared half a kelvin inside',
      [...span(0, 31, 6), ...span(31, 32, 4.5)],
      [
        ['too_warm', 'raised', 0],
        ['too_warm', 'cleared', 0],
      ],
    ],
    ['is raised once', span(0, 120, 9), [['too_warm', 'raised', 0]]],
    [
      'is not closed by silence',
      [...span(0, 31, 6), ...silence(31, 40)],
      [
        ['too_warm', 'raised', 0],
        ['no_data', 'raised', 30.5],
      ],
    ],
    ['is not opened by silence', [...span(0, 20, 6), ...silence(20, 60)], [['no_data', 'raised', 19.5]]],
    ['no data: raised after three silent minutes', [air(0, 3), ...silence(0, 4)], [['no_data', 'raised', 0]]],
    [
      'no data: raised after three minutes of bad readings',
      [air(0, 3), ...span(1, 4, null)],
      [['no_data', 'raised', 0]],
    ],
    ['no data: raised for a unit that was never heard', silence(0, 4), [['no_data', 'raised', 0]]],
    [
      'no data: cleared by the next good sample',
      [air(0, 3), ...silence(0, 4), air(240, 3)],
      [
        ['no_data', 'raised', 0],
        ['no_data', 'cleared', 0],
      ],
    ],
    [
      'no data: not raised by a gap that is shorter',
      [air(0, 3), ...silence(0, 2), air(120, 3), ...silence(2, 4)],
      [],
    ],
  ])('%s', (_what, readings, expected) => {
    expect(alarms(hear(createColdChainState(config), readings))).toEqual(expected);
  });

  test('names its limit, the temperature and the reason', () => {
    const warm = hear(createColdChainState(config), span(0, 31, 6)).filter(isAlarm);
    expect(warm).toMatchObject([
      { unit: 'Dairy', device: 'dairy-case', celsius: 6, limitCelsius: 5, reason: null },
    ]);
    const silent = hear(createColdChainState(config), span(0, 4, null)).filter(isAlarm);
    expect(silent).toMatchObject([{ celsius: null, limitCelsius: null, reason: 'comms' }]);
  });
});

describe('after a restart', () => {
  test('an alarm that stands is not raised again and can be cleared', () => {
    const stored = hear(createColdChainState(config), span(0, 31, 6));
    const state = createColdChainState(config);
    restore(state, stored);
    expect(alarms(hear(state, span(32, 34, 6)))).toEqual([]);
    expect(alarms(hear(state, [air(34 * MINUTE, 4)]))).toEqual([['too_warm', 'cleared', 0]]);
  });

  test('a cleared alarm leaves nothing behind that a short excursion could wake', () => {
    const stored = hear(createColdChainState(config), [...span(0, 31, 6), ...span(31, 32, 4)]);
    const state = createColdChainState(config);
    restore(state, stored.filter(isAlarm));
    expect(alarms(hear(state, span(33, 40, 6)))).toEqual([]);
  });

  test('an excursion counts from its begin and not from the restart', () => {
    const stored = hear(createColdChainState(config), [...span(0, 5, 4), ...span(5, 20, 6)]);
    const state = createColdChainState(config);
    restore(state, stored);
    expect(alarms(hear(state, span(21, 36, 6)))).toEqual([['too_warm', 'raised', 5]]);
  });
});

describe('a summary of more than a minute', () => {
  const summed = { units: config.units.map(unit => ({ ...unit, summaryMinutes: 5 })) };
  const spans = (facts: readonly ColdFact[]) =>
    facts
      .filter(isMinute)
      .map(({ minuteMs, summaryMinutes, goodSamples, maxCelsius }) => [
        (minuteMs - START_MS) / 60_000,
        summaryMinutes ?? 1,
        goodSamples,
        maxCelsius,
      ]);

  test('holds as many minutes as the policy says, at the same minutes of every hour', () => {
    const facts = hear(createColdChainState(summed), [...span(2, 10, 3), tick(10 * MINUTE + 3)]);
    expect(spans(facts)).toEqual([
      [2, 3, 6, 3],
      [5, 5, 10, 3],
    ]);
  });

  test('ends in the minute of an excursion, whose minutes are told one by one', () => {
    const facts = hear(createColdChainState(summed), [...span(0, 2, 3), ...span(2, 4, 8), ...span(4, 11, 3)]);
    expect(spans(facts)).toEqual([
      [0, 3, 6, 8],
      [3, 1, 2, 8],
      [4, 1, 2, 3],
      [5, 5, 10, 3],
    ]);
  });
});
