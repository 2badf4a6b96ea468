import type { Line } from '../../readings/documents.ts';
import type { Evidence } from './facts.ts';
import type { Draft } from './ledger.ts';
import { movement, shelfPlace } from './movement.ts';
import { type AmbiguousPick, unitsOf } from './open-picks.ts';

/** A till sells what no shelf saw leave as rarely as this. */
const UNSEEN_SALE = 0.03;
/** A till's clock and a shelf's may differ by this much. */
const CLOCKS_DIFFER_MS = 60_000;

/**
 * A receipt names an item that no open pick is of: then a pick that may have been of it was (weight-shelf.md 5.8). What was
 * booked for it is taken back and booked anew, each as a movement that names what it corrects.
 */
export function chooseByReceipt(draft: Draft, { gtin, quantity }: Line, evidence: Evidence): void {
  const paidByMs = draft.moment.eventTimeMs + CLOCKS_DIFFER_MS;
  let needed = quantity - unitsOf(draft.picks.of(gtin).picks.filter(({ atMs }) => atMs <= paidByMs));
  while (needed > 0) {
    const found = likeliest(draft, gtin, needed, paidByMs);
    if (!found) return;
    const { pick, facing, probability } = found;
    const { event } = pick;
    const confidence = probability / (probability + UNSEEN_SALE * event.confidence);
    const why = { cause: 'resolved', confidence, evidence, corrects: event.evidence } as const;
    const units = -event.units;
    draft.add(
      movement({ gtin: event.gtin, from: 'cart', to: shelfPlace(event.facing), quantity: units, ...why }),
      movement({ gtin, from: shelfPlace(facing), to: 'cart', quantity: units, ...why }),
    );
    needed -= units;
  }
}

/** The open pick that most probably was of this item. */
function likeliest(draft: Draft, gtin: Line['gtin'], most: number, paidByMs: number) {
  let best: { pick: AmbiguousPick; facing: string; probability: number } | null = null;
  for (const pick of draft.picks.ambiguous) {
    const { units, rivals = [] } = pick.event;
    const rival = rivals.find(each => each.gtin === gtin && each.units === units);
    if (!rival || -units > most || pick.atMs > paidByMs || !isOpen(draft, pick)) continue;
    if (best && rival.probability <= best.probability) continue;
    best = { pick, facing: rival.facing, probability: rival.probability };
  }
  return best;
}

/** Nobody has paid what the pick was booked as. */
const isOpen = ({ picks }: Draft, { event, atMs }: AmbiguousPick): boolean =>
  picks
    .of(event.gtin)
    .picks.some(pick => pick.facing === event.facing && pick.atMs === atMs && pick.left >= -event.units);
