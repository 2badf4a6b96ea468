import { limits } from '../../shared/limits.ts';
import type { ReservationFact, ReservationLine, ReservationState } from './facts.ts';

export interface Reservation {
  readonly reservation: string;
  readonly state: 'temporary' | 'pending' | 'confirmed' | 'staged';
  /** One line per item. */
  readonly lines: readonly ReservationLine[];
  /** null means open until released. */
  readonly expiresAtMs: number | null;
}

export interface SavedReservation {
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: readonly ReservationLine[];
  readonly expiresAtMs: number | null;
  readonly createdSeq: number;
}

/** Promises made to orders. Expiry is checked whenever one asks; closing expired ones only tidies. */
export interface Reservations {
  /** An open reservation, even when its time is over. */
  find(id: string): Reservation | null;
  wasClosed(id: string): boolean;
  /** Units of an item promised to reservations in force and not picked yet. */
  reserved(gtin: string, nowMs: number): number;
  /** Of these, units of confirmed orders, which staff may be picking now. */
  confirmed(gtin: string): number;
  /** Those with units that are not picked yet, and how many. */
  newestFirst(gtin: string, nowMs: number): readonly { reservation: string; quantity: number }[];
  /** Open reservations whose time is over. */
  expired(nowMs: number): readonly Reservation[];
  fold(fact: ReservationFact): void;
}

export const isExpired = ({ expiresAtMs }: Pick<Reservation, 'expiresAtMs'>, nowMs: number) =>
  expiresAtMs !== null && expiresAtMs <= nowMs;

const isOpen = (state: ReservationState): state is Reservation['state'] =>
  ['temporary', 'pending', 'confirmed', 'staged'].includes(state);

const unitsOf = ({ lines }: Reservation, gtin: string) =>
  lines.reduce((sum, line) => (line.gtin === gtin ? sum + line.quantity - (line.staged ?? 0) : sum), 0);

export function createReservations(saved: readonly SavedReservation[]): Reservations {
  const open = new Map<string, Reservation>();
  const byItem = new Map<string, Map<string, Reservation>>();
  const closed = new Set<string>();

  // One that was there keeps its place: whom a shortage meets does not change with the state of an order.
  const put = (reservation: Reservation) => {
    open.set(reservation.reservation, reservation);
    for (const { gtin } of reservation.lines) {
      byItem.set(gtin, (byItem.get(gtin) ?? new Map()).set(reservation.reservation, reservation));
    }
  };
  const remove = (id: string) => {
    const found = open.get(id);
    open.delete(id);
    for (const { gtin } of found?.lines ?? []) {
      byItem.get(gtin)?.delete(id);
      if (byItem.get(gtin)?.size === 0) byItem.delete(gtin);
    }
  };
  const remember = (id: string) => {
    closed.add(id);
    for (const oldest of closed) {
      if (closed.size <= limits.closedReservations) break;
      closed.delete(oldest);
    }
  };
  const inForce = (gtin: string, nowMs: number) =>
    [...(byItem.get(gtin)?.values() ?? [])].filter(reservation => !isExpired(reservation, nowMs));

  for (const { reservation, state, lines, expiresAtMs } of [...saved].sort(
    (a, b) => a.createdSeq - b.createdSeq,
  )) {
    if (isOpen(state)) put({ reservation, state, lines, expiresAtMs });
  }
  return {
    find: id => open.get(id) ?? null,
    wasClosed: id => closed.has(id),
    reserved: (gtin, nowMs) =>
      inForce(gtin, nowMs).reduce((sum, reservation) => sum + unitsOf(reservation, gtin), 0),
    confirmed: gtin =>
      [...(byItem.get(gtin)?.values() ?? [])].reduce(
        (sum, each) => (each.state === 'confirmed' ? sum + unitsOf(each, gtin) : sum),
        0,
      ),
    newestFirst: (gtin, nowMs) =>
      inForce(gtin, nowMs)
        .reverse()
        .map(found => ({ reservation: found.reservation, quantity: unitsOf(found, gtin) }))
        .filter(({ quantity }) => quantity > 0),
    expired: nowMs => [...open.values()].filter(reservation => isExpired(reservation, nowMs)),
    fold({ reservation, state, lines, expiresAtMs }) {
      closed.delete(reservation);
      if (isOpen(state)) put({ reservation, state, lines, expiresAtMs });
      else {
        remove(reservation);
        remember(reservation);
      }
    },
  };
}
