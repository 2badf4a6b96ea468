/** Turns wall-clock time, written as if it were UTC (ms), into Unix milliseconds. */
export type FromWall = (wallMs: number) => number;

/**
 * For an IANA zone. The hour that exists twice in autumn is taken as one of its two passes. Throws on a zone that does
 * not exist: profiles and sites are checked before.
 */
export function fromWallOf(timeZone: string): FromWall {
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
  const offsetMs = (timeMs: number) => {
    const parts = new Map(format.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wallMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return wallMs - Math.floor(timeMs / 1000) * 1000;
  };
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
