import type { Gtin } from '../../shared/gtin.ts';
import type { Evidence, MovementCause, MovementFact, Place } from './facts.ts';

/**
 * Which ways units may go, by cause. `shelf` stands for any facing.
 * A refill may also hand a unit to the cart: one that the shelf saw arrive and took for a cart's.
 */
const WAYS: Readonly<Record<MovementCause, readonly string[]>> = {
  pick: ['shelf>cart'],
  put: ['cart>shelf', 'returns>shelf'],
  moved: ['shelf>shelf'],
  restock: ['backroom>shelf'],
  reverted: ['shelf>backroom', 'shelf>cart', 'shelf>returns'],
  sale: ['cart>customer', 'shelf>customer', 'backroom>customer'],
  delivery: ['supplier>backroom'],
  count: ['backroom>unaccounted', 'unaccounted>backroom', 'shelf>unaccounted', 'unaccounted>shelf'],
  refill: ['backroom>shelf', 'backroom>cart'],
  pick_inferred: ['shelf>cart'],
  misplaced: ['cart>unaccounted'],
  unpaid: ['cart>unaccounted'],
  reopened: ['unaccounted>cart'],
  unexplained_sale: ['unaccounted>cart'],
  refund: ['customer>returns'],
  void: ['customer>cart', 'customer>shelf', 'customer>backroom'],
  waste: ['backroom>waste', 'shelf>waste', 'cart>waste', 'returns>waste'],
  transfer: ['shelf>backroom', 'cart>backroom', 'returns>backroom', 'returns>shelf'],
  stage: ['backroom>staged', 'shelf>staged', 'cart>staged'],
  unstage: ['staged>backroom'],
  hand_over: ['staged>customer'],
};

export const shelfPlace = (facing: string): Place => `shelf:${facing}`;

export const isShelf = (place: Place): boolean => place.startsWith('shelf:');

/** The facing of a shelf place, null for any other place. */
export const facingOf = (place: Place): string | null => (isShelf(place) ? place.slice(6) : null);

const kindOf = (place: Place): string => (isShelf(place) ? 'shelf' : place);

export interface Move {
  readonly gtin: Gtin;
  readonly from: Place;
  readonly to: Place;
  readonly quantity: number;
  readonly cause: MovementCause;
  readonly evidence: Evidence;
  /** 0 to 1; documents are certain. */
  readonly confidence?: number;
  /** 0 to 1; 1 unless told otherwise. */
  readonly originConfidence?: number;
}

/** A movement fact. Throws on a quantity or a way that no rule allows, which is a bug and never bad input. */
export function movement(move: Move): MovementFact {
  const { gtin, from, to, quantity, cause, evidence, confidence = 1, originConfidence = 1 } = move;
  if (!Number.isSafeInteger(quantity) || quantity <= 0) throw new Error(`movement of ${quantity} units`);
  if (!WAYS[cause].includes(`${kindOf(from)}>${kindOf(to)}`)) {
    throw new Error(`${cause} cannot move units from ${from} to ${to}`);
  }
  const origin = originConfidence < 1 ? { originConfidence } : {};
  return { type: 'movement', gtin, from, to, quantity, cause, confidence, ...origin, evidence };
}
