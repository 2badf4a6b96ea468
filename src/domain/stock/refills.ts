import type { Place, StockFact } from './facts.ts';
import { facingOf } from './movement.ts';

/** A refill scan and the puts that belong to it find each other within this time, in either order. */
const MATCH_WITHIN_MS = 10 * 60_000;
/** After this many puts in a row somebody is filling the shelf. */
const FILLING_AFTER_PUTS = 3;
/** Or after one put, for as long as the next one of the same hands takes. */
const NEXT_PUT_WITHIN_MS = 15_000;

/** A hand or a thing that was taken for goods is off the shelf again within this time (weight-shelf.md 5.6). */
const REVERT_WITHIN_MS = 8_000;

/** Units with the time they were booked at; `left` of them have not found their counterpart yet. */
interface Portion {
  readonly atMs: number;
  readonly left: number;
}

export interface FacingRefills {
  /** Announced by a refill document and not yet seen by the shelf. */
  readonly credits: readonly Portion[];
  /** Seen by the shelf and booked from the backroom, not yet announced. */
  readonly restocked: readonly Portion[];
  /** Seen by the shelf and booked as coming back from a cart. */
  readonly putBack: readonly Portion[];
  readonly putsInARow: number;
  readonly lastPutMs: number;
}

/** What refill documents and shelf events know of each other, so that no unit is moved twice. */
export interface Refills {
  of(facing: string): FacingRefills;
  /** Units that a document moved to the facing already and that the shelf may still see arrive. */
  openCredit(facing: string, nowMs: number): number;
  /** How many units of a refill the shelf has seen already. */
  alreadySeen(facing: string, quantity: number, nowMs: number): { restocked: number; putBack: number };
  /** Somebody seems to be filling this facing, so that many units may arrive at once. */
  isFilling(facing: string, nowMs: number): boolean;
  /** These units were taken for a restock a moment ago, and nothing else was put beside them. */
  isJustRestocked(facing: string, units: number, nowMs: number): boolean;
  fold(fact: StockFact, eventTimeMs: number): void;
}

const NONE: FacingRefills = {
  credits: [],
  restocked: [],
  putBack: [],
  putsInARow: 0,
  lastPutMs: Number.NEGATIVE_INFINITY,
};

const isNear = (atMs: number, nowMs: number) => Math.abs(nowMs - atMs) <= MATCH_WITHIN_MS;

const unitsIn = (portions: readonly Portion[], nowMs: number) =>
  portions.reduce((sum, { atMs, left }) => (isNear(atMs, nowMs) ? sum + left : sum), 0);

function add(portions: readonly Portion[], units: number, nowMs: number): readonly Portion[] {
  const kept = portions.filter(({ atMs }) => isNear(atMs, nowMs));
  return units > 0 ? [...kept, { atMs: nowMs, left: units }] : kept;
}

/** Takes units from the oldest portions first. */
function take(portions: readonly Portion[], units: number, nowMs: number): readonly Portion[] {
  let wanted = units;
  const rest: Portion[] = [];
  for (const portion of portions) {
    if (!isNear(portion.atMs, nowMs)) continue;
    const taken = Math.min(wanted, portion.left);
    wanted -= taken;
    if (taken < portion.left) rest.push({ ...portion, left: portion.left - taken });
  }
  return rest;
}

/** The facing that a fact is about and its state afterwards; null when the fact tells nothing about refills. */
function after(fact: StockFact, nowMs: number, stateOf: (facing: string) => FacingRefills) {
  if (fact.type === 'shelf_event') {
    const state = stateOf(fact.facing);
    if (fact.units < 0) return { facing: fact.facing, state: { ...state, putsInARow: 0 } };
    const credits = take(state.credits, fact.matched, nowMs);
    const putsInARow = isNear(state.lastPutMs, nowMs) ? state.putsInARow + 1 : 1;
    return { facing: fact.facing, state: { ...state, credits, putsInARow, lastPutMs: nowMs } };
  }
  if (fact.type === 'goods' && fact.refill) {
    const { facing, restocked, putBack } = fact.refill;
    const state = stateOf(facing);
    return {
      facing,
      state: {
        ...state,
        restocked: take(state.restocked, restocked, nowMs),
        putBack: take(state.putBack, putBack, nowMs),
        // Whoever notes it has done it; what has not come yet is announced, and filling goes on for that.
        putsInARow: restocked + putBack > 0 ? 0 : state.putsInARow,
      },
    };
  }
  if (fact.type === 'count') {
    // Whoever counted has seen what was carried there, so that nothing is on its way any more.
    const facing = facingOf(fact.place);
    return facing === null ? null : { facing, state: { ...stateOf(facing), credits: [] } };
  }
  return fact.type === 'movement' ? afterMovement(fact, nowMs, stateOf) : null;
}

