/** One day on the store's wall clock. */
export interface LocalDay {
  /** ISO date, such as 2026-01-05. */
  readonly day: string;
  /** Its first instant and the first of the next day, Unix ms; 23 or 25 hours apart when clocks change. */
  readonly startMs: number;
  readonly endMs: number;
  /** 0 is Sunday. */
  readonly weekday: number;
}

const HOUR_MS = 3_600_000;

/** What clocks on the wall of an IANA time zone show. Throws on a zone that does not exist. */
export interface WallClock {
  /** The wall clock at a moment (Unix ms) as if it were UTC, whole seconds. */
  wallMs(timeMs: number): number;
  /** By how much the wall clock is ahead of UTC. */
  offsetMs(timeMs: number): number;
}

export function createWallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const wallMs = (timeMs: number) => {
    const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  };
  return { wallMs, offsetMs: timeMs => wallMs(timeMs) - Math.floor(timeMs / 1000) * 1000 };
}

/** Finds the day of a moment (Unix ms) in an IANA time zone. */
export function createLocalDays(timeZone: string): (timeMs: number) => LocalDay {
  const { wallMs, offsetMs } = createWallClock(timeZone);
  const midnight = (wallDayMs: number, nearMs: number) => {
    const guess = wallDayMs - offsetMs(nearMs);
    return wallDayMs - offsetMs(guess);
  };
  let known: LocalDay | null = null;
  return timeMs => {
    if (known && timeMs >= known.startMs && timeMs < known.endMs) return known;
    const wallDayMs = Math.floor(wallMs(timeMs) / (24 * HOUR_MS)) * 24 * HOUR_MS;
    const startMs = midnight(wallDayMs, timeMs);
    const date = new Date(wallDayMs);
    known = {
      day: date.toISOString().slice(0, 10),
      startMs,
      endMs: midnight(wallDayMs + 24 * HOUR_MS, startMs + 26 * HOUR_MS),
      weekday: date.getUTCDay(),
    };
    return known;
  };
}
