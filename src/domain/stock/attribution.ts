import type { Evidence, Place } from './facts.ts';
import { explain } from './hypothesis.ts';
import type { Draft } from './ledger.ts';
import { movement, shelfPlace } from './movement.ts';
import type { FacingChange } from './shelf.ts';

/** A unit must stand out of the plate's noise by this much to be counted by weight (weight-shelf.md 5.9). */
const LEAST_SIGMAS = 6;

/**
 * Turns a facing's settled change into facts. Returns whether it is dealt with: a change that nothing
 * explains is left open while it may still be a hand.
 */
export function attribute(draft: Draft, change: FacingChange): boolean {
  const { facing, gtin, unitWeightGrams } = change.facing;
  if (unitWeightGrams < LEAST_SIGMAS * change.sigmaGrams) return true;
  const found = change.reset
    ? null
    : explain(change.deltaGrams, unitWeightGrams, change.variance, {
        believed: draft.balances.quantity(gtin, shelfPlace(facing)),
        inCart: draft.balances.quantity(gtin, 'cart'),
        filling: draft.refills.isFilling(facing, draft.moment.eventTimeMs),
        mayLean: change.mayLean,
        afterGap: change.afterGap,
      });
  const evidence = evidenceOf(change);
  if (!found) {
    if (change.final) draft.add({ type: 'unexplained_weight', facing, gtin, evidence });
    return change.final;
  }
  const { units, confidence } = found;
  if (units < 0) taken(draft, change, -units, confidence, evidence);
  if (units > 0) put(draft, change, units, confidence, evidence);
  return true;
}

function taken(
  draft: Draft,
  change: FacingChange,
  units: number,
  confidence: number,
  evidence: Evidence,
): void {
  const { facing, gtin } = change.facing;
  const from = shelfPlace(facing);
  draft.add(
    { type: 'shelf_event', facing, gtin, units: -units, matched: 0, confidence, evidence },
    movement({ gtin, from, to: 'cart', quantity: units, cause: 'pick', confidence, evidence }),
  );
}

/** Units that a refill announced were moved by it; then what a cart may have held; the rest is new on the shelf. */
function put(
  draft: Draft,
  change: FacingChange,
  units: number,
  confidence: number,
  evidence: Evidence,
): void {
  const { facing, gtin } = change.facing;
  const matched = Math.min(units, draft.refills.openCredit(facing, draft.moment.eventTimeMs));
  const inCart = Math.max(0, draft.balances.quantity(gtin, 'cart'));
  const returned = Math.min(units - matched, inCart);
  const restocked = units - matched - returned;
  draft.add({ type: 'shelf_event', facing, gtin, units, matched, confidence, evidence });
  const move = (from: Place, cause: 'put' | 'restock', quantity: number) => {
    if (quantity === 0) return;
    draft.add(movement({ gtin, from, to: shelfPlace(facing), quantity, cause, confidence, evidence }));
  };
  move('cart', 'put', returned);
  move('backroom', 'restock', restocked);
}

function evidenceOf({ device, plates, deltaGrams, onsetMs, settledMs }: FacingChange): Evidence {
  const round = (value: number, steps: number) => Math.round(value * steps) / steps;
  return {
    kind: 'weights',
    device,
    plates,
    deltaGrams: round(deltaGrams, 100),
    onsetMs: Math.round(onsetMs),
    settledMs: Math.round(settledMs),
  };
}
