import type { Trouble } from './rules.ts';
import type { FacingBook, ItemBook, ShelfBook } from './shelf-book.ts';

/** A unit may weigh this share, and this much, more or less than the catalogue says. */
const WEIGHT_TOLERANCE = 0.04;
const TOLERANCE_GRAMS = 3;
const MOST_AT_ONCE = 3;
/** After a day on the floor a stray thing has been found, sold or thrown away. */
const STRAY_MS = 24 * 60 * 60_000;

/** Whether a change of weight is one, two or three units. */
function fits(grams: number, unitWeightGrams: number): boolean {
  const units = Math.max(1, Math.min(MOST_AT_ONCE, Math.round(Math.abs(grams) / unitWeightGrams)));
  const most = Math.max(TOLERANCE_GRAMS, WEIGHT_TOLERANCE * units * unitWeightGrams);
  return Math.abs(Math.abs(grams) - units * unitWeightGrams) <= most;
}

/** The one other item that all unexplained weights of a facing fit; null when there is none, or several. */
export function itemOfWeights(book: ShelfBook, { gtin, unexplained }: FacingBook): ItemBook | null {
  const found = [...book.items.values()].filter(
    ({ gtin: other, unitWeightGrams }) =>
      other !== gtin &&
      unitWeightGrams !== null &&
      unexplained.length > 0 &&
      unexplained.every(({ grams }) => fits(grams, unitWeightGrams)),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Units of an item where another belongs, as the shelves saw them put there; by facing. */
export function strangersOf(book: ShelfBook, item: ItemBook): ReadonlyMap<string, Trouble> {
  const found = new Map<string, Trouble>();
  for (const [facing, units] of item.elsewhere) {
    if (units <= 0) continue;
    const what = `${units === 1 ? 'A unit lies' : `${units} units lie`} on ${facing}, which holds another item`;
    found.set(
      facing,
      misplaced(item, facing, units, `${what}; carry ${units === 1 ? 'it' : 'them'} to ${home(item)}.`),
    );
  }
  for (const { facing, atMs } of suspects(book, item)) {
    if (found.has(facing)) continue;
    const units = item.strays
      .filter(stray => stray.atMs >= atMs)
      .reduce((sum, stray) => sum + stray.units, 0);
    const what = `Nobody paid for ${units === 1 ? 'a unit' : `${units} units`}, and something of that weight was put on ${facing}`;
    found.set(facing, misplaced(item, facing, units, `${what}; look there and carry it to ${home(item)}.`));
  }
  return found;
}

/** Facings on which something of the item's weight was put before one of its units was given up. */
function suspects(book: ShelfBook, { gtin, strays, unitWeightGrams }: ItemBook) {
  const last = strays.at(-1);
  if (!last || unitWeightGrams === null) return [];
  return [...book.facings.values()].flatMap(({ facing, gtin: holds, unexplained }) => {
    const weight = unexplained.findLast(
      ({ grams, atMs }) =>
        grams > 0 && atMs <= last.atMs && last.atMs - atMs < STRAY_MS && fits(grams, unitWeightGrams),
    );
    return weight && holds !== gtin ? [{ facing, atMs: weight.atMs }] : [];
  });
}

/** Forgets what was given up so long ago that looking for it makes no sense any more. */
export function forgetStrays(item: ItemBook, nowMs: number): void {
  if (item.strays.length > 0) item.strays = item.strays.filter(({ atMs }) => nowMs - atMs < STRAY_MS);
}

const home = ({ facings }: ItemBook): string => facings[0]?.facing ?? 'the backroom';

const misplaced = (item: ItemBook, facing: string, units: number, reason: string): Trouble => ({
  kind: 'misplaced',
  item,
  facing,
  reservation: null,
  reason,
  priority: Math.round(units * item.priceMinor),
});
