import type { GrantLeaseDocument, ReportLeaseDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { available, deficit } from './available.ts';
import type { LeaseFact, ReservationFact, ShortageFact, StockFact } from './facts.ts';
import type { Ledger } from './ledger.ts';
import { checkLines } from './lines.ts';

/**
 * Units that the cloud alone may promise. Either side has the authority over a unit at any instant: the store
 * from the settlement on, the cloud until the lease expires, nobody in between. That gap is what makes a cut
 * link harmless, because what the cloud promised before the cut is not known here until it reports.
 */
export interface Leases {
  find(lease: string): LeaseFact | null;
  /** Units of an item that the store may not promise. */
  leased(gtin: string): number;
  fold(fact: StockFact): void;
}

export function createLeases(): Leases {
  const leases = new Map<string, LeaseFact>();
  return {
    find: lease => leases.get(lease) ?? null,
    leased(gtin) {
      let sum = 0;
      for (const lease of leases.values()) if (lease.gtin === gtin) sum += openUnits(lease);
      return sum;
    },
    fold(fact) {
      if (fact.type !== 'lease') return;
      // A settled one is remembered only as long as nobody needs its room.
      leases.delete(fact.lease);
      leases.set(fact.lease, fact);
      for (const { lease, state } of leases.values()) {
        if (leases.size <= MOST_LEASES) break;
        if (state === 'settled') leases.delete(lease);
      }
    },
  };
}

const MOST_LEASES = 10_000;

const openUnits = ({ state, granted, sold }: LeaseFact) => (state === 'active' ? granted - sold : 0);

/** All or nothing, from what the store may promise itself. */
export function decideGrant(
  ledger: Ledger,
  document: GrantLeaseDocument,
  safetyStock: number,
  nowMs: number,
): Result<readonly StockFact[]> {
  const { key, lease, gtin, quantity, expiresAtMs } = document;
  if (ledger.planogram.pieceGrams(gtin) !== null) {
    return fail('invalid', `item ${gtin} is sold by weight, of which nothing is leased; reserve it instead`);
  }
  const checked = checkLines(ledger.planogram, [{ gtin, quantity }]);
  if (!checked.ok) return checked;
  if (ledger.leases.find(lease))
    return fail('conflict', `lease ${lease} was granted before; choose another id`);
  if (expiresAtMs <= nowMs) return fail('expired', `lease ${lease} would have ended before it began`);
  const free = available(ledger, gtin, safetyStock, nowMs);
  if (quantity > free) {
    return fail('insufficient', `${quantity} of ${gtin} asked for, ${free} available to promise`);
  }
  return ok([{ type: 'lease', key, lease, state: 'active', gtin, granted: quantity, sold: 0, expiresAtMs }]);
}

/**
 * What the cloud promised becomes reservations without a further check: the units were kept for it. What tills
 * took of them meanwhile is a shortage of the orders that were promised last.
 */
export function decideReport(
  ledger: Ledger,
  document: ReportLeaseDocument,
  nowMs: number,
): Result<readonly StockFact[]> {
  const lease = ledger.leases.find(document.lease);
  if (!lease) return fail('not_found', `there is no lease ${document.lease}`);
  const checked = checkReport(ledger, document, lease);
  if (!checked.ok) return checked;
  const { key, final } = document;
  const { gtin } = lease;
  const orders = document.sold.map(
    ({ reservation, quantity, terms }): ReservationFact => ({
      type: 'reservation',
      key,
      reservation,
      state: 'confirmed',
      lines: [{ gtin, quantity }],
      expiresAtMs: null,
      reason: null,
      ...(terms && { terms }),
    }),
  );
  const sold = lease.sold + checked.value;
  const state = final ? 'settled' : 'active';
  return ok([{ ...lease, key, state, sold }, ...orders, ...shortages(ledger, lease, document, nowMs)]);
}

/** The number of units reported. More than were kept for the cloud is its mistake, and changes nothing here. */
function checkReport(
  { reservations }: Ledger,
  { sold, lease: id }: ReportLeaseDocument,
  lease: LeaseFact,
): Result<number> {
  if (lease.state === 'settled') return fail('conflict', `lease ${id} is settled already`);
  const seen = new Set<string>();
  let units = 0;
  for (const { reservation, quantity } of sold) {
    if (!Number.isSafeInteger(quantity) || quantity < 1) {
      return fail('invalid', `order ${reservation} has quantity ${quantity}; give a whole number from 1`);
    }
    if (seen.has(reservation) || reservations.find(reservation) || reservations.wasClosed(reservation)) {
      return fail('conflict', `order ${reservation} is known already; report each order once`);
    }
    seen.add(reservation);
    units += quantity;
  }
  const open = openUnits(lease);
  if (units > open) return fail('conflict', `${units} units reported, but lease ${id} has ${open} left`);
  return ok(units);
}

function shortages(
  ledger: Ledger,
  { gtin }: LeaseFact,
  { sold }: ReportLeaseDocument,
  nowMs: number,
): readonly ShortageFact[] {
  const units = sold.reduce((sum, { quantity }) => sum + quantity, 0);
  let rest = deficit(ledger, gtin, nowMs, units);
  const found: ShortageFact[] = [];
  for (const { reservation, quantity } of sold.toReversed()) {
    if (rest <= 0) break;
    const missing = Math.min(rest, quantity);
    rest -= missing;
    found.push({ type: 'shortage', gtin, reservation, missing });
  }
  return found;
}
