import type { Gtin } from '../../shared/gtin.ts';
import type { Balances } from './balances.ts';
import { aged, type Belief, type Counts, contentsOf, probabilityOf, sameCounts, weigh } from './belief.ts';
import { type Beliefs, type FacingBelief, TILLS_HEARD_MS } from './beliefs.ts';
import type { Evidence, MovementFact, Place } from './facts.ts';
import { type Draft, isSeen, type Ledger } from './ledger.ts';
import type { Audit } from './matching.ts';
import { movement, shelfPlace } from './movement.ts';
import { unitsOf } from './open-picks.ts';
import { lag95Ms } from './pay-lag.ts';
import { type FacingConfig, isWeighed, type WeighedFacing } from './planogram.ts';

/** A facing is held against the book when nobody has touched it for this long, and longer while it is filled. */
const QUIET_MS = 2_000;
const QUIET_AFTER_FILLING_MS = 10_000;
/** Units that a refill's note announced may still come while its goods are carried. */
const CARRYING_MS = 30_000;

/** The book is corrected where other contents are this likely and so many times likelier than what it says. */
const LEAST_LIKELY = 0.5;
const TIMES_LIKELIER = 2.5;
/** Which strangers lie there matters less than how many of its own, so it must be surer. */
const SURE_OF_STRANGERS = 0.9;

/** A shelf misses one event in so many, so that a sale that it saw nothing of is so likely. */
const UNSEEN_SALE = 0.03;
/** So likely is it that somebody carries a thing about unpaid for so long, held against having laid it down. */
const UNPAID = 0.3;
const UNPAID_AFTER_MS = 10 * 60_000;
/** So likely is each unit's difference between a refill's note and what came. */
const OFF_A_NOTE = 0.05;
/** More units than this are no better evidence. */
const MOST_TELLING = 4;

export interface Auditor {
  readonly ledger: Ledger;
  readonly beliefs: Beliefs;
  readonly nowMs: number;
  isAtRest(facing: FacingConfig): boolean;
}

/** What lies on a facing by the book. */
export function bookOf(balances: Balances, gtins: readonly Gtin[], facing: string): Counts {
  const place = shelfPlace(facing);
  const book = new Map<Gtin, number>();
  for (const gtin of gtins) {
    const units = balances.quantity(gtin, place);
    if (units !== 0) book.set(gtin, units);
  }
  return book;
}

/**
 * Holds what the plates have told against the book, for each facing that is quiet and of which something is new. Where
 * they differ for sure enough, movements correct the book; nothing is moved that no contents with a likelihood explains.
 */
export function decideAudits(auditor: Auditor, draft: () => Draft): void {
  const { ledger, beliefs } = auditor;
  for (const id of beliefs.due) {
    const facing = ledger.planogram.facing(id);
    const known = beliefs.of(id);
    if (!facing || !isWeighed(facing) || !known || !isSeen(ledger, facing)) beliefs.due.delete(id);
    else if (isQuiet(auditor, facing, known) && hold(auditor, facing, known, draft)) beliefs.due.delete(id);
  }
}

function isQuiet({ ledger, nowMs, isAtRest }: Auditor, facing: FacingConfig, { changedAtMs }: FacingBelief) {
  const waitMs = ledger.refills.isFilling(facing.facing, nowMs) ? QUIET_AFTER_FILLING_MS : QUIET_MS;
  return nowMs - changedAtMs >= waitMs && isAtRest(facing);
}

/** Returns whether there is nothing to come back to. */
function hold(auditor: Auditor, facing: WeighedFacing, known: FacingBelief, draft: () => Draft): boolean {
  const { ledger, nowMs } = auditor;
  const { facing: id, gtin: own } = facing;
  const book = bookOf(ledger.balances, ledger.planogram.gtins, id);
  let belief = aged(known.belief, nowMs);
  if (known.refilled) belief = weigh(belief, likeNoted(book.get(own) ?? 0, own));
  if (belief !== known.belief) auditor.beliefs.set(id, belief);
  const contents = contentsNow(auditor, facing, belief, book);
  const [best] = contents;
  if (sameCounts(best.counts, book)) return best.probability > SURE_OF_STRANGERS && !mayBeArm(belief);
  const ownMissing = (book.get(own) ?? 0) - (best.counts.get(own) ?? 0);
  const least = ownMissing === 0 ? SURE_OF_STRANGERS : LEAST_LIKELY;
  const ofBook = probabilityOf(contents, counts => sameCounts(counts, book));
  if (best.probability < Math.max(least, TIMES_LIKELIER * ofBook)) return false;
  const announced = ledger.refills.openCredit(id, nowMs);
  const isComing = ownMissing > 0 && ownMissing <= announced && nowMs - known.changedAtMs < CARRYING_MS;
  if (isComing || !known.evidence) return false;
  for (const gtin of new Set([...book.keys(), ...best.counts.keys()])) {
    const corrects = culpritOf(known.booked, gtin);
    correct(draft(), facing, gtin, (best.counts.get(gtin) ?? 0) - (book.get(gtin) ?? 0), {
      confidence: best.probability,
      evidence: known.evidence,
      ...(corrects && { corrects }),
    });
  }
  return false;
}

