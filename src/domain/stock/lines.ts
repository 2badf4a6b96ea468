import type { Line } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import type { Planogram } from './planogram.ts';

/** More than this in one line is a typing error, not goods. */
export const MOST_UNITS = 1_000_000;

/** Two lines of one item are one demand, or each would be promised the same last unit. */
export function summed(lines: readonly Line[]): readonly Line[] {
  const sums = new Map<Line['gtin'], number>();
  for (const { gtin, quantity } of lines) sums.set(gtin, (sums.get(gtin) ?? 0) + quantity);
  return [...sums].map(([gtin, quantity]) => ({ gtin, quantity }));
}

/** Refuses a whole document for one bad line, and says which. */
export function checkLines(planogram: Planogram, lines: readonly Line[]): Result<void> {
  if (lines.length === 0) return fail('invalid', 'the document has no lines; send at least one');
  for (const [index, { gtin, quantity }] of lines.entries()) {
    const where = `line ${index + 1}`;
    if (!planogram.knows(gtin)) return fail('invalid', unknownItem(where, gtin));
    if (!Number.isSafeInteger(quantity) || quantity < 1 || quantity > MOST_UNITS) {
      return fail(
        'invalid',
        `${where} has quantity ${quantity}; give a whole number from 1 to ${MOST_UNITS}`,
      );
    }
  }
  return ok(undefined);
}

export const unknownItem = (where: string, gtin: string) =>
  `${where} names item ${gtin}, which this store does not know; add it to items.csv or correct it`;

export const unknownFacing = (where: string, facing: string) =>
  `${where} names facing ${facing}, which this store does not have; add it to planogram.csv or correct it`;
