import type {
  ConfirmDocument,
  ExtendDocument,
  HandOverDocument,
  StageDocument,
} from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { MovementFact, Place, ReservationFact, ReservationLine, StockFact } from './facts.ts';
import { checkGoods, takenFrom } from './goods.ts';
import type { Ledger } from './ledger.ts';
import { summed } from './lines.ts';
import { movement } from './movement.ts';
import { isExpired, type Reservation } from './reservations.ts';

type Decided = Result<readonly StockFact[]>;

/** A temporary reservation lasts longer, or becomes pending. */
export function decideExtend(
  { reservations }: Ledger,
  { key, reservation, expiresAtMs }: ExtendDocument,
  nowMs: number,
): Decided {
  const open = inForce(reservations.find(reservation), reservation, nowMs);
  if (!open.ok) return open;
  if (open.value.state !== 'temporary') {
    return fail('conflict', `reservation ${reservation} is ${open.value.state}, which has no end to move`);
  }
  if (expiresAtMs !== null && expiresAtMs <= nowMs) {
    return fail('expired', `the new end of reservation ${reservation} is over already`);
  }
  return ok([
    { ...stateOf(open.value, key), state: expiresAtMs === null ? 'pending' : 'temporary', expiresAtMs },
  ]);
}

/** Once more changes nothing. */
export function decideConfirm(
  { reservations }: Ledger,
  { key, reservation }: ConfirmDocument,
  nowMs: number,
): Decided {
  const open = inForce(reservations.find(reservation), reservation, nowMs);
  if (!open.ok) return open;
  const { state } = open.value;
  if (state === 'confirmed' || state === 'staged') return ok([]);
  return ok([{ ...stateOf(open.value, key), state: 'confirmed', expiresAtMs: null }]);
}

/** Units stand picked: they left the shelf or the backroom, and the reservation holds that much less back. */
export function decideStage(ledger: Ledger, document: StageDocument, nowMs: number): Decided {
  const { key, reservation, from } = document;
  const open = inForce(ledger.reservations.find(reservation), reservation, nowMs);
  if (!open.ok) return open;
  if (open.value.state === 'temporary') {
    return fail('conflict', `reservation ${reservation} is temporary; confirm it before it is picked`);
  }
  const picked = checkPicked(ledger, open.value, document);
  if (!picked.ok) return picked;
  const lines = open.value.lines.map(line => withStaged(line, picked.value.get(line.gtin) ?? 0));
  const isComplete = lines.every(({ quantity, staged = 0 }) => staged === quantity);
  const place = takenFrom(ledger, from);
  return ok([
    { ...stateOf(open.value, key), state: isComplete ? 'staged' : 'confirmed', lines },
    ...[...picked.value].map(([gtin, quantity]) => carry(key, gtin, place, 'staged', quantity, 'stage')),
  ]);
}

function checkPicked(
  ledger: Ledger,
  open: Reservation,
  { from, lines }: StageDocument,
): Result<ReadonlyMap<Gtin, number>> {
  if (from.place === 'returns') {
    return fail('invalid', 'orders are picked from the backroom or a facing; carry the goods there first');
  }
  const checked = checkGoods(ledger, from, lines);
  if (!checked.ok) return checked;
  const picked = new Map(summed(lines).map(({ gtin, quantity }) => [gtin, quantity]));
  for (const [gtin, quantity] of picked) {
    const line = open.lines.find(wanted => wanted.gtin === gtin);
    const wanted = line ? line.quantity - (line.staged ?? 0) : 0;
    if (quantity <= wanted) continue;
    return fail(
      'invalid',
      `${quantity} of ${gtin} picked, but reservation ${open.reservation} lacks ${wanted}`,
    );
  }
  return ok(picked);
}

/** The customer has what was picked; what was not picked is free again. */
export function decideHandOver(
  { reservations }: Ledger,
  { key, reservation }: HandOverDocument,
  nowMs: number,
): Decided {
  const open = inForce(reservations.find(reservation), reservation, nowMs);
  if (!open.ok) return open;
  const moves = emptied(open.value, key, 'customer', 'hand_over');
  if (moves.length === 0) return fail('conflict', `nothing is picked for reservation ${reservation}`);
  return ok([{ ...stateOf(open.value, key), state: 'handed_over' }, ...moves]);
}

/** What stood picked for an order that ends without being fetched goes back to the backroom. */
export const unstaged = (open: Reservation, key: string): readonly MovementFact[] =>
  emptied(open, key, 'backroom', 'unstage');

const emptied = (
  { lines }: Reservation,
  key: string,
  to: Place,
  cause: 'hand_over' | 'unstage',
): readonly MovementFact[] =>
  lines.flatMap(({ gtin, staged = 0 }) =>
    staged > 0 ? [carry(key, gtin, 'staged', to, staged, cause)] : [],
  );

function carry(
  key: string,
  gtin: Gtin,
  from: Place,
  to: Place,
  quantity: number,
  cause: 'stage' | 'unstage' | 'hand_over',
): MovementFact {
  return movement({ gtin, from, to, quantity, cause, evidence: { kind: 'document', key } });
}

const withStaged = (line: ReservationLine, units: number): ReservationLine =>
  units === 0 ? line : { ...line, staged: (line.staged ?? 0) + units };

function stateOf({ reservation, state, lines, expiresAtMs }: Reservation, key: string): ReservationFact {
  return { type: 'reservation', key, reservation, state, lines, expiresAtMs, reason: null };
}

function inForce(open: Reservation | null, id: string, nowMs: number): Result<Reservation> {
  if (!open) return fail('not_found', `there is no open reservation ${id}`);
  if (isExpired(open, nowMs)) return fail('expired', `reservation ${id} has expired; reserve again`);
  return ok(open);
}
