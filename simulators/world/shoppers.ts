import type { Gtin } from '../../src/shared/gtin.ts';
import type { Agenda } from './agenda.ts';
import {
  countOn,
  type Goods,
  gramsOf,
  type Hands,
  type Measured,
  measure,
  type ShelfFacing,
  tally,
  type Unit,
} from './goods.ts';
import type { HandlingDesk } from './handling.ts';
import type { People } from './people.ts';
import type { Random } from './random.ts';

/** A receipt as the till prints it. `number` counts up from 1 on each till; `till` is null without a till. */
export interface Receipt {
  readonly till: string | null;
  readonly number: number;
  /** Simulated milliseconds. */
  readonly paidAtMs: number;
  readonly lines: readonly { readonly gtin: Gtin; readonly quantity: number }[];
  /** The same as the till's scale and scanner have it. */
  readonly measured: readonly ({ readonly gtin: Gtin } & Measured)[];
}

/** What people do that a well-behaved store would not see. Off until somebody turns it on. */
export interface Misconduct {
  misplacing: boolean;
  theft: boolean;
}

export interface ShopperContext {
  readonly agenda: Agenda;
  readonly goods: Goods;
  readonly desk: HandlingDesk;
  readonly people: People;
  readonly random: Random;
  readonly misconduct: Misconduct;
  readonly tills: readonly string[];
  /** People who come in each hour at this instant. */
  arrivalsPerHour(): number;
  /** False while the store lets nobody in. */
  isOpen(): boolean;
  pay(receipt: Receipt): void;
  /** Somebody opens the door of a case to take goods of this class out. */
  openCase(temperatureClass: string): void;
}

const MAX_IN_STORE = 40;
const PUT_BACK = 0.16;
const MISPLACED = 0.15;
const TOUCH_ONLY = 0.12;
const NEIGHBOUR_TOO = 0.08;
const BROWSES = 0.25;
const STEALS = 0.05;
const NOT_NOW_MS = 2000;

interface Shopper extends Hands {
  stopsLeft: number;
  readonly buys: boolean;
}

/** How many units one grab takes: mostly one. */
const GRABS = [
  { units: 1, weight: 0.82 },
  { units: 2, weight: 0.13 },
  { units: 3, weight: 0.05 },
] as const;

export function linesOf(units: readonly Unit[]): Receipt['lines'] {
  const counts = new Map<Gtin, number>();
  for (const unit of units) tally(counts, unit.gtin, 1);
  return [...counts].map(([gtin, quantity]) => ({ gtin, quantity }));
}

/** Starts the stream of shoppers; each walks from facing to facing, then to the till and out. */
export function startShoppers(store: ShopperContext): void {
  const { agenda, random } = store;
  const checkout = createCheckout(store);
  let arrivals = 0;
  const arrive = () => {
    if (store.isOpen() && store.people.inStore() < MAX_IN_STORE) {
      const id = `shopper ${++arrivals}`;
      const stops = random.integer(1, 6);
      const shopper: Shopper = { id, units: [], stopsLeft: stops, buys: !random.chance(BROWSES) };
      store.people.enter(id);
      store.goods.hands.set(id, shopper);
      walkOn(store, shopper, checkout);
    }
    agenda.after(random.exponential(3_600_000 / store.arrivalsPerHour()), arrive);
  };
  agenda.after(random.uniform(500, 4000), arrive);
}

function walkOn(store: ShopperContext, shopper: Shopper, checkout: (shopper: Shopper) => void): void {
  const { agenda, random, people } = store;
  const choices = [...store.goods.facings.values()].filter(place => countOn(place) > 0);
  if (shopper.stopsLeft <= 0 || choices.length === 0) {
    checkout(shopper);
    return;
  }
  const place = random.pick(choices);
  const walkMs = random.uniform(8000, 13_000);
  agenda.after(walkMs * 0.6, () => people.moveTo(shopper.id, place.facing.fixture));
  agenda.after(walkMs, () => {
    if (!store.desk.isFree(place) || countOn(place) === 0) {
      agenda.after(NOT_NOW_MS, () => walkOn(store, shopper, checkout));
      return;
    }
    shopper.stopsLeft--;
    const doneMs = standAt(store, shopper, place);
    agenda.after(doneMs, () => walkOn(store, shopper, checkout));
  });
}

