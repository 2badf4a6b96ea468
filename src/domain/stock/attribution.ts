import type { Gtin } from '../../shared/gtin.ts';
import type { Evidence, MovementFact, Place, RivalUnits } from './facts.ts';
import { foreignUnits } from './foreign.ts';
import { explain } from './hypothesis.ts';
import type { Draft } from './ledger.ts';
import { movement, shelfPlace } from './movement.ts';
import { explainShared } from './shared-plate.ts';
import type { Booked, FacingChange } from './shelf.ts';
import type { UnitWeights } from './unit-weight.ts';
import { explainGrams } from './weighed-goods.ts';

/** A unit must stand out of the plate's noise by this much to be counted by weight (weight-shelf.md 5.9). */
const LEAST_SIGMAS = 3;
/** An arm always leaves, and leaves everything as it was; a unit that is put down is seldom taken again at once. */
const AT_ONCE_AGAIN = 20;
/** What went must be known this well to be followed to the next facing as one event. */
const LEAST_SLIDE = 0.8;
/** A unit that arrives while carts hold some may be theirs or the first of a refill; only the refill's note tells. */
const CONFIDENCE_OF_ORIGIN = 0.7;

/**
 * Turns a facing's settled change into facts. Returns whether it is dealt with: a change that nothing
 * explains is left open while it may still be a hand.
 */
export function attribute(
  draft: Draft,
  change: FacingChange,
  weights: Pick<UnitWeights, 'of'>,
): boolean | Booked {
  if (change.slidFrom) return slid(draft, change, change.slidFrom, weights);
  const { facing, gtin, unitWeightGrams } = change.facing;
  const heaviest = Math.max(unitWeightGrams, ...change.sharers.map(sharer => sharer.unitWeightGrams));
  if (heaviest < LEAST_SIGMAS * change.sigmaGrams) return true;
  const wasGoods = change.undoes ? goodsAfterAll(change.undoes) : 1;
  if (change.undoes && wasGoods < 0.5) return undo(draft, change, change.undoes);
  if (change.sharers.length > 0) return attributeShared(draft, change, weights, wasGoods);
  const others = foreignUnits(change.deltaGrams, change.facing, change.items, draft.balances, weights);
  const expected = expectationOf(draft, change);
  const byPiece = () =>
    explain(change.deltaGrams, weights.of(gtin, unitWeightGrams), change.variance, expected, others);
  const found = change.reset ? null : change.facing.byWeight ? explainGrams(change) : byPiece();
  const evidence = evidenceOf(change);
  if (!found) {
    if (change.final) draft.add({ type: 'unexplained_weight', facing, gtin, evidence });
    return change.final;
  }
  const { units } = found;
  const confidence = found.confidence * wasGoods;
  if (found.foreign !== null)
    return carried(draft, facing, { units, confidence, gtin: found.foreign, evidence });
  if (units < 0) taken(draft, change, -units, confidence, evidence);
  return units > 0 ? put(draft, change, units, confidence, evidence) : true;
}

/** One thing went from the next facing to this one: a single event, unless what went is nothing that we know. */
function slid(
  draft: Draft,
  change: FacingChange,
  from: FacingChange,
  weights: Pick<UnitWeights, 'of'>,
): boolean {
  const origin = from.facing;
  const unit = weights.of(origin.gtin, origin.unitWeightGrams);
  const others = foreignUnits(from.deltaGrams, origin, from.items, draft.balances, weights);
  const found = explain(from.deltaGrams, unit, from.variance, expectationOf(draft, from), others);
  if (!found || found.units >= 0 || found.confidence < LEAST_SLIDE) return false;
  const { facing } = change.facing;
  const gtin = found.foreign ?? origin.gtin;
  const moved = { gtin, confidence: found.confidence, evidence: evidenceOf(change) };
  const way = { from: shelfPlace(origin.facing), to: shelfPlace(facing), cause: 'moved' } as const;
  draft.add(
    { type: 'shelf_event', facing, units: -found.units, matched: 0, ...moved },
    movement({ ...way, quantity: -found.units, ...moved }),
  );
  return true;
}

const expectationOf = (draft: Draft, { facing: { facing, gtin }, mayLean, afterGap }: FacingChange) => ({
  believed: draft.balances.quantity(gtin, shelfPlace(facing)),
  inCart: draft.balances.quantity(gtin, 'cart'),
  filling: draft.refills.isFilling(facing, draft.moment.eventTimeMs),
  mayLean,
  afterGap,
});

