import type { ProfilePoint } from '../config/profile-schema.ts';
import { isPointKey, POINTS } from '../readings/points.ts';
import { bad, GOOD, type Quality } from '../readings/quality.ts';

export type RawValue = number | boolean | string | null;

/** The raw value of another point that was read together with this one; undefined when it was not. */
export type Sibling = (key: string) => RawValue | undefined;

/** `value` is null exactly when the quality is bad. */
export interface PointValue {
  readonly value: number | boolean | string | null;
  readonly quality: Quality;
}

type Meaning = 'number' | 'boolean' | 'counter' | 'text';

const refused = (quality: Quality): PointValue => ({ value: null, quality });
const good = (value: number | boolean | string): PointValue => ({ value, quality: GOOD });
const alone: Sibling = () => undefined;

/**
 * Turns what a wire carried into the value that the profile's point means: sentinels are compared
 * before scaling, the valid range after it. Never invents a value: what cannot be read is bad, and so
 * is a value whose sign or factor stands in a point that was not read.
 */
export function toValue(point: ProfilePoint, raw: RawValue, sibling: Sibling = alone): PointValue {
  const meaning = meaningOf(point);
  if (meaning === null || raw === null) return refused(bad('format'));
  if (typeof raw === 'number' && isSentinel(point, raw)) return refused(bad('sentinel'));
  const part = point.bit === undefined ? raw : bitOf(raw, point.bit);
  if (part === null) return refused(bad('format'));
  switch (meaning) {
    case 'boolean':
      return toBoolean(point, part);
    case 'number':
      return toNumber(point, part, sibling);
    case 'counter':
      return toCounter(point, part, sibling);
    case 'text':
      return toText(point, part);
  }
}

/** One bit of a number, 0 is the lowest; null for what is no whole number of at most 32 bits. */
export function bitOf(raw: RawValue, bit: number): number | null {
  if (typeof raw !== 'number' || !Number.isInteger(raw) || raw < -(2 ** 31) || raw >= 2 ** 32) return null;
  return (raw >>> bit) & 1;
}

/** What a point's key says its values are; a helper outside the vocabulary is a number. */
function meaningOf({ key, helper }: ProfilePoint): Meaning | null {
  if (!isPointKey(key)) return helper ? 'number' : null;
  const { type } = POINTS[key];
  if (type === 'samples' || type === 'document') return null;
  return type === 'delta' ? 'counter' : type;
}

function toBoolean(point: ProfilePoint, raw: number | boolean | string): PointValue {
  if (typeof raw === 'string' || Number.isNaN(raw)) return refused(bad('format'));
  return good(point.trueWhen ? point.trueWhen.includes(Number(raw)) : Boolean(raw));
}

function toNumber(point: ProfilePoint, raw: number | boolean | string, sibling: Sibling): PointValue {
  if (typeof raw !== 'number' || !Number.isFinite(raw)) return refused(bad('format'));
  const signed = applySign(point, raw, sibling);
  const factor = factorOf(point, sibling);
  if (signed === null || factor === null) return refused(bad('format'));
  const value = rounded(scaled(signed, point.scale, factor, point.offset), point.round);
  if (point.valid && (value < point.valid.min || value > point.valid.max)) return refused(bad('range'));
  return good(value);
}

function toCounter(point: ProfilePoint, raw: number | boolean | string, sibling: Sibling): PointValue {
  const result = toNumber(point, raw, sibling);
  if (typeof result.value !== 'number') return result;
  return Number.isSafeInteger(result.value) && result.value >= 0 ? result : refused(bad('range'));
}

/** A state that the maker did not list keeps its number. */
function toText(point: ProfilePoint, raw: number | boolean | string): PointValue {
  if (point.enum) {
    const word = Object.entries(point.enum).find(([key]) => Number(key) === Number(raw))?.[1];
    return typeof raw === 'string' ? good(raw) : good(word ?? `unknown (${Number(raw)})`);
  }
  if (typeof raw === 'string') return good(raw);
  // A version that stands in a register as a number.
  if (typeof raw !== 'number' || point.type === undefined) return refused(bad('format'));
  return good(String(scaled(raw, point.scale, 1, point.offset)));
}

function applySign({ sign }: ProfilePoint, raw: number, sibling: Sibling): number | null {
  if (!sign) return raw;
  const bit = bitOf(sibling(sign.point) ?? null, sign.bit);
  return bit === null ? null : bit === 1 ? -raw : raw;
}

/** 10 to the power of the other point, or what its table says; null when that is not known. */
function factorOf({ scaleFrom }: ProfilePoint, sibling: Sibling): number | null {
  if (!scaleFrom) return 1;
  const raw = sibling(scaleFrom.point);
  if (typeof raw !== 'number') return null;
  if (scaleFrom.table) {
    return Object.entries(scaleFrom.table).find(([key]) => Number(key) === raw)?.[1] ?? null;
  }
  return Number.isInteger(raw) && Math.abs(raw) <= 10 ? Number(`1e${raw}`) : null;
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
function scaled(raw: number, scale: number, factor: number, offset: number): number {
  const decimals = Math.max(decimalsOf(raw) + decimalsOf(scale) + decimalsOf(factor), decimalsOf(offset));
  const value = raw * scale * factor + offset;
  return decimals > 15 ? value : Number(value.toFixed(decimals)) + 0;
}

function rounded(value: number, step: number | undefined): number {
  if (step === undefined) return value;
  return Number((Math.round(value / step) * step).toFixed(Math.min(15, decimalsOf(step)))) + 0;
}

function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  return Math.max(0, digits - Number(exponent));
}
