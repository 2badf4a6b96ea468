import type {
  Line,
  RefundDocument,
  TransferDocument,
  VoidDocument,
  WasteDocument,
  Where,
} from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { decideRefill } from './documents.ts';
import type { Place, StockFact } from './facts.ts';
import { createDraft, isWeighedFacing, type Ledger, type Moment } from './ledger.ts';
import { checkLines, summed, unknownFacing } from './lines.ts';
import { movement, shelfPlace } from './movement.ts';

type Decided = Result<readonly StockFact[]>;

/** Brought back by a customer: on the returns desk until somebody carries it on or a shelf sees it arrive. */
export function decideRefund(ledger: Ledger, { key, lines }: RefundDocument, moment: Moment): Decided {
  const checked = checkLines(ledger.planogram, lines);
  if (!checked.ok) return checked;
  const draft = createDraft(ledger, moment);
  draft.add({ type: 'goods', key, cause: 'refund', lines });
  for (const { gtin, quantity } of lines) {
    const way = { from: 'customer', to: 'returns', cause: 'refund' } as const;
    draft.add(movement({ ...way, gtin, quantity, evidence: { kind: 'document', key } }));
  }
  return ok(draft.finish());
}

/** Undoes a receipt by movements the other way; the receipt itself stays in the log. */
export function decideVoid(ledger: Ledger, { key, sale }: VoidDocument, moment: Moment): Decided {
  const receipt = ledger.receipts.find(sale);
  if (!receipt) {
    return fail(
      'not_found',
      `there is no sale ${sale} within the last day; send a refund for what came back`,
    );
  }
  if (receipt.voided) return fail('conflict', `sale ${sale} is cancelled already`);
  const draft = createDraft(ledger, moment);
  const lines = receipt.sold.map(({ gtin, quantity, unit }) => ({ gtin, quantity, ...(unit && { unit }) }));
  draft.add({ type: 'goods', key, cause: 'void', lines, sale });
  for (const { gtin, from, quantity } of receipt.sold) {
    const evidence = { kind: 'document', key } as const;
    draft.add(movement({ gtin, from: 'customer', to: from, quantity, cause: 'void', evidence }));
  }
  return ok(draft.finish());
}

export function decideWaste(ledger: Ledger, document: WasteDocument, moment: Moment): Decided {
  const { key, from, lines } = document;
  const checked = checkGoods(ledger, from, lines);
  if (!checked.ok) return checked;
  const draft = createDraft(ledger, moment);
  draft.add({ type: 'goods', key, cause: 'waste', lines });
  for (const { gtin, quantity } of lines) {
    const way = { from: takenFrom(ledger, from), to: 'waste', cause: 'waste' } as const;
    draft.add(movement({ ...way, gtin, quantity, evidence: { kind: 'document', key } }));
  }
  return ok(draft.finish());
}

/** Goods to a facing with plates are a refill, because the plates tell of them too. */
export function decideTransfer(ledger: Ledger, document: TransferDocument, moment: Moment): Decided {
  const { key, from, to, lines } = document;
  const checked = checkGoods(ledger, from, lines);
  if (!checked.ok) return checked;
  const target = checkTarget(ledger, document);
  if (!target.ok) return target;
  if (from.place === 'backroom' && to.place === 'shelf') {
    const [{ quantity, unit }] = summed(lines) as [Line];
    const refill = { key, facing: to.facing, quantity, ...(unit && { unit }) };
    return decideRefill(ledger, { type: 'refill', ...refill }, moment);
  }
  const draft = createDraft(ledger, moment);
  draft.add({ type: 'goods', key, cause: 'transfer', lines });
  for (const { gtin, quantity } of lines) {
    const way = { from: takenFrom(ledger, from), to: target.value, cause: 'transfer' } as const;
    draft.add(movement({ ...way, gtin, quantity, evidence: { kind: 'document', key } }));
  }
  return ok(draft.finish());
}

const placeOf = (where: Where): Place => (where.place === 'shelf' ? shelfPlace(where.facing) : where.place);

/**
 * Where the book has what a person took. Plates see units leave and book them into a cart, so there the document
 * takes them from the cart, which the pick fills, before or after.
 */
export function takenFrom(ledger: Ledger, where: Where): Place {
  const isSeen = where.place === 'shelf' && isWeighedFacing(ledger.planogram, where.facing);
  return isSeen ? 'cart' : placeOf(where);
}

export function checkGoods(ledger: Ledger, where: Where, lines: readonly Line[]): Result<void> {
  const checked = checkLines(ledger.planogram, lines);
  return checked.ok ? checkFacing(ledger, where, lines) : checked;
}

function checkFacing({ planogram, balances }: Ledger, where: Where, lines: readonly Line[]): Result<void> {
  if (where.place !== 'shelf') return ok(undefined);
  const facing = planogram.facing(where.facing);
  if (!facing) return fail('invalid', unknownFacing('the document', where.facing));
  for (const [index, { gtin }] of lines.entries()) {
    if (gtin === facing.gtin || balances.quantity(gtin, shelfPlace(where.facing)) > 0) continue;
    return fail(
      'invalid',
      `line ${index + 1} names item ${gtin}, but facing ${where.facing} holds ${facing.gtin}; name the facing it was on`,
    );
  }
  return ok(undefined);
}

function checkTarget(ledger: Ledger, { from, to, lines }: TransferDocument): Result<Place> {
  if (to.place === 'returns' || from.place === to.place) {
    return fail(
      'invalid',
      'goods are carried to the backroom, or to a facing from elsewhere; send one step at a time',
    );
  }
  const checked = checkFacing(ledger, to, lines);
  if (!checked.ok) return checked;
  if (to.place === 'shelf' && from.place === 'returns' && isWeighedFacing(ledger.planogram, to.facing)) {
    return fail(
      'invalid',
      `facing ${to.facing} has plates, which book what arrives from the returns desk; send nothing`,
    );
  }
  return ok(placeOf(to));
}
