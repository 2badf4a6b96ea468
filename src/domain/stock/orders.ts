import type {
  ConfirmDocument,
  ExtendDocument,
  HandOverDocument,
  PickedLine,
  PickOrderDocument,
  StageDocument,
} from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { shortagesOfPick } from './available.ts';
import type {
  MovementFact,
  Place,
  ReservationFact,
  ReservationLine,
  ShortageFact,
  StockFact,
} from './facts.ts';
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
  { key, reservation, terms }: ConfirmDocument,
  nowMs: number,
): Decided {
  const open = inForce(reservations.find(reservation), reservation, nowMs);
  if (!open.ok) return open;
  const { state } = open.value;
  if (state === 'confirmed' || state === 'staged') return ok([]);
  const ready = { state: 'confirmed', expiresAtMs: null, ...(terms && { terms }) } as const;
  return ok([{ ...stateOf(open.value, key), ...ready }]);
}

/** Units stand picked: they left the shelf or the backroom, and the reservation holds that much less back. */
export function decideStage(ledger: Ledger, document: StageDocument, nowMs: number): Decided {
  const { key, reservation, from } = document;
  const open = pickable(ledger, reservation, nowMs);
  if (!open.ok) return open;
  const checked = checkGoods(ledger, from, document.lines);
  if (!checked.ok) return checked;
  const picked = document.lines.map(line => ({ ...line, from }));
  const lines = staged(open.value, picked);
  if (!lines.ok) return lines;
  // Whoever picked it may bring what is found later; that does not begin the picking anew.
  const isOver = open.value.state === 'staged' || lines.value.every(line => unpicked(line) === 0);
  return ok([
    { ...stateOf(open.value, key), state: isOver ? 'staged' : 'confirmed', lines: lines.value },
    ...carriedOff(ledger, document, picked, nowMs),
  ]);
}

/** Picking is over: what was found stands ready, and what was not is a shortage that names the order. */
export function decidePickOrder(ledger: Ledger, document: PickOrderDocument, nowMs: number): Decided {
  const { key, reservation } = document;
  const open = pickable(ledger, reservation, nowMs);
  if (!open.ok) return open;
  for (const line of document.lines) {
    const checked = checkGoods(ledger, line.from, [line]);
    if (!checked.ok) return checked;
  }
  const lines = staged(open.value, document.lines);
  if (!lines.ok) return lines;
  return ok([
    { ...stateOf(open.value, key), state: 'staged', lines: lines.value },
    ...carriedOff(ledger, document, document.lines, nowMs),
    ...lines.value.flatMap(line => notFound(reservation, line)),
  ]);
}

function notFound(reservation: string, line: ReservationLine): readonly ShortageFact[] {
  const [missing, { gtin }] = [unpicked(line), line];
  return missing > 0 ? [{ type: 'shortage', gtin, reservation, missing, cause: 'not_found' }] : [];
}

function pickable({ reservations }: Ledger, id: string, nowMs: number): Result<Reservation> {
  const open = inForce(reservations.find(id), id, nowMs);
  if (!open.ok || open.value.state !== 'temporary') return open;
  return fail('conflict', `reservation ${id} is temporary; confirm it before it is picked`);
}

const unpicked = ({ quantity, staged: ready = 0 }: ReservationLine): number => quantity - ready;

/** Plates may tell of these units before or after the document: theirs go to the cart, from which it takes them. */
function carriedOff(
  ledger: Ledger,
  { key, reservation }: StageDocument | PickOrderDocument,
  picked: readonly PickedLine[],
  nowMs: number,
): readonly StockFact[] {
  const moves = picked.map(({ gtin, from, quantity }) =>
    carry(key, gtin, takenFrom(ledger, from), 'staged', quantity, 'stage'),
  );
  return [...moves, ...shortagesOfPick(ledger, reservation, moves, nowMs)];
}

/** The lines of an order with what was picked. */
function staged(open: Reservation, lines: readonly PickedLine[]): Result<readonly ReservationLine[]> {
  if (lines.some(({ from }) => from.place === 'returns')) {
    return fail('invalid', 'orders are picked from the backroom or a facing; carry the goods there first');
  }
  const picked = new Map(summed(lines).map(({ gtin, quantity }) => [gtin, quantity]));
  for (const [gtin, quantity] of picked) {
    const line = open.lines.find(wanted => wanted.gtin === gtin);
    const wanted = line ? unpicked(line) : 0;
    if (quantity <= wanted) continue;
    return fail(
      'invalid',
      `${quantity} of ${gtin} picked, but reservation ${open.reservation} lacks ${wanted}`,
    );
  }
  return ok(open.lines.map(line => withStaged(line, picked.get(line.gtin) ?? 0)));
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