/** What may lie on a facing by all that plates, tills and carts tell. */
export function contentsNow(auditor: Auditor, facing: WeighedFacing, belief: Belief, book: Counts) {
  const possible = belief.map(({ counts }) => counts);
  return contentsOf(belief, likelihood(auditor, facing, book, possible));
}

/** What may be an arm is looked at again until it can be none. */
const mayBeArm = (belief: Belief) => belief.some(({ thing }) => thing !== null && !thing.stays);

/** A refill's note says how many units its facing holds afterwards. */
const likeNoted = (noted: number, own: Gtin) => (counts: Counts) =>
  Math.log(OFF_A_NOTE) * Math.min(MOST_TELLING, Math.abs(noted - (counts.get(own) ?? 0)));

/**
 * How well contents go with what tills and carts tell: what does not lie on the facing is in a cart, where it may not be
 * less than nothing, nor stay for ever.
 */
function likelihood(
  { ledger, beliefs, nowMs }: Auditor,
  { facing, gtin: own }: WeighedFacing,
  book: Counts,
  possible: readonly Counts[],
): (counts: Counts) => number {
  const { balances, picks, refills } = ledger;
  // Until a refill's note comes, its units may be booked as coming back from a cart.
  const isFilled = refills.isFilling(facing, nowMs);
  const unannounced = isFilled ? refills.alreadySeen(facing, Number.MAX_SAFE_INTEGER, nowMs).putBack : 0;
  const areTillsHeard = nowMs - beliefs.lastSaleMs < TILLS_HEARD_MS;
  const unpaidBeforeMs = nowMs - Math.max(lag95Ms(picks.lag), UNPAID_AFTER_MS);
  const gtins = new Set(possible.flatMap(counts => [...counts.keys()]));
  const items = [...gtins].map(gtin => ({
    gtin,
    booked: book.get(gtin) ?? 0,
    inCart: balances.quantity(gtin, 'cart') + (gtin === own ? unannounced : 0),
    unpaid: areTillsHeard ? unitsOf(picks.of(gtin).picks.filter(({ atMs }) => atMs < unpaidBeforeMs)) : 0,
  }));
  return counts => {
    let product = 1;
    for (const { gtin, booked, inCart, unpaid } of items) {
      const more = (counts.get(gtin) ?? 0) - booked;
      // Its own units may have come from the backroom as well.
      const unseen = Math.max(0, (gtin === own ? Math.min(0, more) : more) - inCart);
      product *= UNSEEN_SALE ** Math.min(MOST_TELLING, unseen);
      product *= UNPAID ** Math.min(MOST_TELLING, Math.max(0, unpaid - Math.max(0, more)));
    }
    return product;
  };
}

type Grounds = Pick<Parameters<typeof movement>[0], 'evidence' | 'corrects'> & {
  readonly confidence: number;
};

/** Moves units so that the facing holds `more` of an item than the book had. */
/** So much of all doubt in what was booked must be about one movement for it to be the wrong one. */
const CULPRIT_SHARE = 0.6;
const LEAST_DOUBT = 0.02;

/** The movement of an item that was most probably booked wrong, where one stands out. */
export function culpritOf(booked: readonly MovementFact[], gtin: Gtin): Evidence | null {
  const suspects = booked.filter(({ gtin: item, cause }) => item === gtin && cause !== 'audit');
  const doubtOf = ({ confidence }: MovementFact) => 1 - confidence;
  const doubt = suspects.reduce((sum, each) => sum + doubtOf(each), 0);
  const found = suspects.find(each => doubtOf(each) >= Math.max(LEAST_DOUBT, CULPRIT_SHARE * doubt));
  return found?.evidence ?? null;
}

function correct(draft: Draft, { facing, gtin: own }: WeighedFacing, gtin: Gtin, more: number, why: Grounds) {
  const shelf = shelfPlace(facing);
  const cause = 'audit';
  if (more < 0) draft.add(movement({ gtin, from: shelf, to: 'cart', quantity: -more, cause, ...why }));
  let rest = more;
  const take = (from: Place, most: number) => {
    const quantity = Math.min(rest, most);
    rest -= Math.max(0, quantity);
    if (quantity > 0) draft.add(movement({ gtin, from, to: shelf, quantity, cause, ...why }));
  };
  const isFilled = gtin === own && draft.refills.isFilling(facing, draft.moment.eventTimeMs);
  if (!isFilled) take('cart', draft.balances.quantity(gtin, 'cart'));
  if (gtin === own) take('backroom', draft.balances.quantity(gtin, 'backroom'));
  take('unaccounted', rest);
}

const AGREES = 0.5;
const CONTRADICTS = 0.02;

/** What the belief says about units that a till sold and that the book still has on a facing. */
export const auditOf =
  (auditor: Auditor): Audit =>
  (facing, units) => {
    const known = auditor.beliefs.of(facing.facing);
    if (!known || !isWeighed(facing) || !isSeen(auditor.ledger, facing)) return 'unknown';
    const { gtin } = facing;
    const book = bookOf(auditor.ledger.balances, auditor.ledger.planogram.gtins, facing.facing);
    const most = (book.get(gtin) ?? 0) - units;
    const contents = contentsNow(auditor, facing, known.belief, book);
    const gone = probabilityOf(contents, counts => (counts.get(gtin) ?? 0) <= most);
    if (gone >= AGREES) return 'agrees';
    return gone < CONTRADICTS ? 'contradicts' : 'unknown';
  };
