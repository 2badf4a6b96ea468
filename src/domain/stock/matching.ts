import type { Line } from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';
import type { Evidence, StockFact } from './facts.ts';
import { createDraft, type Draft, type Ledger } from './ledger.ts';
import { movement, shelfPlace } from './movement.ts';
import { type OpenPick, type OpenPicks, type OpenSale, unitsOf } from './open-picks.ts';
import { lag95Ms } from './pay-lag.ts';
import { type FacingConfig, isWeighed } from './planogram.ts';
import { unitSigmaGrams } from './unit-weight.ts';

/** What a facing's weight says about `units` of its book being gone already. */
export type Audit = (facing: FacingConfig, units: number) => 'agrees' | 'contradicts' | 'unknown';

/** A pick is open for at least this long, however fast customers pay here. */
const LEAST_OPEN_MS = 45 * 60_000;
/** A shelf that was cut off has told of its picks by then. */
const SALE_OPEN_MS = 15 * 60_000;
/** A till's clock and a shelf's may differ by this much. */
const CLOCKS_DIFFER_MS = 60_000;

/** The till's scale and the shelf's may differ by this much over a piece of what is sold by weight. */
const SCALES_DIFFER_GRAMS = 30;

const CONFIDENCE_WITHOUT_AUDIT = 0.7;
const CONFIDENCE_WITH_AUDIT = 0.95;
/** That a unit left unpaid is concluded from silence, which a till that is cut off keeps too; so is which one. */
const CONFIDENCE_OF_SILENCE = 0.9;
/** The till is right that the unit was there; that it came from nowhere is only what is left over. */
const CONFIDENCE_OF_NOWHERE = 0.5;

/** After this an unpaid pick is given up. */
export const staleAfterMs = ({ lag }: OpenPicks): number => Math.max(3 * lag95Ms(lag), LEAST_OPEN_MS);

/** A late receipt: what it pays may have been given up. Brings as much of that back to the cart as it needs. */
export function reopen(draft: Draft, { gtin, quantity }: Line, evidence: Evidence): void {
  const { picks, givenUp } = draft.picks.of(gtin);
  const paidByMs = draft.moment.eventTimeMs + CLOCKS_DIFFER_MS;
  const inTime = (pick: OpenPick) => pick.atMs <= paidByMs;
  const needed = quantity - unitsOf(picks.filter(inTime));
  const units = Math.min(needed, unitsOf(givenUp.filter(inTime)));
  if (units <= 0) return;
  const way = { from: 'unaccounted', to: 'cart', cause: 'reopened' } as const;
  const confidence = CONFIDENCE_OF_SILENCE;
  draft.add(movement({ ...way, gtin, quantity: units, confidence, evidence }));
}

/**
 * Ends what stayed open: picks that nobody paid and sales that no shelf saw leave. With `emptySinceMs` (the store
 * closed, or the last customer left) picks from before that moment need not wait.
 */
export function decideStale(
  ledger: Ledger,
  nowMs: number,
  audit: Audit,
  emptySinceMs: number | null,
): readonly StockFact[] {
  const oldestMs = Math.max(nowMs - staleAfterMs(ledger.picks), emptySinceMs ?? Number.NEGATIVE_INFINITY);
  let draft: Draft | null = null;
  for (const gtin of ledger.picks.items() as readonly Gtin[]) {
    const { picks, sales } = ledger.picks.of(gtin);
    const unpaid = picks.filter(({ atMs }) => atMs < oldestMs);
    const unseen = sales.filter(({ atMs }) => atMs < nowMs - SALE_OPEN_MS);
    if (unpaid.length + unseen.length === 0) continue;
    draft ??= createDraft(ledger, { eventTimeMs: nowMs, receivedTimeMs: nowMs });
    for (const pick of unpaid) giveUp(ledger, draft, gtin, pick);
    for (const sale of unseen) infer(ledger, draft, gtin, sale, audit);
  }
  return draft?.finish() ?? [];
}

function giveUp(ledger: Ledger, draft: Draft, gtin: Gtin, pick: OpenPick): void {
  const cause = liesElsewhere(ledger, gtin, pick) ? 'misplaced' : 'unpaid';
  const evidence: Evidence = { kind: 'document', key: `${cause}/${pick.facing ?? gtin}/${pick.atMs}` };
  const way = { from: 'cart', to: 'unaccounted', cause } as const;
  const confidence = CONFIDENCE_OF_SILENCE;
  draft.add(movement({ ...way, gtin, quantity: pick.left, confidence, evidence }));
}

/** Something of the same weight was laid on a facing that does not hold it, after the pick. */
function liesElsewhere({ planogram, picks }: Ledger, gtin: Gtin, { atMs, left }: OpenPick): boolean {
  const facing = planogram.facingsOf(gtin).find(isWeighed);
  if (!facing) return false;
  if (facing.byWeight)
    return picks.strays.some(
      stray => stray.atMs >= atMs && Math.abs(stray.grams - left) <= SCALES_DIFFER_GRAMS,
    );
  const grams = facing.unitWeightGrams;
  const most = 3 * Math.sqrt(left) * unitSigmaGrams(grams);
  return picks.strays.some(stray => stray.atMs >= atMs && Math.abs(stray.grams - left * grams) <= most);
}

/** The till is right that the units are gone; the question is only from where. */
function infer(ledger: Ledger, draft: Draft, gtin: Gtin, sale: OpenSale, audit: Audit): void {
  const evidence: Evidence = { kind: 'document', key: sale.key };
  let rest = sale.left;
  for (const { facing, verdict } of candidates(ledger, gtin, sale.left, audit)) {
    const from = shelfPlace(facing.facing);
    const quantity = Math.min(rest, Math.max(0, draft.balances.quantity(gtin, from)));
    if (quantity === 0) continue;
    rest -= quantity;
    const confidence = verdict === 'agrees' ? CONFIDENCE_WITH_AUDIT : CONFIDENCE_WITHOUT_AUDIT;
    draft.add(movement({ gtin, from, to: 'cart', quantity, cause: 'pick_inferred', confidence, evidence }));
  }
  if (rest === 0) return;
  const found = sale.left - rest;
  const isOfScales = ledger.planogram.pieceGrams(gtin) !== null && rest <= SCALES_DIFFER_GRAMS;
  const way = { from: 'unaccounted', to: 'cart', cause: 'unexplained_sale' } as const;
  const confidence = CONFIDENCE_OF_NOWHERE;
  if (!isOfScales) {
    const kind = 'sale_without_pick';
    draft.add({ type: 'discrepancy', kind, key: sale.key, gtin, expected: sale.left, found });
  }
  draft.add(movement({ ...way, gtin, quantity: rest, confidence, evidence }));
}

/**
 * Facings that may have lost the units, the likeliest first: the weight agrees, then the fullest. Plates that saw
 * nothing are believed until their weight says otherwise; a facing without plates can contradict nothing.
 */
function candidates({ planogram, balances }: Ledger, gtin: Gtin, units: number, audit: Audit) {
  const rank = { agrees: 0, unknown: 1, contradicts: 2 };
  const book = (facing: FacingConfig) => balances.quantity(gtin, shelfPlace(facing.facing));
  return planogram
    .facingsOf(gtin)
    .map(facing => ({ facing, verdict: audit(facing, units) }))
    .filter(({ facing, verdict }) => verdict === 'agrees' || (verdict === 'unknown' && !isWeighed(facing)))
    .toSorted((a, b) => rank[a.verdict] - rank[b.verdict] || book(b.facing) - book(a.facing));
}