/** The same where several items stand on the plates: which of them it was is told with what else it may have been. */
function attributeShared(
  draft: Draft,
  change: FacingChange,
  weights: Pick<UnitWeights, 'of'>,
  wasGoods: number,
): boolean | Booked {
  const { facing, gtin } = change.facing;
  const parts = change.reset ? null : explainShared(draft, change, weights);
  if (!parts) {
    if (change.final) draft.add({ type: 'unexplained_weight', facing, gtin, evidence: evidenceOf(change) });
    return change.final;
  }
  const movements: MovementFact[] = [];
  let isWhole = true;
  let sure = 1;
  for (const { facing: sharer, units, rivals, ...part } of parts) {
    const confidence = part.confidence * wasGoods;
    sure = Math.min(sure, confidence);
    const own = { ...change, facing: sharer, rivals };
    if (units < 0) taken(draft, own, -units, confidence, evidenceOf(change));
    const booked = units > 0 ? put(draft, own, units, confidence, evidenceOf(change)) : true;
    if (typeof booked === 'object') movements.push(...booked.movements);
    else isWhole = false;
  }
  return isWhole && movements.length > 0 ? { movements, confidence: sure } : true;
}

/** Probability that what was put there was goods, now that it is off again so soon and so exactly. */
const goodsAfterAll = ({ confidence }: Booked): number =>
  confidence / (confidence + AT_ONCE_AGAIN * (1 - confidence));

/** Takes back what was booked for something that is off the shelf again, exactly as it was booked. */
function undo(draft: Draft, change: FacingChange, { movements }: Booked): true {
  const evidence = evidenceOf(change);
  for (const { gtin, from, to, quantity, confidence } of movements) {
    draft.add(movement({ gtin, from: to, to: from, quantity, cause: 'reverted', confidence, evidence }));
  }
  return true;
}

interface Explained extends FacingChange {
  readonly rivals?: readonly RivalUnits[];
}

const rivalsOf = ({ rivals = [] }: Explained) => (rivals.length > 0 ? { rivals } : {});

interface Carried {
  readonly gtin: Gtin;
  readonly units: number;
  readonly confidence: number;
  readonly evidence: Evidence;
}

/** An item that does not belong there was put down, or taken away again. */
function carried(
  draft: Draft,
  facing: string,
  { gtin, units, confidence, evidence }: Carried,
): boolean | Booked {
  const quantity = Math.abs(units);
  const shelf = shelfPlace(facing);
  const way =
    units > 0
      ? ({ from: 'cart', to: shelf, cause: 'put' } as const)
      : ({ from: shelf, to: 'cart', cause: 'pick' } as const);
  const moved = movement({ ...way, gtin, quantity, confidence, evidence });
  draft.add({ type: 'shelf_event', facing, gtin, units, matched: 0, confidence, evidence }, moved);
  return units > 0 ? { movements: [moved], confidence } : true;
}

function taken(draft: Draft, change: Explained, units: number, confidence: number, evidence: Evidence): void {
  const { facing, gtin } = change.facing;
  const from = shelfPlace(facing);
  const move = { gtin, from, quantity: units, confidence, evidence } as const;
  if (draft.refills.isJustRestocked(facing, units, draft.moment.eventTimeMs)) {
    // It was an arm or a thing, so neither step was an event of goods.
    draft.add(movement({ ...move, to: 'backroom', cause: 'reverted' }));
    return;
  }
  draft.add(
    {
      type: 'shelf_event',
      facing,
      gtin,
      units: -units,
      matched: 0,
      confidence,
      ...rivalsOf(change),
      evidence,
    },
    movement({ ...move, to: 'cart', cause: 'pick' }),
  );
}

/** Units that a refill announced were moved by it; then what a cart held, or the returns desk; the rest is new. */
function put(
  draft: Draft,
  change: Explained,
  units: number,
  confidence: number,
  evidence: Evidence,
): boolean | Booked {
  const { facing, gtin } = change.facing;
  const matched = Math.min(units, draft.refills.openCredit(facing, draft.moment.eventTimeMs));
  const inCart = Math.max(0, draft.balances.quantity(gtin, 'cart'));
  const returned = Math.min(units - matched, inCart);
  const originConfidence = inCart > 0 ? CONFIDENCE_OF_ORIGIN : 1;
  const fromReturns = Math.min(
    units - matched - returned,
    Math.max(0, draft.balances.quantity(gtin, 'returns')),
  );
  const restocked = units - matched - returned - fromReturns;
  draft.add({ type: 'shelf_event', facing, gtin, units, matched, confidence, ...rivalsOf(change), evidence });
  const moved: MovementFact[] = [];
  const move = (from: Place, cause: 'put' | 'restock', quantity: number) => {
    if (quantity === 0) return;
    const way = { from, to: shelfPlace(facing), cause };
    moved.push(movement({ ...way, gtin, quantity, confidence, originConfidence, evidence }));
  };
  move('cart', 'put', returned);
  move('returns', 'put', fromReturns);
  move('backroom', 'restock', restocked);
  draft.add(...moved);
  // What a refill announced is expected there, however its weight comes and goes.
  return matched > 0 || { movements: moved, confidence };
}

function evidenceOf({ device, plates, deltaGrams, onsetMs, settledMs }: FacingChange): Evidence {
  const round = (value: number, steps: number) => Math.round(value * steps) / steps;
  return {
    kind: 'weights',
    device,
    plates,
    deltaGrams: round(deltaGrams, 100),
    onsetMs: Math.round(onsetMs),
    settledMs: Math.round(settledMs),
  };
}
