import { describe, expect, test } from 'vitest';
import { apply, createFootfallState, decide, decideReport } from '../../../src/domain/footfall/footfall.ts';
import { GOOD, uncertain } from '../../../src/readings/quality.ts';

const START_MS = Date.UTC(2026, 0, 5, 8);
const MINUTE = 60_000;
const config = { counters: [{ device: 'door-main', door: 'main', wrapAt: null }] };

const report = (people: { in?: number; out?: number }, endMs = START_MS, device = 'door-main') => ({
  kind: 'document' as const,
  source: 'device' as const,
  document: {
    type: 'people' as const,
    key: `${device}/1`,
    device,
    in: people.in ?? null,
    out: people.out ?? null,
  },
  eventTimeMs: endMs,
  receivedTimeMs: START_MS + MINUTE,
});

describe('a report of one interval', () => {
  test('counts its people at once, in the minute in which it ended', () => {
    const state = createFootfallState(config);
    expect(decideReport(state, report({ in: 3, out: 1 }))).toEqual({
      ok: true,
      value: [
        {
          type: 'footfall',
          door: 'main',
          device: 'door-main',
          minuteMs: START_MS - MINUTE,
          in: 3,
          out: 1,
          rawIn: null,
          rawOut: null,
          suspect: false,
        },
      ],
    });
  });

  test('of long ago counts in its own minute, however late it comes', () => {
    const state = createFootfallState(config);
    const late = decideReport(state, report({ in: 3 }, START_MS - 120 * MINUTE));
    expect(late).toMatchObject({ value: [{ minuteMs: START_MS - 121 * MINUTE, in: 3, out: 0 }] });
  });

  test.each([{}, { in: 0 }, { in: 0, out: 0 }])('that counts nobody (%j) leaves no fact', people => {
    expect(decideReport(createFootfallState(config), report(people))).toEqual({ ok: true, value: [] });
  });

  test('of a counter without a door is refused', () => {
    const result = decideReport(createFootfallState(config), report({ in: 1 }, START_MS, 'stranger'));
    expect(result).toMatchObject({ ok: false, error: { code: 'not_found', retry: false } });
  });

  test('does not disturb the totals of the same counter', () => {
    const state = createFootfallState(config);
    const total = (value: number, atMs: number) => ({
      ...{ kind: 'point' as const, device: 'door-main', point: 'people_in_total' as const },
      ...{ value, quality: GOOD, eventTimeMs: atMs, receivedTimeMs: atMs },
    });
    decide(state, total(10, START_MS));
    const reported = decideReport(state, report({ in: 3 }));
    if (reported.ok) for (const fact of reported.value) apply(state, fact);
    decide(state, total(12, START_MS + 1_000));
    expect(decide(state, total(12, START_MS + 61_000))).toMatchObject([{ in: 2, rawIn: 12 }]);
  });
});

describe('a total', () => {
  const total = (value: number, more: object) => ({
    ...{ kind: 'point' as const, device: 'door-main', point: 'people_in_total' as const, value },
    ...{ quality: GOOD, eventTimeMs: START_MS, receivedTimeMs: START_MS },
    ...more,
  });

  test('of a counter whose clock is wrong counts by the time of its receipt', () => {
    const state = createFootfallState(config);
    const quality = uncertain('clock');
    decide(state, total(10, { quality }));
    decide(state, total(13, { quality }));
    expect(
      decide(
        state,
        total(13, { quality, eventTimeMs: START_MS + 61_000, receivedTimeMs: START_MS + 61_000 }),
      ),
    ).toMatchObject([{ in: 3 }]);
  });

  test('from the counter’s memory is already in the newer total', () => {
    const state = createFootfallState(config);
    decide(state, total(10, {}));
    decide(state, total(500, { historical: true }));
    decide(state, total(13, {}));
    expect(
      decide(state, total(13, { eventTimeMs: START_MS + 61_000, receivedTimeMs: START_MS + 61_000 })),
    ).toMatchObject([{ in: 3 }]);
  });
});
