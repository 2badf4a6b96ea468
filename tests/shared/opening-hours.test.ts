import { describe, expect, it } from 'vitest';
import { createClosedSince } from '../../src/shared/opening-hours.ts';

const WORKDAY = '08:00-22:00';
const HOURS = {
  monday: WORKDAY,
  tuesday: WORKDAY,
  wednesday: WORKDAY,
  thursday: WORKDAY,
  friday: '00:00-24:00',
  saturday: '00:00-24:00',
  sunday: 'closed',
};

describe('a store with opening hours', () => {
  const since = createClosedSince(HOURS, 'Europe/Berlin');
  // 2026-01-05 is a Monday.
  it.each([
    ['2026-01-05T12:00:00+01:00', null],
    ['2026-01-05T22:00:00+01:00', '2026-01-05T22:00:00+01:00'],
    ['2026-01-06T07:59:59+01:00', '2026-01-05T22:00:00+01:00'],
    ['2026-01-06T08:00:00+01:00', null],
    // Open through the night, then closed for a day.
    ['2026-01-10T00:00:30+01:00', null],
    ['2026-01-11T15:00:00+01:00', '2026-01-11T00:00:00+01:00'],
    ['2026-01-12T07:00:00+01:00', '2026-01-11T00:00:00+01:00'],
    // Clocks go forward on Sunday, 29 March, and back on Sunday, 25 October.
    ['2026-03-30T07:30:00+02:00', '2026-03-29T00:00:00+01:00'],
    ['2026-10-26T08:00:00+01:00', null],
  ])('is closed at %s since %s', (now, expected) => {
    const found = since(Date.parse(now));
    expect(found).toBe(expected === null ? null : Date.parse(expected));
  });

  it('keeps its wall clock on the day on which clocks change', () => {
    const sundays = createClosedSince({ ...HOURS, sunday: '10:00-16:00' }, 'Europe/Berlin');
    expect(sundays(Date.parse('2026-03-29T09:59:00+02:00'))).toBe(Date.parse('2026-03-29T00:00:00+01:00'));
    expect(sundays(Date.parse('2026-03-29T10:00:00+02:00'))).toBeNull();
    expect(sundays(Date.parse('2026-10-25T17:00:00+01:00'))).toBe(Date.parse('2026-10-25T16:00:00+01:00'));
  });
});