/** What a shopper does in front of a facing. Returns how long it takes, in milliseconds. */
function standAt(store: ShopperContext, shopper: Shopper, place: ShelfFacing): number {
  const { random, desk } = store;
  if (!shopper.buys || random.chance(TOUCH_ONLY)) {
    desk.touch(place);
    return 1000;
  }
  grab(store, shopper, place);
  const neighbour = neighbourOf(store.goods, place);
  if (neighbour && random.chance(NEIGHBOUR_TOO)) {
    store.agenda.after(random.uniform(300, 1000), () => {
      if (desk.isFree(neighbour) && countOn(neighbour) > 0) grab(store, shopper, neighbour);
    });
  }
  if (!random.chance(PUT_BACK)) return 1500;
  const thinksMs = random.uniform(4000, 9000);
  store.agenda.after(thinksMs, () => putBack(store, shopper, place));
  return thinksMs + 1500;
}

function grab(store: ShopperContext, shopper: Shopper, place: ShelfFacing): void {
  const { units } = store.random.weighted(GRABS, choice => choice.weight);
  store.openCase(store.goods.items.get(place.facing.gtin)!.temperatureClass);
  shopper.units.push(...store.desk.take(place, units));
}

function putBack(store: ShopperContext, shopper: Shopper, from: ShelfFacing): void {
  const at = shopper.units.findLastIndex(unit => unit.gtin === from.facing.gtin);
  if (at < 0) return;
  const wrong = neighbourOf(store.goods, from);
  const misplaces = store.misconduct.misplacing && wrong !== null && store.random.chance(MISPLACED);
  const place = misplaces ? wrong : from;
  // Somebody else has a hand in there: the shopper keeps the thing.
  if (!store.desk.isFree(place)) return;
  store.desk.put(place, shopper.units.splice(at, 1), misplaces ? 'misplace' : 'put_back');
}

function neighbourOf(goods: Goods, place: ShelfFacing): ShelfFacing | null {
  const { fixture, shelf, position } = place.facing;
  for (const other of goods.facings.values()) {
    const { facing } = other;
    if (facing.fixture === fixture && facing.shelf === shelf && facing.position === position + 1)
      return other;
  }
  return null;
}

/** The way to the till, the wait in its queue, the receipt, the way out. */
function createCheckout(store: ShopperContext): (shopper: Shopper) => void {
  const { agenda, random, goods, people } = store;
  const tills = (store.tills.length > 0 ? store.tills : [null]).map(till => ({
    till,
    number: 0,
    freeAtMs: 0,
  }));
  const goOut = (shopper: Shopper) => {
    agenda.after(random.uniform(3000, 8000), () => {
      goods.hands.delete(shopper.id);
      people.leave(shopper.id);
    });
  };
  const payAt = (desk: (typeof tills)[number], shopper: Shopper) => {
    const paid = shopper.units.splice(0);
    for (const unit of paid) tally(goods.sold, unit.gtin, 1);
    const lines = linesOf(paid);
    const measured = lines.map(({ gtin, quantity }) => {
      const grams = gramsOf(paid.filter(unit => unit.gtin === gtin));
      return { gtin, ...measure(goods.items.get(gtin)!, quantity, grams) };
    });
    store.pay({ till: desk.till, number: ++desk.number, paidAtMs: agenda.nowMs(), lines, measured });
    goOut(shopper);
  };
  return shopper => {
    people.moveTo(shopper.id, null);
    if (store.misconduct.theft && random.chance(STEALS)) {
      for (const unit of shopper.units.splice(0)) tally(goods.stolen, unit.gtin, 1);
    }
    if (shopper.units.length === 0) {
      goOut(shopper);
      return;
    }
    const desk = tills.reduce((best, other) => (other.freeAtMs < best.freeAtMs ? other : best));
    const arrivesMs = agenda.nowMs() + random.uniform(6000, 12_000);
    desk.freeAtMs = Math.max(desk.freeAtMs, arrivesMs) + random.uniform(3000, 6000);
    agenda.after(desk.freeAtMs - agenda.nowMs(), () => payAt(desk, shopper));
  };
}
