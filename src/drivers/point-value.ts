import type { ProfilePoint } from '../config/profile-schema.ts';
import { isPointKey, POINTS } from '../readings/points.ts';
import { bad, GOOD, type Quality } from '../readings/quality.ts';

export type RawValue = number | boolean | string | null;

/** `value` is null exactly when the quality is bad. */
export interface PointValue {
  readonly value: number | boolean | string | null;
  readonly quality: Quality;
}

const refused = (quality: Quality): PointValue => ({ value: null, quality });

/**
 * Turns what a wire carried into the value that the profile's point means: sentinels are compared
 * before scaling, the valid range after it. Never invents a value: what cannot be read is bad.
 */
export function toValue(point: ProfilePoint, raw: RawValue): PointValue {
  if (!isPointKey(point.key) || raw === null) return refused(bad('format'));
  if (typeof raw === 'number' && isSentinel(point, raw)) return refused(bad('sentinel'));
  switch (POINTS[point.key].type) {
    case 'boolean':
      return toBoolean(point, raw);
    case 'number':
      return toNumber(point, raw);
    case 'counter':
    case 'delta':
      return toCounter(point, raw);
    case 'text':
      return typeof raw === 'string' ? { value: raw, quality: GOOD } : refused(bad('format'));
    default:
      return refused(bad('format'));
  }
}

function toBoolean(point: ProfilePoint, raw: number | boolean | string): PointValue {
  if (typeof raw === 'string' || Number.isNaN(raw)) return refused(bad('format'));
  const value = point.trueWhen ? point.trueWhen.includes(Number(raw)) : Boolean(raw);
  return { value, quality: GOOD };
}

function toNumber(point: ProfilePoint, raw: number | boolean | string): PointValue {
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return refused(bad('format'));
  const value = scaled(raw, point.scale, point.offset);
  if (point.valid && (value < point.valid.min || value > point.valid.max)) return refused(bad('range'));
  return { value, quality: GOOD };
}

function toCounter(point: ProfilePoint, raw: number | boolean | string): PointValue {
  const result = toNumber(point, raw);
  if (typeof result.value !== 'number') return result;
  return Number.isSafeInteger(result.value) && result.value >= 0 ? result : refused(bad('range'));
}

// A manual prints the register's bit pattern, so 0x8000 must also match a signed -32768.
function isSentinel(point: ProfilePoint, raw: number): boolean {
  if (!point.sentinels) return false;
  const pattern = unsignedPattern(point, raw);
  return Object.keys(point.sentinels).some(key => Number(key) === raw || Number(key) === pattern);
}

function unsignedPattern(point: ProfilePoint, raw: number): number {
  if (point.type === 's16') return raw & 0xffff;
  if (point.type === 's32') return raw >>> 0;
  return raw;
}

// 37 x 0.1 is 3.7 and not 3.7000000000000006: the result has no more decimals than its factors.
function scaled(raw: number, scale: number, offset: number): number {
  const decimals = Math.max(decimalsOf(raw) + decimalsOf(scale), decimalsOf(offset));
  const value = raw * scale + offset;
  return decimals > 15 ? value : Number(value.toFixed(decimals)) + 0;
}

function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, digits - Number(exponent));
}
