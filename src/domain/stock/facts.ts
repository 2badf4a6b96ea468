import type { Line, Measured, OrderTerms } from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';

/**
 * Where a unit can be. Inside the store: backroom, shelf, cart, staged, hold, returns.
 * Outside: supplier, customer, waste, unaccounted. Over all places a GTIN always sums to zero.
 */
export type Place =
  | 'backroom'
  | `shelf:${string}`
  | 'cart'
  | 'staged'
  | 'hold'
  | 'returns'
  | 'supplier'
  | 'customer'
  | 'waste'
  | 'unaccounted';

export type MovementCause =
  | 'pick' // the shelf saw units leave
  | 'put' // the shelf saw units come back from a cart
  | 'moved' // slid from one facing to another
  | 'restock' // the shelf saw more units than any cart held
  | 'reverted' // what was taken for goods put down was lifted off again at once: a hand or a thing
  | 'sale'
  | 'delivery'
  | 'count'
  | 'refill'
  | 'pick_inferred' // a till sold what no shelf saw leave, and nothing contradicts that it left
  | 'misplaced' // a pick that nobody paid, after which something of its weight lay elsewhere
  | 'unpaid' // a pick that nobody paid
  | 'reopened' // a late receipt pays what had been given up
  | 'unexplained_sale' // a till sold what cannot have come from any facing
  | 'refund'
  | 'void'
  | 'waste'
  | 'transfer'
  | 'stage' // picked for an order
  | 'unstage' // an order that was picked is not fetched
  | 'hand_over'
  | 'resolved' // a receipt tells which of several items on the same plates was taken
  | 'audit'; // all that a shelf's weight has told contradicts the book

/** What led to a movement: a document's key, or the weights that were seen. */
export type Evidence =
  | { readonly kind: 'document'; readonly key: string }
  | {
      readonly kind: 'weights';
      readonly device: string;
      readonly plates: readonly number[];
      /** Change of the settled weight of the facing. */
      readonly deltaGrams: number;
      /** When contact began and when the weight had settled, in device time (Unix ms). */
      readonly onsetMs: number;
      readonly settledMs: number;
    };

/** `quantity` (a positive whole number) units of one GTIN went from one place to another. */
export interface MovementFact extends Measured {
  readonly type: 'movement';
  readonly gtin: Gtin;
  readonly from: Place;
  readonly to: Place;
  readonly quantity: number;
  readonly cause: MovementCause;
  /** Posterior probability of item and count, 0 to 1; documents have 1. */
  readonly confidence: number;
  /** Probability, 0 to 1, that they came from there, given item and count; left out where nothing else is possible. */
  readonly originConfidence?: number;
  /** Of the movement that this one takes back or makes in its stead. */
  readonly corrects?: Evidence;
  readonly evidence: Evidence;
}

/** A receipt as the till sent it. Its movements stand beside it in the log. */
export interface SaleFact {
  readonly type: 'sale';
  readonly key: string;
  readonly till: string;
  readonly lines: readonly Line[];
}

/** A count as a person gave it, with what we believed at that moment. */
export interface CountFact extends Measured {
  readonly type: 'count';
  readonly key: string;
  readonly gtin: Gtin;
  readonly place: Place;
  readonly counted: number;
  readonly believed: number;
}

/** Goods that a document says were received, carried, brought back or thrown away. */
export interface GoodsFact {
  readonly type: 'goods';
  readonly key: string;
  readonly cause: 'delivery' | 'refill' | 'refund' | 'void' | 'waste' | 'transfer';
  readonly lines: readonly Line[];
  /** Present exactly for a void: the key of the sale that it cancels. */
  readonly sale?: string;
  /**
   * Present exactly for a refill: the facing, and how many of its units the shelf had already seen arrive,
   * booked from the backroom (`restocked`) or as coming back from a cart (`putBack`).
   */
  readonly refill?: { readonly facing: string; readonly restocked: number; readonly putBack: number };
}

/**
 * A facing's weight settled and was explained by `units` (positive: put, negative: taken, 0: nothing).
 * `matched` of them were already moved by a refill document, so the movement beside it is smaller.
 */
export interface ShelfEventFact extends Measured {
  readonly type: 'shelf_event';
  readonly facing: string;
  readonly gtin: Gtin;
  readonly units: number;
  readonly matched: number;
  readonly confidence: number;
  /** What else it may have been, where items share plates; the likeliest first. Left out where there is nothing. */
  readonly rivals?: readonly RivalUnits[];
  readonly evidence: Evidence;
}

