import { createWallClock } from '../../shared/local-time.ts';

/** Turns wall-clock time, written as if it were UTC (ms), into Unix milliseconds. */
export type FromWall = (wallMs: number) => number;

/**
 * For an IANA zone. The hour that exists twice in autumn is taken as one of its two passes. Throws on a zone that does
 * not exist: profiles and sites are checked before.
 */
export function fromWallOf(timeZone: string): FromWall {
  const { offsetMs } = createWallClock(timeZone);
  return wallMs => {
    const guess = wallMs - offsetMs(wallMs);
    return wallMs - offsetMs(guess);
  };
}

/** Reads the offset of texts such as `UTC+8:00`, `UTC-0:00 WET/GMT`, `+02:00` or `Z`, in ms; null when there is none. */
export function offsetOf(text: string): number | null {
  if (/^\s*(UTC|GMT|Z)\s*$/i.test(text)) return 0;
  const found = /([+-])(\d{1,2}):?(\d{2})?(?!\d)/.exec(text);
  if (!found) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  if (minutes > 14 * 60) return null;
  return (found[1] === '-' ? -minutes : minutes) * 60_000;
}
