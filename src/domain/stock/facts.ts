import type { Line } from '../../readings/documents.ts';
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
  | 'restock' // the shelf saw more units than any cart held
  | 'sale'
  | 'delivery'
  | 'count'
  | 'refill';

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
export interface MovementFact {
  readonly type: 'movement';
  readonly gtin: Gtin;
  readonly from: Place;
  readonly to: Place;
  readonly quantity: number;
  readonly cause: MovementCause;
  /** Posterior probability of item and count, 0 to 1; documents have 1. */
  readonly confidence: number;
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
export interface CountFact {
  readonly type: 'count';
  readonly key: string;
  readonly gtin: Gtin;
  readonly place: Place;
  readonly counted: number;
  readonly believed: number;
}

/** Goods announced by a document: received at the back door or carried to a facing. */
export interface GoodsFact {
  readonly type: 'goods';
  readonly key: string;
  readonly cause: 'delivery' | 'refill';
  readonly lines: readonly Line[];
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
export interface ShelfEventFact {
  readonly type: 'shelf_event';
  readonly facing: string;
  readonly gtin: Gtin;
  readonly units: number;
  readonly matched: number;
  readonly confidence: number;
  readonly evidence: Evidence;
}

/** A settled weight change that no number of this facing's item explains: a foreign thing, a lean, a wrong planogram. */
export interface UnexplainedWeightFact {
  readonly type: 'unexplained_weight';
  readonly facing: string;
  readonly gtin: Gtin;
  readonly evidence: Evidence;
}

export type ReservationState = 'refused' | 'temporary' | 'pending' | 'released' | 'expired';

export interface ReservationFact {
  readonly type: 'reservation';
  readonly key: string;
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
  readonly expiresAtMs: number | null;
  /** One sentence when refused. */
  readonly reason: string | null;
}

/** A till sold units that were promised: this reservation can no longer be filled in full. */
export interface ShortageFact {
  readonly type: 'shortage';
  readonly gtin: Gtin;
  readonly reservation: string;
  readonly missing: number;
}

export type StockFact =
  | MovementFact
  | SaleFact
  | CountFact
  | GoodsFact
  | ShelfEventFact
  | UnexplainedWeightFact
  | ReservationFact
  | ShortageFact;
