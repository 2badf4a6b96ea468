import type { DerivedPoint, DeviceProfile, ProfilePoint } from '../config/profile-schema.ts';
import { isPointKey, type PointKey } from '../readings/points.ts';
import { bad, GOOD, type Quality } from '../readings/quality.ts';
import { sourcesOf } from '../shared/derived-sources.ts';
import { bitOf, type PointValue, type RawValue, toValue } from './point-value.ts';

/** What a wire carried for one point, or why it carried nothing. */
export type RawRead = RawValue | { readonly quality: Quality };

export interface ResolvedPoint extends PointValue {
  readonly point: PointKey;
}

/**
 * All points of a profile that one read or one message holds, with those that depend on each other:
 * signs and factors that stand elsewhere, and derived points. Keys that were not read are left out;
 * helpers serve the others and are not published.
 */
export type ResolvePoints = (read: ReadonlyMap<string, RawRead>) => ResolvedPoint[];

export function createPointSet(profile: Pick<DeviceProfile, 'points' | 'derive'>): ResolvePoints {
  const points = new Map(profile.points.map(point => [point.key, point]));
  const derived = Object.entries(profile.derive ?? {});
  return read => {
    const values = new Map<string, PointValue>();
    const sibling = (key: string): RawValue | undefined => rawOf(read.get(key));
    for (const [key, raw] of read) {
      const point = points.get(key);
      if (!point) continue;
      const value = isRefused(raw) ? { value: null, quality: raw.quality } : toValue(point, raw, sibling);
      values.set(key, value);
    }
    for (const [key, rule] of derived) {
      const value = derive(rule, values, sibling);
      if (value) values.set(key, value);
    }
    return [...values].flatMap(([key, value]) =>
      isPointKey(key) && isPublished(points.get(key)) ? [{ point: key, ...value }] : [],
    );
  };
}

/** Keys that this profile can publish, derived ones included. */
export function publishedKeys(profile: Pick<DeviceProfile, 'points' | 'derive'>): PointKey[] {
  const read = profile.points.filter(isPublished).map(({ key }) => key);
  return [...read, ...Object.keys(profile.derive ?? {})].filter(isPointKey);
}

const isPublished = (point: ProfilePoint | undefined): boolean => point?.helper !== true;

const isRefused = (read: RawRead): read is { readonly quality: Quality } =>
  typeof read === 'object' && read !== null;

const rawOf = (read: RawRead | undefined): RawValue | undefined =>
  read === undefined || isRefused(read) ? undefined : read;

/** Null when nothing of what it is made of was read. As bad as the first of its sources that is bad. */
function derive(
  rule: DerivedPoint,
  values: ReadonlyMap<string, PointValue>,
  sibling: (key: string) => RawValue | undefined,
): PointValue | null {
  const sources = sourcesOf(rule).map(key => values.get(key));
  if (sources.every(source => source === undefined)) return null;
  const broken = sources.find(source => source?.quality.level === 'bad');
  if (broken) return { value: null, quality: broken.quality };
  const value = sources.includes(undefined) ? null : apply(rule, values, sibling);
  return value === null ? { value, quality: bad('format') } : { value, quality: GOOD };
}

function apply(
  rule: DerivedPoint,
  values: ReadonlyMap<string, PointValue>,
  sibling: (key: string) => RawValue | undefined,
): boolean | number | null {
  const truths = (keys: readonly string[]) => keys.map(key => isTrue(values.get(key)?.value));
  // What the wire carried, not the word or the scaled number that it became.
  const raw = (key: string) => sibling(key) ?? null;
  if (rule.eq) return raw(rule.eq.point) === rule.eq.value;
  if (rule.in) return rule.in.values.some(value => value === raw(rule.in!.point));
  if (rule.bit) {
    const bit = bitOf(raw(rule.bit.point), rule.bit.bit);
    return bit === null ? null : bit === 1;
  }
  if (rule.and) return truths(rule.and).every(Boolean);
  if (rule.or) return truths(rule.or).some(Boolean);
  if (rule.not !== undefined) return !truths([rule.not])[0];
  return rule.diff ? difference(values.get(rule.diff.from), values.get(rule.diff.minus)) : null;
}

/** A helper that is a flag is a number. */
const isTrue = (value: PointValue['value'] | undefined): boolean =>
  value === true || (typeof value === 'number' && value !== 0);

function difference(from: PointValue | undefined, minus: PointValue | undefined): number | null {
  if (typeof from?.value !== 'number' || typeof minus?.value !== 'number') return null;
  return Number((from.value - minus.value).toFixed(9)) + 0;
}
