import type { Item } from '../../src/config/site.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import type { Agenda } from './agenda.ts';
import {
  countOn,
  type Goods,
  gramsOf,
  type Hands,
  type Measured,
  makeUnit,
  measure,
  type ShelfFacing,
  tally,
} from './goods.ts';
import type { HandlingDesk } from './handling.ts';
import type { Random } from './random.ts';

/** What staff scan after they did it. `number` counts up over the simulation. */
export interface RefillNote {
  readonly number: number;
  readonly facing: string;
  readonly quantity: number;
  readonly measured: Measured;
}

export interface DeliveryNote {
  readonly number: number;
  readonly lines: readonly { readonly gtin: Gtin; readonly quantity: number }[];
  readonly measured: readonly ({ readonly gtin: Gtin } & Measured)[];
}

export interface StaffContext {
  readonly agenda: Agenda;
  readonly goods: Goods;
  readonly desk: HandlingDesk;
  readonly random: Random;
  readonly size: number;
  /** False while nothing can be scanned: then nobody carries goods that the gateway could not hear of. */
  mayWork(): boolean;
  scanRefill(note: RefillNote): void;
  scanDelivery(note: DeliveryNote): void;
  /** Somebody goes through the back room, where the walk-in room is. */
  openWalkIn(): void;
}

const CARRIES = 8;
const LOW_SHARE = 0.4;
const DELIVERY_LOOK_MS = 60_000;
const FIRST_DELIVERY_MS = 45_000;

/** Sets staff to work: they refill what runs low and take deliveries in. */
export function startStaff(store: StaffContext): void {
  const beingFilled = new Set<string>();
  let notes = 0;
  for (let i = 1; i <= store.size; i++) {
    const person: Hands = { id: `staff ${i}`, units: [] };
    store.goods.hands.set(person.id, person);
    startRefilling(store, person, beingFilled, () => ++notes);
  }
  takeDeliveries(store);
}

/** The emptiest facing that is low and that the backroom can help. */
function neediest(store: StaffContext, beingFilled: ReadonlySet<string>): ShelfFacing | null {
  let found: ShelfFacing | null = null;
  let lowest = 1;
  for (const place of store.goods.facings.values()) {
    const { id, gtin } = place.facing;
    const { capacity, minimum } = place;
    if (beingFilled.has(id) || (store.goods.backroom.get(gtin) ?? 0) <= 0) continue;
    const count = countOn(place);
    if (count > Math.max(minimum, capacity * LOW_SHARE) || count >= capacity) continue;
    if (count / capacity < lowest) {
      lowest = count / capacity;
      found = place;
    }
  }
  return found;
}

function startRefilling(
  store: StaffContext,
  person: Hands,
  beingFilled: Set<string>,
  nextNote: () => number,
): void {
  const { agenda, random, goods } = store;
  const look = () => {
    const place = store.mayWork() ? neediest(store, beingFilled) : null;
    if (!place) {
      agenda.after(random.uniform(4000, 8000), look);
      return;
    }
    const { id, gtin } = place.facing;
    const { capacity } = place;
    const carried = Math.min(CARRIES, capacity - countOn(place), goods.backroom.get(gtin)!);
    beingFilled.add(id);
    tally(goods.backroom, gtin, -carried);
    const item = goods.items.get(gtin)!;
    for (let i = 0; i < carried; i++) person.units.push(makeUnit(item, random));
    const measured = measure(item, carried, gramsOf(person.units));
    if (item.temperatureClass !== 'ambient') store.openWalkIn();
    agenda.after(random.uniform(12_000, 22_000), () => fill(place, carried, measured));
  };
  const fill = (place: ShelfFacing, carried: number, measured: Measured) => {
    if (person.units.length > 0) {
      if (store.desk.isFree(place) || person.units.length < carried)
        store.desk.put(place, person.units.splice(0, 1), 'refill');
      agenda.after(random.uniform(1300, 2300), () => fill(place, carried, measured));
      return;
    }
    agenda.after(random.uniform(2000, 4000), () => {
      beingFilled.delete(place.facing.id);
      const note = { facing: place.facing.id, quantity: carried, measured };
      store.scanRefill({ number: nextNote(), ...note });
      agenda.after(random.uniform(2000, 6000), look);
    });
  };
  agenda.after(random.uniform(1000, 5000), look);
}

/** What to order of one item so that the backroom holds two shelves' worth again. */
function shortfall(goods: Goods, item: Item): number {
  let capacity = 0;
  for (const place of goods.facings.values()) {
    if (place.facing.gtin === item.gtin) capacity += place.capacity;
  }
  const behind = goods.backroom.get(item.gtin) ?? 0;
  return behind < capacity / 2 ? 2 * capacity - behind : 0;
}

function takeDeliveries(store: StaffContext): void {
  const { agenda, goods } = store;
  let number = 0;
  const look = () => {
    if (store.mayWork()) {
      const lines = [...goods.items.values()]
        .map(item => ({ gtin: item.gtin, quantity: shortfall(goods, item) }))
        .filter(line => line.quantity > 0);
      for (const { gtin, quantity } of lines) {
        tally(goods.backroom, gtin, quantity);
        tally(goods.received, gtin, quantity);
      }
      const measured = lines.map(({ gtin, quantity }) => ({
        gtin,
        ...measure(goods.items.get(gtin)!, quantity),
      }));
      if (lines.length > 0) store.scanDelivery({ number: ++number, lines, measured });
    }
    agenda.after(DELIVERY_LOOK_MS, look);
  };
  agenda.after(FIRST_DELIVERY_MS, look);
}
