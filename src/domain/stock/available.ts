import type { Gtin } from '../../shared/gtin.ts';
import { type Balances, createBalances } from './balances.ts';
import type { MovementFact, ShortageFact } from './facts.ts';
import type { Ledger } from './ledger.ts';
import type { Reservations } from './reservations.ts';

/**
 * Units that can be handed to somebody: in the backroom and on the shelves. A cart below zero means that a
 * till sold units which the shelf has not missed yet, so they are gone too.
 */
export function promisable(balances: Balances, gtin: string): number {
  return (
    balances.quantity(gtin, 'backroom') +
    balances.onShelf(gtin) +
    Math.min(balances.quantity(gtin, 'cart'), 0)
  );
}

/** Units that the store may promise now: neither promised already nor left to the cloud. Never below 0. */
export function available(
  {
    planogram,
    balances,
    reservations,
    leases,
  }: Pick<Ledger, 'planogram' | 'balances' | 'reservations' | 'leases'>,
  gtin: string,
  safetyStock: number,
  nowMs: number,
): number {
  const promised = reservations.reserved(gtin, nowMs) + leases.leased(gtin);
  // Of what is sold by weight as many pieces are kept back.
  const kept = Math.ceil(safetyStock * (planogram.pieceGrams(gtin) ?? 1));
  return Math.max(0, promisable(balances, gtin) - promised - kept);
}

/**
 * Units that are promised, `more` among them, beyond what is there. What carts hold may be in the hands of whoever picks a
 * confirmed order: until a till sells it, or the picker does not bring it, nothing is missing.
 */
export function deficit(
  { balances, reservations }: { readonly balances: Balances; readonly reservations: Promised },
  gtin: string,
  nowMs: number,
  more = 0,
): number {
  const confirmed = reservations.confirmed(gtin) + more;
  const inHand = Math.min(Math.max(0, balances.quantity(gtin, 'cart')), confirmed);
  const there = Math.max(0, promisable(balances, gtin)) + inHand;
  return Math.max(0, reservations.reserved(gtin, nowMs) + more - there);
}

/** Which reservations of an item lose units when promises exceed the goods: the newest first. */
function missing(
  balances: Balances,
  reservations: Promised,
  gtin: string,
  nowMs: number,
): ReadonlyMap<string, number> {
  let rest = deficit({ balances, reservations }, gtin, nowMs);
  const found = new Map<string, number>();
  for (const { reservation, quantity } of reservations.newestFirst(gtin, nowMs)) {
    if (rest <= 0) break;
    const units = Math.min(rest, quantity);
    rest -= units;
    found.set(reservation, units);
  }
  return found;
}

type Promised = Pick<Reservations, 'reserved' | 'confirmed' | 'newestFirst'>;

/** The same reservations when `units` more of one of them stand picked. */
const withPicked = (reservations: Promised, id: string, units: number): Promised => ({
  reserved: (gtin, nowMs) => reservations.reserved(gtin, nowMs) - units,
  confirmed: gtin => Math.max(0, reservations.confirmed(gtin) - units),
  newestFirst: (gtin, nowMs) =>
    reservations
      .newestFirst(gtin, nowMs)
      .map(each => (each.reservation === id ? { ...each, quantity: each.quantity - units } : each)),
});

/** Whoever is picked first has the units: the shortages that this leaves to other orders. */
export function shortagesOfPick(
  { balances, reservations }: Pick<Ledger, 'balances' | 'reservations'>,
  id: string,
  picked: readonly MovementFact[],
  nowMs: number,
): readonly ShortageFact[] {
  const after = createBalances(balances.places);
  for (const fact of picked) after.post(fact);
  return [...Map.groupBy(picked, ({ gtin }) => gtin)].flatMap(([gtin, moves]) => {
    const units = moves.reduce((sum, { quantity }) => sum + quantity, 0);
    const known = missing(balances, reservations, gtin, nowMs);
    const left = missing(after, withPicked(reservations, id, units), gtin, nowMs);
    return worse(gtin, known, left).filter(({ reservation }) => reservation !== id);
  });
}

const worse = (
  gtin: Gtin,
  known: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): readonly ShortageFact[] =>
  [...now]
    .filter(([reservation, units]) => units > (known.get(reservation) ?? 0))
    .map(([reservation, units]) => ({ type: 'shortage', gtin, reservation, missing: units }));

/** The shortages that are new or worse in `after` than in `before`. The safety stock is used up first. */
export function newShortages(
  before: Balances,
  after: Balances,
  reservations: Reservations,
  gtin: Gtin,
  nowMs: number,
): readonly ShortageFact[] {
  if (reservations.reserved(gtin, nowMs) === 0) return [];
  const known = missing(before, reservations, gtin, nowMs);
  return worse(gtin, known, missing(after, reservations, gtin, nowMs));
}
