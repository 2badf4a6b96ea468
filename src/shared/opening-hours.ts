import { createLocalDays, type LocalDay } from './local-time.ts';

/** From Sunday on, as `LocalDay.weekday` counts. */
export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

/** Each weekday's hours on the wall clock, such as `08:00-22:00` (24:00 is midnight), or `closed`. */
export type OpeningHours = Readonly<Record<(typeof WEEKDAYS)[number], string>>;

/** Minutes since midnight; null for `closed` and for what is no time of opening. */
export function parseHours(text: string): { readonly opens: number; readonly closes: number } | null {
  const [, h1, m1, h2, m2] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text) ?? [];
  if (h1 === undefined) return null;
  return { opens: Number(h1) * 60 + Number(m1), closes: Number(h2) * 60 + Number(m2) };
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** Clocks change before this hour: what is later is told from the end of the day. */
const CHANGES_BEFORE_MINUTES = 4 * 60;

/** The moment of a day at which its wall clock shows so many minutes since midnight, Unix ms. */
const momentAt = ({ startMs, endMs }: LocalDay, minutes: number): number =>
  minutes < CHANGES_BEFORE_MINUTES
    ? startMs + minutes * MINUTE_MS
    : endMs - (DAY_MINUTES - minutes) * MINUTE_MS;

/** Since when the store is closed at a moment (Unix ms); null while it is open, or where no day has any hours. */
export function createClosedSince(hours: OpeningHours, timeZone: string): (nowMs: number) => number | null {
  const dayOf = createLocalDays(timeZone);
  const spanOf = (day: LocalDay) => {
    const span = parseHours(hours[WEEKDAYS[day.weekday]!]);
    return span && { opensMs: momentAt(day, span.opens), closesMs: momentAt(day, span.closes) };
  };
  return nowMs => {
    let day = dayOf(nowMs);
    for (let back = 0; back <= WEEKDAYS.length; back++) {
      const span = spanOf(day);
      if (span && nowMs >= span.opensMs) return nowMs < span.closesMs ? null : span.closesMs;
      day = dayOf(day.startMs - 1);
    }
    return null;
  };
}
