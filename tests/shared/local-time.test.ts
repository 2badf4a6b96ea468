import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createLocalDays } from '../../src/shared/local-time.ts';

const HOUR_MS = 3_600_000;

describe('the day of a moment', () => {
  it.each([
    { zone: 'UTC', at: '2026-01-05T12:00:00Z', day: '2026-01-05', start: '2026-01-05T00:00:00Z', hours: 24 },
    {
      zone: 'Europe/Berlin',
      at: '2026-01-05T23:30:00Z',
      day: '2026-01-06',
      start: '2026-01-05T23:00:00Z',
      hours: 24,
    },
    // Clocks go forward and back.
    {
      zone: 'Europe/Berlin',
      at: '2026-03-29T12:00:00Z',
      day: '2026-03-29',
      start: '2026-03-28T23:00:00Z',
      hours: 23,
    },
    {
      zone: 'Europe/Berlin',
      at: '2026-10-25T12:00:00Z',
      day: '2026-10-25',
      start: '2026-10-24T22:00:00Z',
      hours: 25,
    },
    {
      zone: 'Asia/Shanghai',
      at: '2026-01-05T15:59:59Z',
      day: '2026-01-05',
      start: '2026-01-04T16:00:00Z',
      hours: 24,
    },
    {
      zone: 'America/New_York',
      at: '2026-01-05T04:59:59Z',
      day: '2026-01-04',
      start: '2026-01-04T05:00:00Z',
      hours: 24,
    },
  ])('$at in $zone is $day, $hours hours long', ({ zone, at, day, start, hours }) => {
    const found = createLocalDays(zone)(Date.parse(at));
    expect(found).toMatchObject({ day, startMs: Date.parse(start) });
    expect((found.endMs - found.startMs) / HOUR_MS).toBe(hours);
  });

  it('knows the weekday, Sunday first', () => {
    expect(createLocalDays('UTC')(Date.parse('2026-01-04T12:00:00Z')).weekday).toBe(0);
  });

  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'America/St_Johns',
    'Pacific/Auckland',
  );
  const moment = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2030, 0) });
  test.prop([zone, moment], { seed: 2, numRuns: 200 })(
    'follows on the day before without a gap',
    (name, atMs) => {
      const dayOf = createLocalDays(name);
      const today = dayOf(atMs);
      expect(atMs).toBeGreaterThanOrEqual(today.startMs);
      expect(atMs).toBeLessThan(today.endMs);
      expect(createLocalDays(name)(today.startMs - 1).endMs).toBe(today.startMs);
      expect(createLocalDays(name)(today.endMs).startMs).toBe(today.endMs);
    },
  );
});
