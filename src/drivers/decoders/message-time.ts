import type { DeviceProfile } from '../../config/profile-schema.ts';
import { atPath, type JsonPath, parseJsonPath } from './json-path.ts';
import { type FromWall, fromWallOf, offsetOf } from './zoned-time.ts';

/** Where a message says when it was made, and how. */
export type TimeForm = NonNullable<NonNullable<DeviceProfile['mqtt']>['time']>;

/** Finds the time of one entry of a message, Unix ms; null when it tells none that can be read. */
export type ReadTimeOf = (top: unknown, entry: unknown) => number | null;

/** `storeZone` holds for times that tell neither offset nor zone. */
export function compileTime(form: TimeForm, storeZone: string): ReadTimeOf {
  const time = compilePath(form.path);
  const zone = form.zonePath === undefined ? null : compilePath(form.zonePath);
  const zoned = fromWallOf(form.zone ?? storeZone);
  const read = readerOf(form);
  return (top, entry) => {
    const value = time(top, entry);
    if (!zone) return read(value, zoned);
    const text = zone(top, entry);
    const offsetMs = typeof text === 'string' ? offsetOf(text) : null;
    return offsetMs === null ? null : read(value, wallMs => wallMs - offsetMs);
  };
}

/** A path that begins with `$.` starts at the top of the message, any other at the entry. `$` is the whole entry. */
export function compilePath(text: string): (top: unknown, entry: unknown) => unknown {
  if (text === '$') return (_top, entry) => entry;
  const fromTop = text.startsWith('$.');
  const path: JsonPath = parseJsonPath(fromTop ? text.slice(2) : text) ?? [];
  if (path.length === 0) return () => undefined;
  return (top, entry) => atPath(fromTop ? top : entry, path);
}

type Read = (value: unknown, zoned: FromWall) => number | null;

function readerOf({ format, pattern }: TimeForm): Read {
  switch (format) {
    case 'unix-s':
      return value => unixMs(value, 1000);
    case 'unix-ms':
      return value => unixMs(value, 1);
    case 'iso':
      return isoMs;
    case 'pattern':
      return patternReader(pattern ?? '');
  }
}

function unixMs(value: unknown, factor: number): number | null {
  const digits = typeof value === 'string' && /^\d{1,16}(\.\d+)?$/.test(value);
  const number = digits ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) return null;
  const ms = Math.round(number * factor);
  return Number.isSafeInteger(ms) ? ms : null;
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$/;

const isoMs: Read = (value, zoned) => {
  const found = typeof value === 'string' ? ISO.exec(value) : null;
  if (!found) return null;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', offset] = found;
  const wallMs = wall([year, month, day, hour, minute, second].map(Number));
  if (wallMs === null) return null;
  const ms = wallMs + Math.round(Number(fraction) * 1000);
  if (offset === undefined) return zoned(ms);
  const offsetMs = offsetOf(offset);
  return offsetMs === null ? null : ms - offsetMs;
};

const FIELDS = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss'] as const;

function patternReader(pattern: string): Read {
  const order: number[] = [];
  const source = pattern.replace(/yyyy|MM|dd|HH|mm|ss|[^A-Za-z0-9]/g, token => {
    const field = FIELDS.indexOf(token as (typeof FIELDS)[number]);
    if (field < 0) return `\\${token}`;
    order.push(field);
    return `(\\d{${token.length}})`;
  });
  const expression = new RegExp(`^${source}$`);
  return (value, zoned) => {
    const found = typeof value === 'string' ? expression.exec(value) : null;
    if (!found) return null;
    const parts = [1970, 1, 1, 0, 0, 0];
    for (const [index, field] of order.entries()) parts[field] = Number(found[index + 1]);
    const wallMs = wall(parts);
    return wallMs === null ? null : zoned(wallMs);
  };
}

// Date.UTC would carry a 31 February over into March.
function wall(parts: readonly number[]): number | null {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return same && minute < 60 && second < 60 ? ms : null;
}