/** Forgets the last put: the one booked from where it is booked to now. */
const withoutLast = (state: FacingRefills, to: Place): FacingRefills =>
  to === 'backroom'
    ? { ...state, restocked: state.restocked.slice(0, -1) }
    : { ...state, putBack: state.putBack.slice(0, -1) };

function afterMovement(
  { cause, from, to, quantity }: Extract<StockFact, { type: 'movement' }>,
  nowMs: number,
  stateOf: (facing: string) => FacingRefills,
) {
  const facing = facingOf(from) ?? facingOf(to);
  if (facing === null) return null;
  const state = stateOf(facing);
  switch (cause) {
    case 'reverted':
      return { facing, state: { ...withoutLast(state, to), putsInARow: 0 } };
    case 'restock':
      return { facing, state: { ...state, restocked: add(state.restocked, quantity, nowMs) } };
    case 'put':
      return { facing, state: { ...state, putBack: add(state.putBack, quantity, nowMs) } };
    case 'audit':
      return { facing, state: audited(state, { from, to, quantity }, nowMs) };
    case 'refill':
      return { facing, state: { ...state, credits: add(state.credits, quantity, nowMs) } };
    default:
      return null;
  }
}

/** Units that the weight says never came are no longer expected, nor taken for a part of the next refill. */
function audited(
  state: FacingRefills,
  { from, to, quantity }: { from: string; to: string; quantity: number },
  nowMs: number,
): FacingRefills {
  if (from === 'backroom') return { ...state, restocked: add(state.restocked, quantity, nowMs) };
  if (from === 'cart') return { ...state, putBack: add(state.putBack, quantity, nowMs) };
  if (to === 'unaccounted' || from === 'unaccounted') return state;
  const credits = take(state.credits, quantity, nowMs);
  const fromCredits = unitsIn(state.credits, nowMs) - unitsIn(credits, nowMs);
  const restocked = take(state.restocked, quantity - fromCredits, nowMs);
  const fromRestocked = unitsIn(state.restocked, nowMs) - unitsIn(restocked, nowMs);
  return {
    ...state,
    credits,
    restocked,
    putBack: take(state.putBack, quantity - fromCredits - fromRestocked, nowMs),
  };
}

type Beneath = (facing: string) => FacingRefills;

/** Refills that begin with what lies `beneath`, such as another's `of`, and leave that as it is. */
export function createRefills(
  itemOf: (facing: string) => string | null,
  beneath: Beneath = () => NONE,
): Refills {
  const states = new Map<string, FacingRefills>();
  const of = (facing: string) => states.get(facing) ?? beneath(facing);
  return {
    of,
    openCredit: (facing, nowMs) => unitsIn(of(facing).credits, nowMs),
    alreadySeen(facing, quantity, nowMs) {
      const state = of(facing);
      const restocked = Math.min(quantity, unitsIn(state.restocked, nowMs));
      return { restocked, putBack: Math.min(quantity - restocked, unitsIn(state.putBack, nowMs)) };
    },
    isFilling(facing, nowMs) {
      const { credits, putsInARow, lastPutMs } = of(facing);
      const inARow =
        (putsInARow >= FILLING_AFTER_PUTS && isNear(lastPutMs, nowMs)) ||
        (putsInARow > 0 && nowMs - lastPutMs < NEXT_PUT_WITHIN_MS);
      return inARow || unitsIn(credits, nowMs) > 0;
    },
    isJustRestocked(facing, units, nowMs) {
      const { restocked, putsInARow } = of(facing);
      const last = restocked.at(-1);
      return putsInARow === 1 && last?.left === units && nowMs - last.atMs <= REVERT_WITHIN_MS;
    },
    fold(fact, eventTimeMs) {
      const changed = after(fact, eventTimeMs, of);
      if (!changed) return;
      const item = itemOf(changed.facing);
      // A stranger that is put there is no part of a refill.
      if (item !== null && (!('gtin' in fact) || fact.gtin === item))
        states.set(changed.facing, changed.state);
    },
  };
}
