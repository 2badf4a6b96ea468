import { chooseShares } from '../../simulators/world/goods.ts';
import { handGoneMs, type Motion, reach, shareOf } from '../../simulators/world/hand-motion.ts';
import type { Random } from '../../simulators/world/random.ts';
import type { WeighedFacing } from '../../src/domain/stock/planogram.ts';
import type { Gtin } from '../../src/shared/gtin.ts';

export type ActKind = 'pick' | 'multi_pick' | 'pair_pick' | 'put_back' | 'misplace' | 'touch' | 'lean';

/** One thing that a hand did, as it really was. Times in milliseconds since the stream began. */
export interface Act {
  readonly kind: ActKind;
  readonly facing: string;
  readonly gtin: Gtin;
  /** Units that came (positive) or went (negative). */
  readonly change: number;
  readonly grams: number;
  readonly beganMs: number;
  readonly goneMs: number;
}

/** A reach as one plate feels it. */
export interface PlateMotion {
  readonly plate: number;
  readonly motion: Motion;
}

/** A hand or an elbow that rests on plates and sways. */
export interface PlateLean {
  readonly plate: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly grams: number;
  readonly swayHz: number;
}

export interface ScriptOptions {
  readonly minutes: number;
  /** Standard deviation of the units of one item over their mean. */
  readonly unitSpread: number;
  /** How far a lot's mean is from the catalogue, as a standard deviation over the mean. */
  readonly lotError: number;
  /** Mean pause between two acts on the shelf beyond the least one, ms. */
  readonly pauseMs: number;
  /** Only these kinds happen; null for all. */
  readonly kinds: readonly ActKind[] | null;
}

export const USUAL_SCRIPT: ScriptOptions = {
  minutes: 10,
  unitSpread: 0.01,
  lotError: 0.005,
  pauseMs: 9_500,
  kinds: null,
};

interface Unit {
  readonly gtin: Gtin;
  readonly grams: number;
  readonly shares: readonly number[];
}

interface Place {
  readonly facing: WeighedFacing;
  readonly lotGrams: number;
  readonly units: Unit[];
  busyUntilMs: number;
}

/** Everything that happens to one shelf, known beforehand. */
export interface ShelfScript {
  /** Grams that lie on each plate at the start, by plate number less 1. */
  readonly startGrams: readonly number[];
  readonly startUnits: ReadonlyMap<string, number>;
  readonly endUnits: ReadonlyMap<string, number>;
  readonly acts: readonly Act[];
  readonly motions: readonly PlateMotion[];
  readonly leans: readonly PlateLean[];
}

/** Shares of weight-shelf.md 6. */
const MIX = [
  { kind: 'pick', weight: 52 },
  { kind: 'multi_pick', weight: 8 },
  { kind: 'pair_pick', weight: 6 },
  { kind: 'put_back', weight: 16 },
  { kind: 'touch', weight: 12 },
  { kind: 'lean', weight: 6 },
] as const;
const MISPLACED = 0.15;
const FIRST_ACT_MS = 4_000;
const LEAST_PAUSE_MS = 1_000;
/** Two hands are never in one facing at the same time. */
const APART_MS = 1_500;

/** What hands do on a shelf for some minutes: the same seed does the same. */
export function writeScript(
  facings: readonly WeighedFacing[],
  options: ScriptOptions,
  random: Random,
): ShelfScript {
  const desk = createDesk(facings, options, random);
  const { places } = desk;
  const startGrams = desk.loads();
  const startUnits = desk.counts();
  // Things in the hands of people who may put them back.
  const carried: Unit[] = [];
  const mix = MIX.filter(({ kind }) => options.kinds?.includes(kind) ?? true);
  for (
    let nowMs = FIRST_ACT_MS;
    nowMs < options.minutes * 60_000 - 8_000;
    nowMs += LEAST_PAUSE_MS + random.exponential(options.pauseMs)
  ) {
    const free = places.filter(place => place.busyUntilMs <= nowMs);
    if (free.length === 0) continue;
    const place = random.pick(free);
    const { kind } = random.weighted(mix, choice => choice.weight);
    if (kind === 'touch' || kind === 'lean') desk.touch(place, kind, nowMs);
    else if (kind === 'put_back') putBack(desk, carried, free, nowMs, random);
    else {
      const count = kind === 'multi_pick' ? random.integer(2, 3) : 1;
      carried.push(...desk.take(place, count, kind, nowMs));
      const at = nowMs + random.uniform(150, 1_000);
      const beside = places[places.indexOf(place) + 1];
      if (kind === 'pair_pick' && beside && beside.busyUntilMs <= at) {
        carried.push(...desk.take(beside, 1, kind, at));
      }
    }
    if (carried.length > 12) carried.splice(0, carried.length - 12);
  }
  return { startGrams, startUnits, endUnits: desk.counts(), ...desk.record };
}

function putBack(desk: Desk, carried: Unit[], free: readonly Place[], nowMs: number, random: Random): void {
  const unit = carried.splice(random.integer(0, carried.length - 1), 1)[0];
  if (!unit) return;
  const wrong = random.chance(MISPLACED);
  const fitting = free.filter(({ facing }) => (facing.gtin === unit.gtin) !== wrong);
  if (fitting.length > 0) desk.put(random.pick(fitting), unit, wrong ? 'misplace' : 'put_back', nowMs);
}

