import type { DeviceProfile } from '../../src/config/profile-schema.ts';

export type TimeField = NonNullable<NonNullable<DeviceProfile['mqtt']>['time']>;

/** An instant as a device writes it. `sample` is what the maker's document shows in that place. */
export function wireTime(time: TimeField, atMs: number, storeZone: string, sample: unknown): number | string {
  const zone = time.zonePath === undefined ? (time.zone ?? storeZone) : 'UTC';
  switch (time.format) {
    case 'unix-ms':
      return typeof sample === 'string' ? String(atMs) : atMs;
    case 'unix-s': {
      const seconds = Math.floor(atMs / 1000);
      return typeof sample === 'string' ? String(seconds) : seconds;
    }
    case 'iso': {
      const withOffset = typeof sample !== 'string' || /(Z|[+-]\d\d:?\d\d)$/.test(sample);
      if (withOffset) return new Date(atMs).toISOString();
      return local(sample.includes('T') ? "yyyy-MM-dd'T'HH:mm:ss" : 'yyyy-MM-dd HH:mm:ss', atMs, zone);
    }
    case 'pattern':
      return local(time.pattern ?? 'yyyy-MM-dd HH:mm:ss', atMs, zone);
  }
}

const PARTS: Readonly<Record<string, Intl.DateTimeFormatPartTypes>> = {
  yyyy: 'year',
  MM: 'month',
  dd: 'day',
  HH: 'hour',
  mm: 'minute',
  ss: 'second',
};

/** Local time in a zone. Text between single quotes stands for itself. */
function local(pattern: string, atMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const parts = format.formatToParts(atMs);
  return pattern.replaceAll(/'([^']*)'|yyyy|MM|dd|HH|mm|ss/g, (found, quoted: string | undefined) =>
    quoted === undefined ? parts.find(({ type }) => type === PARTS[found])!.value : quoted,
  );
}
