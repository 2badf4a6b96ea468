import type { Gtin } from '../../shared/gtin.ts';
import type { Candidate, Counts } from './belief.ts';
import { nearnessOf } from './foreign.ts';
import type { Draft, Ledger } from './ledger.ts';
import type { OpenPick } from './open-picks.ts';
import type { WeighedFacing } from './planogram.ts';
import type { FacingChange } from './shelf.ts';
import type { UnitWeights } from './unit-weight.ts';

type Weights = Pick<UnitWeights, 'of'>;

const MOST_TAKEN = 6;
const MOST_PUT = 8;
const MOST_UNSEEN = 24;

const NOTHING = 0.3;
const PICK = 0.6;
const PER_FURTHER_UNIT = 0.22;
const PER_FURTHER_UNSEEN_UNIT = 0.8;
/** More than can be there. */
const FROM_NOTHING = 1e-4;

/** Somebody who puts back does it soon, mostly one unit, and mostly where it was. */
const PUT_BACK = 0.3;
const SOON_MS = 15_000;
const LATER = 0.05;
const MISPLACED = 0.15;
const PER_FURTHER_FROM_SAME_GRAB = 0.1;
const PER_FURTHER_FROM_OTHERS = 0.01;
const PUT_FROM_NOWHERE = 0.02;
const PER_FURTHER_FROM_NOWHERE = 0.3;

const PUT_FILLING = 0.6;
const PER_FURTHER_FILLING = 0.4;

/** Whoever fills a shelf stands before it. */
const WHILE_FILLING = 0.1;

/** What went from the next facing at that moment. */
const SLID = 0.6;

const TAKEN_AWAY = 0.02;

/** How ready what left a shelf at that time is to come back: fades from 1. */
const readiness = ({ atMs }: OpenPick, nowMs: number) =>
  LATER + (1 - LATER) * Math.exp(-Math.max(0, nowMs - atMs) / SOON_MS);

/** What a change of a facing's weight may be, as `observe` wants it. */
export function candidatesFor(
  draft: Draft,
  change: FacingChange,
  { planogram, unitWeights: weights }: Pick<Ledger, 'planogram' | 'unitWeights'>,
): readonly Candidate[] {
  const { facing, deltaGrams } = change;
  const items = change.items.filter(({ gtin }) => planogram.pieceGrams(gtin) === null);
  const nowMs = draft.moment.eventTimeMs;
  const filling = draft.refills.isFilling(facing.facing, nowMs);
  const nothing = { gtin: facing.gtin, units: 0, grams: 0, variance: 0, prior: () => NOTHING };
  const own = ownUnits(draft, change, weights, filling, nowMs);
  const strangers =
    deltaGrams > 0
      ? put(draft, change, items, weights, nowMs, filling ? WHILE_FILLING : 1)
      : takenAway(facing, items, weights);
  return [nothing, ...own, ...strangers];
}

function candidate(
  { gtin, unitWeightGrams }: WeighedFacing,
  units: number,
  weights: Weights,
  prior: (counts: Counts) => number,
): Candidate {
  const { meanGrams, sigmaGrams, meanSigmaGrams } = weights.of(gtin, unitWeightGrams);
  const variance = Math.abs(units) * sigmaGrams ** 2 + (units * meanSigmaGrams) ** 2;
  return { gtin, units, grams: units * meanGrams, variance, prior };
}

/** The numbers of the facing's own units whose weight comes near; an arm may weigh some, too. */
function ownUnits(
  draft: Draft,
  { facing, deltaGrams, afterGap }: FacingChange,
  weights: Weights,
  filling: boolean,
  nowMs: number,
): readonly Candidate[] {
  const { gtin, unitWeightGrams } = facing;
  const found: Candidate[] = [];
  const nearest = Math.round(deltaGrams / unitWeightGrams);
  const mostPut = afterGap || filling ? MOST_UNSEEN : MOST_PUT;
  const mostTaken = afterGap ? MOST_UNSEEN : MOST_TAKEN;
  const picks = draft.picks.of(gtin).picks;
  for (let units = nearest - 3; units <= nearest + 3; units++) {
    if (units === 0 || units < -mostTaken || units > mostPut) continue;
    const count = Math.abs(units);
    if (units < 0) {
      const usual = PICK * (afterGap ? PER_FURTHER_UNSEEN_UNIT : PER_FURTHER_UNIT) ** (count - 1);
      found.push(
        candidate(
          facing,
          units,
          weights,
          counts => usual * ((counts.get(gtin) ?? 0) >= count ? 1 : FROM_NOTHING),
        ),
      );
    } else {
      const prior =
        (1 - MISPLACED) * putBack(picks, count, nowMs) +
        PUT_FROM_NOWHERE * PER_FURTHER_FROM_NOWHERE ** (count - 1) +
        (filling ? PUT_FILLING * PER_FURTHER_FILLING ** (count - 1) : 0) +
        (afterGap ? 0.2 * PER_FURTHER_UNSEEN_UNIT ** (count - 1) : 0);
      found.push(candidate(facing, units, weights, () => prior));
    }
  }
  return found;
}

/** How likely it is that `count` units of what is in carts are put back now. */
function putBack(picks: readonly OpenPick[], count: number, nowMs: number): number {
  let ready = 0;
  for (const pick of picks) {
    const further = pick.left >= count ? PER_FURTHER_FROM_SAME_GRAB : PER_FURTHER_FROM_OTHERS;
    ready += readiness(pick, nowMs) * further ** (count - 1);
  }
  return PUT_BACK * ready;
}

/** Items that some cart holds and that may be put down here, where they do not belong. */
function put(
  draft: Draft,
  { facing: own, slidFrom }: FacingChange,
  items: readonly WeighedFacing[],
  weights: Weights,
  nowMs: number,
  factor: number,
): readonly Candidate[] {
  const nearest = new Map<Gtin, { item: WeighedFacing; nearness: number }>();
  for (const item of items) {
    if (item.gtin === own.gtin) continue;
    const nearness = nearnessOf(own, item);
    if (nearness > (nearest.get(item.gtin)?.nearness ?? 0)) nearest.set(item.gtin, { item, nearness });
  }
  return [...nearest.values()].flatMap(({ item, nearness }) => {
    const isSlid = item.gtin === slidFrom?.facing.gtin;
    const ready = isSlid
      ? SLID
      : factor * MISPLACED * (nearness / 15) * putBack(draft.picks.of(item.gtin).picks, 1, nowMs);
    return ready > 0 ? [candidate(item, 1, weights, () => ready)] : [];
  });
}

/** Items that lie here although they do not belong here. */
const takenAway = (
  own: WeighedFacing,
  items: readonly WeighedFacing[],
  weights: Weights,
): readonly Candidate[] => {
  const seen = new Set<Gtin>([own.gtin]);
  return items.flatMap(item => {
    if (seen.has(item.gtin)) return [];
    seen.add(item.gtin);
    return [candidate(item, -1, weights, counts => ((counts.get(item.gtin) ?? 0) > 0 ? TAKEN_AWAY : 0))];
  });
};
