import type { Gtin } from '../../src/shared/gtin.ts';
import type { Agenda } from './agenda.ts';
import { chooseShares, type ShelfFacing, type Unit } from './goods.ts';
import { handGoneMs, type Motion, reach } from './hand-motion.ts';
import type { Random } from './random.ts';
import type { ShelfPhysics } from './shelf-physics.ts';

export type HandlingKind = 'pick' | 'put_back' | 'misplace' | 'refill' | 'touch';

/** One thing that hands did on a facing, as the world knows it. Times are simulated milliseconds. */
export interface Handling {
  readonly kind: HandlingKind;
  readonly facing: string;
  readonly gtin: Gtin;
  /** Units of `gtin` that came (positive) or went (negative). */
  readonly change: number;
  readonly beganAtMs: number;
  readonly handGoneAtMs: number;
}

/** Moves things on and off facings, so that the plates under them feel it. */
export interface HandlingDesk {
  /** Takes up to `count` units of the facing's own item. */
  take(place: ShelfFacing, count: number): readonly Unit[];
  put(place: ShelfFacing, units: readonly Unit[], kind: 'put_back' | 'misplace' | 'refill'): void;
  touch(place: ShelfFacing): void;
  /** Nobody has a hand in there, nor had a moment ago. */
  isFree(place: ShelfFacing): boolean;
  /** The last things done, oldest first. */
  readonly recent: readonly Handling[];
}

/** A hand's breadth of time between two people at one facing. */
const APART_MS = 1500;
const RECENT = 300;

type Step = { readonly plate: number; readonly grams: number };

function stepsByDevice(place: ShelfFacing, units: readonly Unit[], sign: 1 | -1): Map<string, Step[]> {
  const byDevice = new Map<string, Step[]>();
  place.facing.plates.forEach(({ device, plate }, i) => {
    const grams = sign * units.reduce((sum, unit) => sum + unit.grams * (unit.shares[i] ?? 0), 0);
    if (grams === 0) return;
    byDevice.set(device, [...(byDevice.get(device) ?? []), { plate, grams }]);
  });
  return byDevice;
}

export function createHandlingDesk(
  agenda: Agenda,
  shelves: ReadonlyMap<string, ShelfPhysics>,
  random: Random,
): HandlingDesk {
  const recent: Handling[] = [];
  const record = (place: ShelfFacing, kind: HandlingKind, gtin: Gtin, change: number, motion: Motion) => {
    place.busyUntilMs = Math.max(place.busyUntilMs, handGoneMs(motion) + APART_MS);
    recent.push({
      kind,
      facing: place.facing.id,
      gtin,
      change,
      beganAtMs: motion.pushAtMs,
      handGoneAtMs: handGoneMs(motion),
    });
    if (recent.length > RECENT) recent.shift();
  };
  const feel = (motion: Motion, byDevice: ReadonlyMap<string, readonly Step[]>) => {
    for (const [device, steps] of byDevice) shelves.get(device)?.reach(motion, steps);
  };
  return {
    recent,
    isFree: place => place.busyUntilMs <= agenda.nowMs(),
    take(place, count) {
      const taken: Unit[] = [];
      for (let i = place.units.length - 1; i >= 0 && taken.length < count; i--) {
        if (place.units[i]!.gtin === place.facing.gtin) taken.push(...place.units.splice(i, 1));
      }
      const motion = reach(agenda.nowMs(), -1, random);
      feel(motion, stepsByDevice(place, taken, -1));
      record(place, 'pick', place.facing.gtin, -taken.length, motion);
      return taken;
    },
    put(place, units, kind) {
      for (const unit of units) unit.shares = chooseShares(place.facing.plates.length, random);
      place.units.push(...units);
      const motion = reach(agenda.nowMs(), 1, random);
      feel(motion, stepsByDevice(place, units, 1));
      record(place, kind, units[0]!.gtin, units.length, motion);
    },
    touch(place) {
      const motion = reach(agenda.nowMs(), 0, random);
      const plates = place.facing.plates;
      if (plates.length > 0) {
        const { device, plate } = random.pick(plates);
        feel(motion, new Map([[device, [{ plate, grams: 0 }]]]));
      }
      record(place, 'touch', place.facing.gtin, 0, motion);
    },
  };
}