/** Units of another item on the same plates that would explain an event as well, with their probability (0 to 1). */
export interface RivalUnits {
  readonly facing: string;
  readonly gtin: Gtin;
  readonly units: number;
  readonly probability: number;
}

/** What units of an item really weigh, in grams, as shelves saw it: learned by and by, or suddenly of another pack. */
export interface UnitWeightFact {
  readonly type: 'unit_weight';
  readonly gtin: Gtin;
  readonly change: 'learned' | 'pack_change';
  /** What items.csv said meanwhile. */
  readonly catalogueGrams: number;
  readonly meanGrams: number;
  /** Standard deviation from unit to unit. */
  readonly sigmaGrams: number;
  /** How many weighed units the mean is worth; older ones fade. */
  readonly samples: number;
}

/** A settled weight change that no number of this facing's item explains: a foreign thing, a lean, a wrong planogram. */
export interface UnexplainedWeightFact {
  readonly type: 'unexplained_weight';
  readonly facing: string;
  readonly gtin: Gtin;
  readonly evidence: Evidence;
}

/**
 * What ails one channel of a scale: no samples, the same sample for ever, a load below nothing, or a cell on its rail.
 * But for the wrong zero, which differences do not mind, nothing is counted from such a plate.
 */
export type PlateTrouble = 'dead' | 'stuck' | 'untared' | 'rail';

export interface PlateTroubleFact {
  readonly type: 'plate_trouble';
  readonly device: string;
  readonly plate: number;
  readonly facing: string;
  readonly trouble: PlateTrouble;
  readonly state: 'raised' | 'cleared';
}

/**
 * temporary ends by itself, pending waits for the order, confirmed for the picker, staged (picking is over) for
 * the customer. The others are ends.
 */
export type ReservationState =
  | 'refused'
  | 'temporary'
  | 'pending'
  | 'confirmed'
  | 'staged'
  | 'handed_over'
  | 'released'
  | 'expired';

/** Units of one item that an order asked for; `staged` of them stand picked already (none when left out). */
export interface ReservationLine extends Line {
  readonly staged?: number;
}

export interface ReservationFact {
  readonly type: 'reservation';
  readonly key: string;
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: readonly ReservationLine[];
  readonly expiresAtMs: number | null;
  /** One sentence when refused. */
  readonly reason: string | null;
  /** Present where the order was confirmed with them. */
  readonly terms?: OrderTerms;
}

/** This reservation can no longer be filled in full: a till sold units that were promised, or nobody found them. */
export interface ShortageFact extends Measured {
  readonly type: 'shortage';
  readonly gtin: Gtin;
  readonly reservation: string;
  /** Units of it in all; a later fact replaces it. */
  readonly missing: number;
  /** Present where whoever picked it did not find them. */
  readonly cause?: 'not_found';
}

/** What a supplier says is on its way (an advance shipping notice), until a delivery names it. */
export interface NoticeFact {
  readonly type: 'notice';
  readonly key: string;
  readonly notice: string;
  readonly state: 'announced' | 'received';
  readonly lines: readonly Line[];
}

/** Two sources that should agree do not: units that one of them expected, and units that the other found. */
export interface DiscrepancyFact extends Measured {
  readonly type: 'discrepancy';
  readonly kind: 'sale_without_pick' | 'delivery';
  /** Of the document that showed it. */
  readonly key: string;
  readonly gtin: Gtin;
  readonly expected: number;
  readonly found: number;
}

/**
 * Units of one item that the cloud alone may promise until `expiresAtMs`. What it sold of them is a reservation
 * each; the rest comes back when the lease is settled and never earlier, because only the cloud knows what it sold.
 */
export interface LeaseFact {
  readonly type: 'lease';
  readonly key: string;
  readonly lease: string;
  readonly state: 'active' | 'settled';
  readonly gtin: Gtin;
  readonly granted: number;
  /** Of these, units that became reservations. */
  readonly sold: number;
  readonly expiresAtMs: number;
}

export type StockFact =
  | MovementFact
  | SaleFact
  | CountFact
  | GoodsFact
  | ShelfEventFact
  | UnexplainedWeightFact
  | UnitWeightFact
  | PlateTroubleFact
  | ReservationFact
  | ShortageFact
  | NoticeFact
  | DiscrepancyFact
  | LeaseFact;
