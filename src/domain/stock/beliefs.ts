import type { Gtin } from '../../shared/gtin.ts';
import { type Belief, type Candidate, type Counts, observe, sureOf, weigh } from './belief.ts';
import type { Evidence, MovementFact, StockFact } from './facts.ts';
import { facingOf } from './movement.ts';
import { isWeighed, type Planogram } from './planogram.ts';
import { evidenceOf, type FacingChange } from './shelf.ts';

/** What the plates of a facing have told of its contents, and what led to that last. */
export interface FacingBelief {
  readonly belief: Belief;
  /** The last settled change; null before the first. */
  readonly evidence: Evidence | null;
  /** When it was heard of, as received. */
  readonly changedAtMs: number;
  /** A refill's note has come that the belief has not been held against. */
  readonly refilled: boolean;
  /** What was booked here since somebody counted, the last ones. */
  readonly booked: readonly MovementFact[];
}

/**
 * A belief for each weighed facing of which somebody once knew the contents. Like the plates it moves on as weights are
 * heard; facts add what documents say.
 */
export interface Beliefs {
  of(facing: string): FacingBelief | null;
  /** Facings to hold against the book. */
  readonly due: Set<string>;
  /** Facings of which something new is believed since somebody last emptied this. */
  readonly changed: Set<string>;
  /** When a till was last heard of. */
  readonly lastSaleMs: number;
  /** A change was dealt with, which any of the candidates may have been. */
  hear(change: FacingChange, candidates: readonly Candidate[], receivedTimeMs: number): void;
  /** Documents have counted the facing while a plate was ill: so much lies there, whatever its plates told before. */
  anchor(facing: string, counts: Counts): void;
  set(facing: string, belief: Belief): void;
  fold(fact: StockFact, eventTimeMs: number): void;
}

/** Share of a neighbour's step that a plate feels, and how far that is off (weight-shelf.md 2.3). */
const CROSS_TALK = 0.009;
const CROSS_TALK_SIGMA = 0.004;

/** Logarithms of how much rarer a till's sale is that no shelf saw leave, and a theft than a thing laid elsewhere. */
const UNSEEN_SALE = 3.5;
const UNPAID = 1.2;
/** So many movements are looked through for the one that was wrong. */
const BOOKED_KEPT = 12;
/** Longer than this without a receipt, tills may be cut off, and that nobody paid tells nothing. */
export const TILLS_HEARD_MS = 10 * 60_000;

/** Weights count neither what is sold by the gram nor, by themselves, several items on the same plates. */
export function isBelieved(planogram: Planogram, id: string): boolean {
  const facing = planogram.facing(id);
  return (
    facing !== null &&
    isWeighed(facing) &&
    planogram.pieceGrams(facing.gtin) === null &&
    planogram.sharersOf(facing).length === 0
  );
}

/**
 * `bookOf` gives what lies on a facing by the book; it is right about the `known` facings, but for those of which more
 * was `saved`.
 */
