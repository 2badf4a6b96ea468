import type { Gtin } from '../../src/shared/gtin.ts';
import { countOn, type Hands } from './goods.ts';
import type { Receipt } from './shoppers.ts';
import { linesOf } from './shoppers.ts';
import type { World } from './world.ts';

const round = (value: number) => Math.round(value * 100) / 100;

const held = (hands: Iterable<Hands>, who: 'shopper' | 'staff') =>
  [...hands].filter(({ id }) => id.startsWith(who));

function countHeld(hands: readonly Hands[], gtin: Gtin): number {
  return hands.reduce((sum, { units }) => sum + units.filter(unit => unit.gtin === gtin).length, 0);
}

/** Every item's units by where they really are. `received` is the sum of all the others. */
export function truthOfItems(world: World) {
  const { goods } = world;
  const everywhere = [...goods.facings.values()].flatMap(({ units }) => units);
  const carts = held(goods.hands.values(), 'shopper');
  const staff = held(goods.hands.values(), 'staff');
  return [...goods.received.keys()].map(gtin => ({
    gtin,
    name: goods.items.get(gtin)!.name,
    shelf: everywhere.filter(unit => unit.gtin === gtin).length,
    backroom: goods.backroom.get(gtin) ?? 0,
    carts: countHeld(carts, gtin),
    staff: countHeld(staff, gtin),
    sold: goods.sold.get(gtin) ?? 0,
    stolen: goods.stolen.get(gtin) ?? 0,
    received: goods.received.get(gtin)!,
  }));
}

/** What stands on every facing. Units of other items that were put back wrongly are listed beside the count. */
export function truthOfFacings(world: World) {
  return [...world.goods.facings.values()].map(place => ({
    facing: place.facing.id,
    gtin: place.facing.gtin,
    quantity: countOn(place),
    misplaced: linesOf(place.units.filter(unit => unit.gtin !== place.facing.gtin)),
    handInside: !world.desk.isFree(place),
  }));
}

/** Everything the world knows about itself, for `GET /truth`. Times are Unix milliseconds. */
export function truthOf(world: World, startMs: number) {
  const carts: { shopper: string; lines: Receipt['lines'] }[] = held(
    world.goods.hands.values(),
    'shopper',
  ).map(({ id, units }) => ({ shopper: id, lines: linesOf(units) }));
  return {
    simulatedSinceMs: startMs,
    simulatedMs: world.elapsedMs(),
    paused: world.isPaused(),
    facings: truthOfFacings(world),
    items: truthOfItems(world),
    carts,
    people: {
      inStore: world.people.inStore(),
      doors: world.people.doors.map(door => ({
        door: door.door,
        device: door.device,
        in: door.in,
        out: door.out,
      })),
    },
    coldUnits: [...world.coldUnits.values()].map(({ state }) => ({
      device: state.device,
      unit: state.unit,
      airCelsius: round(state.airCelsius),
      productCelsius: round(state.productCelsius),
      setpointCelsius: state.setpointCelsius,
      cooling: state.cooling,
      defrosting: state.defrosting,
      doorOpen: state.doorOpen,
    })),
    labels: [...world.labels.values()],
    recent: world.desk.recent.map(({ beganAtMs, handGoneAtMs, ...handling }) => ({
      ...handling,
      beganAtMs: Math.round(startMs + beganAtMs),
      handGoneAtMs: Math.round(startMs + handGoneAtMs),
    })),
  };
}