type Desk = ReturnType<typeof createDesk>;

/** Moves units on and off the plates and writes down what the plates feel. */
function createDesk(facings: readonly WeighedFacing[], options: ScriptOptions, random: Random) {
  const acts: Act[] = [];
  const motions: PlateMotion[] = [];
  const leans: PlateLean[] = [];
  const plates = facings.flatMap(facing => facing.plates).length;
  const places = facings.map((facing): Place => stock(facing, options, random));
  const feel = ({ facing }: Place, units: readonly Unit[], sign: 1 | -1, motion: Motion) => {
    const steps = facing.plates.map((_, i) =>
      units.reduce((sum, { grams, shares }) => sum + sign * grams * shares[i]!, 0),
    );
    const total = steps.reduce((sum, grams) => sum + Math.abs(grams), 0);
    for (const [i, grams] of steps.entries()) {
      const share = total === 0 ? 0 : Math.abs(grams) / total;
      if (share > 0) motions.push({ plate: facing.plates[i]!.plate, motion: shareOf(motion, share, grams) });
    }
  };
  const record = (place: Place, kind: ActKind, units: readonly Unit[], sign: 1 | -1, motion: Motion) => {
    const goneMs = handGoneMs(motion);
    place.busyUntilMs = Math.max(place.busyUntilMs, goneMs + APART_MS);
    acts.push({
      kind,
      facing: place.facing.facing,
      gtin: units[0]?.gtin ?? place.facing.gtin,
      change: sign * units.length,
      grams: sign * units.reduce((sum, { grams }) => sum + grams, 0),
      beganMs: motion.pushAtMs,
      goneMs,
    });
  };
  return {
    places,
    record: { acts, motions, leans },
    loads: () => loadsOf(places, plates),
    counts: (): ReadonlyMap<string, number> =>
      new Map(
        places.map(({ facing, units }) => [
          facing.facing,
          units.filter(unit => unit.gtin === facing.gtin).length,
        ]),
      ),
    take(place: Place, count: number, kind: ActKind, atMs: number): readonly Unit[] {
      const own = place.units.filter(unit => unit.gtin === place.facing.gtin).slice(-count);
      if (own.length === 0) return [];
      for (const unit of own) place.units.splice(place.units.indexOf(unit), 1);
      const motion = reach(atMs, -1, random);
      feel(place, own, -1, motion);
      record(place, kind, own, -1, motion);
      return own;
    },
    put(place: Place, unit: Unit, kind: ActKind, atMs: number): void {
      const placed = { ...unit, shares: chooseShares(place.facing.plates.length, random) };
      place.units.push(placed);
      const motion = reach(atMs, 1, random);
      feel(place, [placed], 1, motion);
      record(place, kind, [placed], 1, motion);
    },
    touch(place: Place, kind: 'touch' | 'lean', atMs: number): void {
      const { plate } = random.pick(place.facing.plates);
      const motion = reach(atMs, 0, random);
      if (kind === 'touch') {
        motions.push({ plate, motion });
        record(place, kind, [], 1, motion);
        return;
      }
      const lean = drawLean(plate, atMs, random);
      leans.push(lean);
      record(place, kind, [], 1, { ...motion, pushMs: lean.untilMs - atMs, rampAtMs: atMs });
    },
  };
}

/** Grams on each plate, by plate number less 1. */
function loadsOf(places: readonly Place[], plates: number): readonly number[] {
  const grams = new Array<number>(plates).fill(0);
  for (const { facing, units } of places)
    for (const unit of units)
      facing.plates.forEach(({ plate }, i) => {
        grams[plate - 1]! += unit.grams * unit.shares[i]!;
      });
  return grams;
}

const drawLean = (plate: number, fromMs: number, random: Random): PlateLean => ({
  plate,
  fromMs,
  untilMs: fromMs + random.uniform(2_000, 6_000),
  grams: random.uniform(150, 2_500),
  swayHz: random.uniform(0.6, 1.6),
});

function stock(facing: WeighedFacing, { unitSpread, lotError }: ScriptOptions, random: Random): Place {
  const { gtin, unitWeightGrams, plates } = facing;
  const lotGrams = unitWeightGrams * (1 + random.normal(0, lotError));
  const units = Array.from({ length: random.integer(12, 30) }, () => ({
    gtin,
    grams: lotGrams * (1 + random.normal(0, unitSpread)),
    shares: chooseShares(plates.length, random),
  }));
  return { facing, lotGrams, units, busyUntilMs: 0 };
}

const RISE_MS = 300;

/** What a lean weighs at `atMs`, grams: it comes and goes within 0.3 s and sways by some hundredths meanwhile. */
export function leanGrams({ fromMs, untilMs, grams, swayHz }: PlateLean, atMs: number): number {
  const edge = Math.min(atMs - fromMs, untilMs - atMs);
  if (edge <= 0) return 0;
  const seconds = (atMs - fromMs) / 1000;
  const sway =
    0.03 * Math.sin(2 * Math.PI * swayHz * seconds) + 0.015 * Math.sin(2 * Math.PI * 2.7 * swayHz * seconds);
  return grams * Math.min(1, edge / RISE_MS) * (1 + sway);
}