export function createBeliefs(
  planogram: Planogram,
  bookOf: (facing: string) => Counts,
  known: readonly string[],
  saved: ReadonlyMap<string, Belief> = new Map(),
): Beliefs {
  const beliefs = new Map<string, FacingBelief>();
  const due = new Set<string>();
  const changed = new Set<string>();
  let lastSaleMs = Number.NEGATIVE_INFINITY;
  const change = (facing: string, changes: Partial<FacingBelief>) => {
    beliefs.set(facing, { ...(beliefs.get(facing) ?? untouched(bookOf(facing))), ...changes });
    due.add(facing);
    changed.add(facing);
  };
  for (const facing of known) change(facing, { belief: saved.get(facing) ?? sureOf(bookOf(facing)) });
  const count = (facing: string, gtin: Gtin, counted: number) => {
    const [{ counts }] = (beliefs.get(facing) ?? untouched(bookOf(facing))).belief;
    const others = [...counts].filter(([item]) => item !== gtin);
    const own: readonly [Gtin, number][] = counted === 0 ? [] : [[gtin, counted]];
    change(facing, { belief: sureOf(new Map([...others, ...own])), booked: [] });
  };
  const hearMovement = (movement: MovementFact, eventTimeMs: number) => {
    for (const facing of concerned(planogram, movement)) if (beliefs.has(facing)) due.add(facing);
    for (const facing of placesOf(movement)) {
      const before = beliefs.get(facing);
      if (before) beliefs.set(facing, withBooked(before, movement));
    }
    const likelihood = likelihoodOf(movement, eventTimeMs - lastSaleMs < TILLS_HEARD_MS);
    if (!likelihood) return;
    const { gtin } = movement;
    for (const [facing, { belief }] of beliefs) {
      // Only of facings that may hold more or less of the item than the book has.
      if (belief.every(({ counts }) => counts.get(gtin) === belief[0].counts.get(gtin))) continue;
      const book = bookOf(facing).get(gtin) ?? 0;
      change(facing, { belief: weigh(belief, counts => likelihood((counts.get(gtin) ?? 0) - book)) });
    }
  };
  return {
    of: facing => beliefs.get(facing) ?? null,
    due,
    changed,
    get lastSaleMs() {
      return lastSaleMs;
    },
    hear(settled, candidates, changedAtMs) {
      const { facing } = settled.facing;
      const before = beliefs.get(facing);
      if (!before) return;
      const belief = observe(before.belief, { ...compensated(settled), atMs: changedAtMs, candidates });
      change(facing, { belief, evidence: evidenceOf(settled), changedAtMs });
    },
    anchor(facing, counts) {
      if (beliefs.has(facing)) change(facing, untouched(counts));
    },
    set: (facing, belief) => change(facing, { belief, refilled: false }),
    fold(fact, eventTimeMs) {
      if (fact.type === 'sale') lastSaleMs = Math.max(lastSaleMs, eventTimeMs);
      else if (fact.type === 'movement') hearMovement(fact, eventTimeMs);
      else if (fact.type === 'goods' && fact.refill) {
        const { facing, restocked, putBack } = fact.refill;
        // A note that comes before the goods says nothing about what lies there.
        if (beliefs.has(facing) && restocked + putBack > 0) change(facing, { refilled: true });
      } else if (fact.type === 'count') {
        const facing = facingOf(fact.place);
        if (facing !== null && isBelieved(planogram, facing)) count(facing, fact.gtin, fact.counted);
      }
    },
  };
}

const untouched = (book: Counts): FacingBelief => ({
  belief: sureOf(book),
  evidence: null,
  changedAtMs: Number.NEGATIVE_INFINITY,
  refilled: false,
  booked: [],
});

/** Without what the plates feel of their neighbours. */
const compensated = ({ deltaGrams, variance, besideGrams, besideVariance }: FacingChange) => ({
  deltaGrams: deltaGrams - CROSS_TALK * besideGrams,
  variance: variance - besideVariance + (CROSS_TALK_SIGMA * besideGrams) ** 2,
});

const placesOf = ({ from, to }: Pick<MovementFact, 'from' | 'to'>) =>
  [from, to].flatMap(place => facingOf(place) ?? []);

const withBooked = (known: FacingBelief, movement: MovementFact): FacingBelief => ({
  ...known,
  booked: [...known.booked, movement].slice(-BOOKED_KEPT),
});

/** Facings whose book a movement changes, or of whose item it tells. */
const concerned = (planogram: Planogram, { gtin, from, to }: MovementFact): readonly string[] => [
  ...placesOf({ from, to }),
  ...planogram.facingsOf(gtin).map(({ facing }) => facing),
];

/**
 * What a movement that only follows from a silence says about a facing that holds so many units `more` than the book
 * has, as a logarithm; null when it says nothing.
 */
function likelihoodOf(
  { cause, quantity }: MovementFact,
  areTillsHeard: boolean,
): ((more: number) => number) | null {
  if (cause === 'unexplained_sale') return more => -UNSEEN_SALE * Math.max(0, quantity + Math.min(0, more));
  if (areTillsHeard && (cause === 'unpaid' || cause === 'misplaced'))
    return more => -UNPAID * Math.max(0, quantity - Math.max(0, more));
  return null;
}
