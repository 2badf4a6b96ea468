import type {
  CountDocument,
  DeliveryDocument,
  Line,
  RefillDocument,
  SaleDocument,
} from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Balances } from './balances.ts';
import type { Evidence, Place, StockFact } from './facts.ts';
import { createDraft, type Draft, isWeighedFacing, type Ledger, type Moment } from './ledger.ts';
import { checkLines, checkMeasure, MOST_UNITS, unknownFacing, unknownItem } from './lines.ts';
import { reopen } from './matching.ts';
import { movement, shelfPlace } from './movement.ts';
import { receive } from './notices.ts';
import { isWeighed, type Planogram } from './planogram.ts';

const evidenceOf = (key: string): Evidence => ({ kind: 'document', key });

/** A receipt. Its units leave the cart, or the shelf where no weights say what is in a cart. */
export function decideSale(
  ledger: Ledger,
  document: SaleDocument,
  moment: Moment,
): Result<readonly StockFact[]> {
  const checked = checkLines(ledger.planogram, document.lines);
  if (!checked.ok) return checked;
  const { key, till, lines } = document;
  const draft = createDraft(ledger, moment);
  draft.add({ type: 'sale', key, till, lines });
  for (const line of lines) sellLine(ledger.planogram, draft, line, evidenceOf(key));
  return ok(draft.finish());
}

function sellLine(planogram: Planogram, draft: Draft, line: Line, evidence: Evidence): void {
  if (planogram.facingsOf(line.gtin).some(isWeighed)) reopen(draft, line, evidence);
  for (const [from, quantity] of soldFrom(planogram, draft.balances, line)) {
    draft.add(movement({ gtin: line.gtin, from, to: 'customer', quantity, cause: 'sale', evidence }));
  }
}

function soldFrom(planogram: Planogram, balances: Balances, { gtin, quantity }: Line): [Place, number][] {
  const facings = planogram.facingsOf(gtin);
  const unseen = facings.filter(facing => !isWeighed(facing));
  // The shelf has counted the unit out already, or will when the late or missed pick is found:
  // until then the cart may be below zero.
  if (facings.length > 0 && unseen.length === 0) return [['cart', quantity]];
  const last = unseen.at(-1);
  if (!last) return [['backroom', quantity]];
  const taken: [Place, number][] = [];
  let rest = quantity;
  const take = (place: Place, most: number) => {
    const units = Math.min(rest, Math.max(0, most));
    if (units > 0) taken.push([place, units]);
    rest -= units;
  };
  // Where an item also stands on plates, what is in carts came from there; the rest was taken unseen.
  if (unseen.length < facings.length) take('cart', balances.quantity(gtin, 'cart'));
  for (const { facing } of unseen) {
    const place = shelfPlace(facing);
    // The till is right even where the book is not, so the last facing takes whatever remains.
    take(place, facing === last.facing ? rest : balances.quantity(gtin, place));
  }
  return taken;
}

/** Goods received at the back door. */
export function decideDelivery(
  ledger: Ledger,
  document: DeliveryDocument,
  moment: Moment,
): Result<readonly StockFact[]> {
  const checked = checkLines(ledger.planogram, document.lines);
  if (!checked.ok) return checked;
  const { key, notice, lines } = document;
  const answered = notice === undefined ? ok([]) : receive(ledger, { key, notice, lines });
  if (!answered.ok) return answered;
  const draft = createDraft(ledger, moment);
  draft.add({ type: 'goods', key, cause: 'delivery', lines }, ...answered.value);
  for (const { gtin, quantity } of lines) {
    const way = { from: 'supplier', to: 'backroom', cause: 'delivery' } as const;
    draft.add(movement({ ...way, gtin, quantity, evidence: evidenceOf(key) }));
  }
  return ok(draft.finish());
}

/** A person counted: the difference to what we believed goes to, or comes from, nowhere known. */
export function decideCount(
  ledger: Ledger,
  document: CountDocument,
  moment: Moment,
): Result<readonly StockFact[]> {
  const { key, gtin, where, quantity } = document;
  const place = where.place === 'backroom' ? 'backroom' : shelfPlace(where.facing);
  const believed = ledger.balances.quantity(gtin, place);
  const checked = checkCount(ledger.planogram, document, believed);
  if (!checked.ok) return checked;

  const draft = createDraft(ledger, moment);
  draft.add({ type: 'count', key, gtin, place, counted: quantity, believed });
  const difference = quantity - believed;
  const way = difference > 0 ? { from: 'unaccounted', to: place } : { from: place, to: 'unaccounted' };
  if (difference !== 0) {
    const { from, to } = way as { from: Place; to: Place };
    const evidence = evidenceOf(key);
    draft.add(movement({ gtin, from, to, quantity: Math.abs(difference), cause: 'count', evidence }));
  }
  return ok(draft.finish());
}

function checkCount(planogram: Planogram, document: CountDocument, believed: number): Result<void> {
  const { gtin, where, quantity, unit } = document;
  if (!planogram.knows(gtin)) return fail('invalid', unknownItem('the count', gtin));
  const measured = checkMeasure(planogram, gtin, unit, 'the count');
  if (!measured.ok) return measured;
  if (!Number.isSafeInteger(quantity) || quantity < 0 || quantity > MOST_UNITS) {
    return fail('invalid', `the count has quantity ${quantity}; give a whole number from 0 to ${MOST_UNITS}`);
  }
  if (where.place === 'backroom') return ok(undefined);
  const facing = planogram.facing(where.facing);
  if (!facing) return fail('invalid', unknownFacing('the count', where.facing));
  // Goods of an item that stood here before the planogram changed may still be counted away.
  if (facing.gtin !== gtin && believed === 0) {
    return fail(
      'invalid',
      `the count names item ${gtin}, but facing ${where.facing} holds ${facing.gtin}; count that item or correct planogram.csv`,
    );
  }
  return ok(undefined);
}

/**
 * Staff carried goods to a facing. Scan and carrying come in either order: what the shelf saw arrive within
 * the last ten minutes is not moved again, and what it has not seen yet is expected for ten minutes.
 */
export function decideRefill(
  ledger: Ledger,
  document: RefillDocument,
  moment: Moment,
): Result<readonly StockFact[]> {
  const { key, facing, quantity, unit } = document;
  const gtin = ledger.planogram.facing(facing)?.gtin;
  if (!gtin) return fail('invalid', unknownFacing('the refill', facing));
  const line = { gtin, quantity, ...(unit && { unit }) };
  const checked = checkLines(ledger.planogram, [line]);
  if (!checked.ok) return checked;

  const draft = createDraft(ledger, moment);
  const seen = isWeighedFacing(ledger.planogram, facing)
    ? draft.refills.alreadySeen(facing, quantity, moment.eventTimeMs)
    : { restocked: 0, putBack: 0 };
  const cause = 'refill';
  draft.add({ type: 'goods', key, cause, lines: [line], refill: { facing, ...seen } });
  const move = (to: Place, units: number) => {
    if (units === 0) return;
    const evidence = evidenceOf(key);
    draft.add(movement({ gtin, from: 'backroom', to, quantity: units, cause, evidence }));
  };
  // A unit that seemed to come back from a cart came from the backroom: the cart still has its own.
  move('cart', seen.putBack);
  move(shelfPlace(facing), quantity - seen.restocked - seen.putBack);
  return ok(draft.finish());
}
