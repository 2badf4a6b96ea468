import type { MovementFact, Place } from './facts.ts';
import { isShelf } from './movement.ts';

/** How many units of each item are in each place. Only movements change it, so each item sums to zero. */
export interface Balances {
  quantity(gtin: string, place: Place): number;
  /** Every place of an item that is not zero. */
  places(gtin: string): ReadonlyMap<Place, number>;
  onShelf(gtin: string): number;
  post(movement: MovementFact): void;
}

const NOWHERE: ReadonlyMap<Place, number> = new Map();

type Beneath = (gtin: string) => ReadonlyMap<Place, number>;

/** Balances that begin with what lies `beneath` and leave that as it is: stored rows, or other balances. */
export function createBalances(beneath: Beneath = () => NOWHERE): Balances {
  const items = new Map<string, Map<Place, number>>();
  const places = (gtin: string) => items.get(gtin) ?? beneath(gtin);
  const own = (gtin: string) => {
    let found = items.get(gtin);
    if (!found) {
      found = new Map(beneath(gtin));
      items.set(gtin, found);
    }
    return found;
  };
  return {
    places,
    quantity: (gtin, place) => places(gtin).get(place) ?? 0,
    onShelf(gtin) {
      let sum = 0;
      for (const [place, quantity] of places(gtin)) if (isShelf(place)) sum += quantity;
      return sum;
    },
    post({ gtin, from, to, quantity }) {
      const item = own(gtin);
      add(item, from, -quantity);
      add(item, to, quantity);
    },
  };
}

function add(item: Map<Place, number>, place: Place, units: number): void {
  const sum = (item.get(place) ?? 0) + units;
  if (sum === 0) item.delete(place);
  else item.set(place, sum);
}

/** Balances as they were stored. */
export function restoreBalances(
  saved: readonly { readonly gtin: string; readonly place: string; readonly quantity: number }[],
): Balances {
  const items = new Map<string, Map<Place, number>>();
  for (const { gtin, place, quantity } of saved) {
    const item = items.get(gtin) ?? new Map<Place, number>();
    items.set(gtin, item);
    add(item, place as Place, quantity);
  }
  return createBalances(gtin => items.get(gtin) ?? NOWHERE);
}
