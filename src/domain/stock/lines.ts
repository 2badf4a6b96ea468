import type { Line } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Planogram } from './planogram.ts';

/** More than this in one line is a typing error, not goods. */
export const MOST_UNITS = 1_000_000;

/** Two lines of one item are one demand, or each would be promised the same last unit. */
export function summed(lines: readonly Line[]): readonly Line[] {
  const sums = new Map<Line['gtin'], Line>();
  for (const line of lines) {
    const before = sums.get(line.gtin)?.quantity ?? 0;
    sums.set(line.gtin, { ...line, quantity: before + line.quantity });
  }
  return [...sums.values()];
}

/** Refuses a whole document for one bad line, and says which. */
export function checkLines(planogram: Planogram, lines: readonly Line[]): Result<void> {
  if (lines.length === 0) return fail('invalid', 'the document has no lines; send at least one');
  for (const [index, { gtin, quantity, unit }] of lines.entries()) {
    const where = `line ${index + 1}`;
    if (!planogram.knows(gtin)) return fail('invalid', unknownItem(where, gtin));
    const measured = checkMeasure(planogram, gtin, unit, where);
    if (!measured.ok) return measured;
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > MOST_UNITS) {
      return fail(
        'invalid',
        `${where} has quantity ${quantity}; give a whole number from 1 to ${MOST_UNITS}`,
      );
    }
  }
  return ok(undefined);
}

/** Grams where pieces are sold, or pieces where grams are, would be wrong by a factor of hundreds. */
export function checkMeasure(
  planogram: Planogram,
  gtin: string,
  unit: Line['unit'],
  where: string,
): Result<void> {
  const isByWeight = planogram.pieceGrams(gtin) !== null;
  if (isByWeight === (unit === 'g')) return ok(undefined);
  return fail(
    'invalid',
    isByWeight
      ? `${where} names item ${gtin}, which is sold by weight; send grams instead of a quantity`
      : `${where} gives grams of item ${gtin}, which is sold by the piece; send a quantity, or write soldBy kg in items.csv`,
  );
}

export const unknownItem = (where: string, gtin: string) =>
  `${where} names item ${gtin}, which this store does not know; add it to items.csv or correct it`;

export const unknownFacing = (where: string, facing: string) =>
  `${where} names facing ${facing}, which this store does not have; add it to planogram.csv or correct it`;
