import type { DerivedPoint, DeviceProfile, ProfilePoint } from '../../src/config/profile-schema.ts';

/** What is true of a device. Null: its probe is broken. Undefined: nobody knows anything about this point. */
export type TrueValue = number | boolean | string | null | undefined;

export type TrueValues = (point: string) => TrueValue;

/** What goes on the wire for a point; undefined leaves there what the golden frame has. */
export type RawValue = number | boolean | string | undefined;

const firstKey = (record: Readonly<Record<string, unknown>> | undefined): number | undefined => {
  const [key] = Object.keys(record ?? {});
  return key === undefined ? undefined : Number(key);
};

/** The number for which a device would be believed to have no probe: a sentinel, or far outside the valid range. */
function brokenProbe(point: ProfilePoint): RawValue {
  const sentinel = firstKey(point.sentinels);
  if (sentinel !== undefined || !point.valid) return sentinel;
  const { min, max } = point.valid;
  return Math.round((max + (max - min) - point.offset) / point.scale);
}

function rawFlag(point: ProfilePoint, value: boolean): number | boolean {
  if (!point.trueWhen) return value;
  const [meansTrue] = point.trueWhen;
  if (value) return meansTrue!;
  return point.trueWhen.includes(0) ? Math.max(...point.trueWhen) + 1 : 0;
}

function rawWord(point: ProfilePoint, word: string): RawValue {
  if (!point.enum) return word;
  const entry = Object.entries(point.enum).find(([, meaning]) => meaning === word);
  return entry === undefined ? undefined : Number(entry[0]);
}

/** `factor` is what another point's register says about this one (`scaleFrom`). */
export function rawOf(point: ProfilePoint, value: TrueValue, factor = 1): RawValue {
  if (value === undefined) return undefined;
  if (value === null) return brokenProbe(point);
  if (typeof value === 'boolean') return rawFlag(point, value);
  if (typeof value === 'string') return rawWord(point, value);
  const raw = (value - point.offset) / (point.scale * factor);
  // The decimals of a payload are those of the scale, not those of binary fractions.
  return Number(raw.toPrecision(12));
}

/** What the truth about derived points says of the raw number that they are derived from. */
export interface Derivation {
  /** The number itself; null where the truth says nothing of it as a whole. */
  readonly raw: number | null;
  readonly bits: readonly { readonly bit: number; readonly on: boolean }[];
}

/** What a helper must carry so that the points derived from it come out as they truly are. */
export function derivationOf(profile: DeviceProfile, helper: string, values: TrueValues): Derivation {
  const meant: number[] = [];
  const notMeant: number[] = [];
  const bits: { bit: number; on: boolean }[] = [];
  const point = profile.points.find(({ key }) => key === helper);
  const rawState = (state: number | boolean | string): readonly number[] => {
    const raw = typeof state === 'string' && point ? rawWord(point, state) : Number(state);
    return typeof raw === 'number' && !Number.isNaN(raw) ? [raw] : [];
  };
  const collect = (derived: DerivedPoint, truth: boolean): void => {
    const { eq, bit, not } = derived;
    const states = eq ? { point: eq.point, values: [eq.value] } : derived.in;
    if (bit?.point === helper) bits.push({ bit: bit.bit, on: truth });
    if (states?.point === helper) (truth ? meant : notMeant).push(...states.values.flatMap(rawState));
    // Only what is not something else can be followed backwards; and and or leave too much open.
    const inner = not === undefined ? undefined : profile.derive?.[not];
    if (inner) collect(inner, !truth);
  };
  for (const [key, derived] of Object.entries(profile.derive ?? {})) {
    const truth = values(key);
    if (typeof truth === 'boolean') collect(derived, truth);
  }
  const chosen = meant.find(raw => !notMeant.includes(raw)) ?? null;
  return { raw: chosen ?? (notMeant.length > 0 ? freeNumber(notMeant) : null), bits };
}

/** The smallest state that means none of these. */
function freeNumber(taken: readonly number[]): number {
  let free = 0;
  while (taken.includes(free)) free++;
  return free;
}
