import type { Line, ReleaseDocument, ReserveDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { available } from './available.ts';
import type { ReservationFact, ReservationState, StockFact } from './facts.ts';
import type { Ledger } from './ledger.ts';
import { checkLines, summed } from './lines.ts';
import { unstaged } from './orders.ts';
import { isExpired, type Reservation } from './reservations.ts';

/** All or nothing: every unit asked for is promised, or the refusal is put on record with its reason. */
export function decideReserve(
  ledger: Ledger,
  document: ReserveDocument,
  safetyStock: number,
  nowMs: number,
): Result<readonly StockFact[]> {
  const checked = checkLines(ledger.planogram, document.lines);
  if (!checked.ok) return checked;
  const { key, reservation, expiresAtMs } = document;
  const open = ledger.reservations.find(reservation);
  if (open && !isExpired(open, nowMs)) {
    return fail(
      'conflict',
      `reservation ${reservation} is open already under another key; release it first or choose another id`,
    );
  }
  const lines = summed(document.lines);
  const reason = isExpired(document, nowMs)
    ? 'the reservation had expired before it arrived'
    : shortfall(ledger, lines, safetyStock, nowMs);
  const state: ReservationState = reason ? 'refused' : expiresAtMs === null ? 'pending' : 'temporary';
  return ok([
    ...(open ? [closed(open, 'expired', key)] : []),
    { type: 'reservation', key, reservation, state, lines, expiresAtMs, reason },
  ]);
}

/** Why the lines cannot be promised, in one sentence; null when they can. */
function shortfall(
  ledger: Ledger,
  lines: readonly Line[],
  safetyStock: number,
  nowMs: number,
): string | null {
  const short = lines.flatMap(({ gtin, quantity }) => {
    const units = available(ledger, gtin, safetyStock, nowMs);
    return quantity > units ? [`${quantity} of ${gtin} asked for, ${units} available to promise`] : [];
  });
  return short.length > 0 ? short.join('; ') : null;
}

/** Ends a reservation. One that has ended already stays ended. */
export function decideRelease(
  { reservations }: Ledger,
  { key, reservation }: ReleaseDocument,
  nowMs: number,
): Result<readonly StockFact[]> {
  const open = reservations.find(reservation);
  if (open) {
    const state = isExpired(open, nowMs) ? 'expired' : 'released';
    return ok([closed(open, state, key), ...unstaged(open, key)]);
  }
  if (reservations.wasClosed(reservation)) return ok([]);
  return fail('not_found', `there is no open reservation ${reservation}`);
}

/** Puts on record what has expired. What may be promised never waits for this. */
export function decideExpiry({ reservations }: Ledger, nowMs: number): readonly StockFact[] {
  return reservations
    .expired(nowMs)
    .map(open => closed(open, 'expired', `expiry/${open.reservation}/${open.expiresAtMs}`));
}

function closed(open: Reservation, state: 'released' | 'expired', key: string): ReservationFact {
  const { reservation, lines, expiresAtMs } = open;
  return { type: 'reservation', key, reservation, state, lines, expiresAtMs, reason: null };
}
