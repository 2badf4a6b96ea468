import type { TaskKind } from './facts.ts';
import { meanOn } from './forecast.ts';
import { type FacingBook, type ItemBook, onShelf, piecesOn, type ShelfBook, sureOf } from './shelf-book.ts';
import { itemOfWeights } from './strangers.ts';

/** Something that is so now and that somebody could put right. */
export interface Trouble {
  readonly kind: TaskKind;
  readonly item: ItemBook;
  readonly facing: string | null;
  readonly reservation: string | null;
  readonly reason: string;
  /** Minor units (cents) a day. */
  readonly priority: number;
}

/** So improbable must silence be before somebody is sent to look. */
const SILENCE_PROBABILITY = 0.005;
/** What it costs to have one facing counted, in minor units (cents): about two minutes of work. */
const COUNT_COST_MINOR = 100;
const UNEXPLAINED = 3;
const UNEXPLAINED_WITHIN_MS = 60 * 60_000;

/** Units that would sell on a day like this. Before anything was learned, today's sales or one. */
function unitsPerDay(book: ShelfBook, { demand, soldUnits, pieceGrams }: ItemBook): number {
  return Math.max(meanOn(demand, book.day.weekday), soldUnits, demand.days === 0 ? (pieceGrams ?? 1) : 0);
}

const worth = (book: ShelfBook, item: ItemBook) => unitsPerDay(book, item) * item.priceMinor;

/** 1 unit, 3 units, or 0.75 kg of what is sold by weight. */
export const amount = ({ pieceGrams }: Pick<ItemBook, 'pieceGrams'>, quantity: number): string => {
  if (pieceGrams !== null) return `${Math.round(quantity / 10) / 100} kg`;
  return `${quantity} ${quantity === 1 ? 'unit' : 'units'}`;
};

/** The same where the word units goes without saying. */
const bare = (item: ItemBook, quantity: number): string =>
  item.pieceGrams === null ? `${quantity}` : amount(item, quantity);

/** A facing below its minimum that the backroom could fill. */
export function shelfGap(book: ShelfBook, item: ItemBook, facing: FacingBook): Trouble | null {
  const { quantity, minimum } = facing;
  if (!item.isKnown || quantity >= minimum || item.backroom <= 0) return null;
  const missing = (minimum - Math.max(0, quantity)) / minimum;
  const held = quantity <= 0 ? 'is empty' : `holds ${amount(item, quantity)}`;
  return {
    kind: 'shelf_gap',
    item,
    facing: facing.facing,
    reservation: null,
    reason: `${facing.facing} ${held}, its minimum is ${bare(item, minimum)}, and the backroom has ${bare(item, item.backroom)}; carry some to the shelf.`,
    priority: Math.round((worth(book, item) / item.facings.length) * missing),
  };
}

/** An item that the store has sold out. */
export function outOfStock(book: ShelfBook, item: ItemBook): Trouble | null {
  if (!item.isKnown || item.facings.length === 0 || item.backroom > 0 || onShelf(item) > 0) return null;
  const perDay = bare(item, Math.round(unitsPerDay(book, item) * 10) / 10);
  return {
    kind: 'out_of_stock',
    item,
    facing: null,
    reservation: null,
    reason: `No shelf and no backroom has any; about ${perDay} a day would sell. Order it, or count the backroom.`,
    priority: Math.round(worth(book, item)),
  };
}

/**
 * The book says that there is some, but nothing of it moved while the store sold so much that this can hardly
 * be chance. Silence is measured in what the store sold, so that nights and holidays do not count.
 */
