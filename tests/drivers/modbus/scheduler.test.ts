import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Job, Priority } from '../../../src/drivers/modbus/job.ts';
import { createScheduler } from '../../../src/drivers/modbus/scheduler.ts';
import { manualClock } from '../../support/manual-clock.ts';

interface Wish {
  readonly unit: number;
  readonly priority?: Priority;
  readonly everyMs?: number;
  readonly silent?: boolean;
}

/** A line on which every request takes `tookMs`, and one to a silent unit `timeoutMs`. */
function lineOf(wishes: readonly Wish[], { tookMs = 10, timeoutMs = 100 } = {}) {
  const clock = manualClock();
  const served: { unit: number; priority: Priority; atMs: number }[] = [];
  const jobs = wishes.map(({ unit, priority = 'live', everyMs = 1_000, silent = false }): Job => {
    let dueMs = 0;
    return {
      unit,
      priority,
      everyMs,
      dueMs: () => dueMs,
      isUnderWay: () => false,
      isRisky: () => silent,
      run: async () => {
        dueMs = Math.max(dueMs + everyMs, clock.monotonicMs());
        return { lostMs: 0 };
      },
    };
  });
  const scheduler = createScheduler(jobs, clock);
  return {
    served,
    scheduler,
    /** Serves whoever has the turn for so long. */
    async pass(forMs: number) {
      const untilMs = clock.monotonicMs() + forMs;
      while (clock.monotonicMs() < untilMs) {
        const next = scheduler.next();
        if ('waitMs' in next) {
          clock.advance(Math.min(next.waitMs, untilMs - clock.monotonicMs()));
          continue;
        }
        const { unit, priority } = next.job;
        served.push({ unit, priority, atMs: clock.monotonicMs() });
        const lostMs = next.job.isRisky() ? timeoutMs : 0;
        clock.advance(lostMs || tookMs);
        await next.job.run(null as never);
        scheduler.done(next.job, { lostMs });
      }
    },
    countOf: (unit: number) => served.filter(each => each.unit === unit).length,
    gapsOf(unit: number) {
      const times = served.filter(each => each.unit === unit).map(({ atMs }) => atMs);
      return times.slice(1).map((atMs, index) => atMs - times[index]!);
    },
  };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('a line with room for all', () => {
  test('serves everybody at their own interval', async () => {
    const line = lineOf([{ unit: 1 }, { unit: 2, everyMs: 500 }, { unit: 3, everyMs: 2_000 }]);
    await line.pass(10_000);
    expect([1, 2, 3].map(line.countOf)).toEqual([10, 20, 5]);
  });

  test('says how long nobody wants it', () => {
    const line = lineOf([]);
    expect(line.scheduler.next()).toEqual({ waitMs: 60_000 });
  });
});

describe('a line that is asked for more than it carries', () => {
  property.prop([fc.integer({ min: 2, max: 12 }), fc.integer({ min: 100, max: 400 })], {
    seed: 9,
    numRuns: 30,
  })('gives each unit of one class the same share', async (units, turns) => {
    const line = lineOf(range(units).map(unit => ({ unit, everyMs: 1 })));
    await line.pass(turns * 10);
    const counts = range(units).map(line.countOf);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  const wish = fc.record({
    unit: fc.integer({ min: 1, max: 8 }),
    priority: fc.constantFrom<Priority>('alarm', 'live', 'slow'),
    everyMs: fc.integer({ min: 1, max: 50 }),
  });
  property.prop([fc.array(wish, { minLength: 2, maxLength: 10 })], { seed: 10, numRuns: 30 })(
    'lets nobody starve, whatever the classes',
    async wishes => {
      const line = lineOf(wishes);
      await line.pass(30_000);
      for (const { unit } of wishes) expect(Math.max(...line.gapsOf(unit))).toBeLessThan(10_000);
    },
  );

  test('serves writes and alarms before the rest', async () => {
    const classes: Priority[] = ['slow', 'live', 'alarm', 'write'];
    const line = lineOf(classes.map((priority, index) => ({ unit: index + 1, priority })));
    await line.pass(30);
    expect(line.served.map(({ priority }) => priority)).toEqual(['write', 'alarm', 'live']);
  });
});

describe('silent units', () => {
  const others = range(30).map(unit => ({ unit, everyMs: 1_000 }));

  test.each([
    [1, 0.1],
    [10, 0.1],
  ])('%i of them move the interval of the others by less than a tenth', async (silent, most) => {
    const dead = range(silent).map(index => ({ unit: 100 + index, everyMs: 1_000, silent: true }));
    const line = lineOf([...others, ...dead], { tookMs: 20, timeoutMs: 500 });
    await line.pass(120_000);
    for (const { unit } of others) {
      const gaps = line.gapsOf(unit);
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      expect(Math.abs(mean / 1_000 - 1)).toBeLessThan(most);
    }
    expect(line.served.some(({ unit }) => unit > 100)).toBe(true);
  });

  test('are never asked one after the other', async () => {
    const line = lineOf([...others, { unit: 101, silent: true }, { unit: 102, silent: true }], {
      tookMs: 20,
    });
    await line.pass(60_000);
    const pairs = line.served.slice(1).map((each, index) => [line.served[index]!.unit, each.unit]);
    expect(pairs.filter(([a, b]) => a! > 100 && b! > 100)).toEqual([]);
    expect(line.countOf(101)).toBeGreaterThan(5);
    expect(line.countOf(102)).toBeGreaterThan(5);
  });

  test('keep nobody waiting where all are silent', async () => {
    const line = lineOf([
      { unit: 1, silent: true },
      { unit: 2, silent: true },
    ]);
    await line.pass(10_000);
    expect(line.countOf(1)).toBe(10);
  });
});