export function phantomStock(book: ShelfBook, item: ItemBook, storePerDay: number): Trouble | null {
  const units = onShelf(item);
  const since = book.soldUnits - item.movedAtUnits;
  if (units <= 0 || item.demand.days === 0 || storePerDay <= 0) return null;
  const expected = (piecesOn(item, book.day.weekday) / storePerDay) * since;
  if (Math.exp(-expected) >= SILENCE_PROBABILITY) return null;
  const sold = Math.round(since);
  const fullest = item.facings.reduce((a, b) => (b.quantity > a.quantity ? b : a));
  return {
    kind: 'phantom_stock',
    item,
    facing: fullest.facing,
    reservation: null,
    reason: `The book has ${amount(item, units)} on the shelf, but nothing of it moved while the store sold ${sold} units, of which about ${Math.round(expected)} should have been this. Look whether it is there and count it.`,
    priority: Math.round(worth(book, item)),
  };
}

/** A count that is worth its work: the chance that it is wrong times what a wrong count costs. */
export function doubtfulCount(book: ShelfBook, item: ItemBook, facing: FacingBook): Trouble | null {
  // Scales differ by some grams, which is no mistake.
  const isNegative = facing.quantity < -(item.pieceGrams ?? 0) / 2;
  const probability = sureOf(book, facing);
  const doubt = isNegative ? 1 : 1 - probability;
  const value = (doubt * worth(book, item)) / item.facings.length;
  if (!item.isKnown || value < COUNT_COST_MINOR) return null;
  const isForeign = book.weighed(facing.facing)?.isForeign ?? false;
  const foreign = isForeign ? ', because a weight lies there that no item explains' : '';
  const sure = `is right with a probability of only ${Math.round(probability * 100)} %`;
  const why = isNegative
    ? `The book has ${bare(item, facing.quantity)}, which cannot be`
    : `The count of ${bare(item, facing.quantity)} ${sure}${facing.wasIll ? ', because its scale was out of order' : foreign}`;
  return {
    kind: 'count_request',
    item,
    facing: facing.facing,
    reservation: null,
    reason: `${why}; count ${facing.facing}.`,
    priority: Math.round(value),
  };
}

/** Weights that the planned item cannot explain, several times within the hour. */
export function contradicted(
  book: ShelfBook,
  item: ItemBook,
  facing: FacingBook,
  nowMs: number,
): Trouble | null {
  const [first] = facing.unexplained;
  if (facing.unexplained.length < UNEXPLAINED || !first) return null;
  if (nowMs - first.atMs > UNEXPLAINED_WITHIN_MS) return null;
  const other = itemOfWeights(book, facing);
  const look = other
    ? `but fit item ${other.gtin} of ${other.unitWeightGrams} g; look whether that stands there`
    : 'look whether something else stands there';
  return {
    kind: 'planogram',
    item,
    facing: facing.facing,
    reservation: null,
    reason: `${UNEXPLAINED} weight changes on ${facing.facing} within the hour fit no number of this item${other ? ',' : ';'} ${look}, then count it.`,
    priority: Math.round(worth(book, item) / item.facings.length),
  };
}

/** Its units weigh something else all at once, and nobody has corrected the catalogue yet. */
export function newPack(book: ShelfBook, item: ItemBook): Trouble | null {
  if (!item.newPack) return null;
  const { catalogueGrams, meanGrams } = item.newPack;
  if (item.unitWeightGrams !== catalogueGrams) return null;
  const grams = (value: number) => Math.round(value * 10) / 10;
  return {
    kind: 'new_pack',
    item,
    facing: null,
    reservation: null,
    reason: `Its units weigh about ${grams(meanGrams)} g now, while items.csv says ${grams(catalogueGrams)} g; look at the new pack and correct the catalogue.`,
    priority: Math.round(worth(book, item) * (Math.abs(meanGrams - catalogueGrams) / meanGrams)),
  };
}

export function orderShort(
  item: ItemBook,
  reservation: string,
  missing: number,
  isNotFound: boolean,
): Trouble {
  const why = isNotFound ? 'because it was not found' : 'because a till sold what was promised';
  return {
    kind: 'order_short',
    item,
    facing: null,
    reservation,
    reason: `Order ${reservation} lacks ${amount(item, missing)}, ${why}; find more or tell the customer.`,
    priority: Math.round(missing * item.priceMinor),
  };
}
