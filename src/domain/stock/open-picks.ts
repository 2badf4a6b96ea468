import type { MovementFact, ShelfEventFact, StockFact } from './facts.ts';
import { facingOf } from './movement.ts';
import { observeLag, type PayLag, UNKNOWN_LAG } from './pay-lag.ts';

/** Units that a shelf saw leave and that nobody has paid yet. */
export interface OpenPick {
  /** null when the log no longer says where they were taken. */
  readonly facing: string | null;
  readonly atMs: number;
  readonly left: number;
}

/** Units that a document took from a cart and that no shelf has seen leave yet. */
export interface OpenSale {
  readonly key: string;
  readonly atMs: number;
  readonly left: number;
}

export interface ItemInCarts {
  /** Oldest first. */
  readonly picks: readonly OpenPick[];
  readonly sales: readonly OpenSale[];
  /** Picks that ended unpaid lately, in case a till was only late. */
  readonly givenUp: readonly OpenPick[];
  /** Picks that a shelf saw come back lately, in case a refill's note says that it was other goods. */
  readonly putBack: readonly OpenPick[];
}

/** A weight that no facing explains, which may be something that was laid down where it does not belong. */
export interface Stray {
  readonly grams: number;
  readonly atMs: number;
}

/** A pick that may have been of another item on the same plates. */
export interface AmbiguousPick {
  readonly event: ShelfEventFact;
  readonly atMs: number;
}

/**
 * What is behind the balance of `cart`: for each item the units of `picks` less those of `sales` are what is in
 * carts, and never both at once. A fold of movements, so that whoever moves units keeps it right.
 */
export interface OpenPicks {
  of(gtin: string): ItemInCarts;
  /** Items with open picks or sales. */
  items(): readonly string[];
  readonly strays: readonly Stray[];
  /** Oldest first, until a receipt has told. */
  readonly ambiguous: readonly AmbiguousPick[];
  /** How long customers take from the shelf to the till. */
  readonly lag: PayLag;
  fold(fact: StockFact, eventTimeMs: number): void;
}

/** Tills that were offline for longer than this are settled by counts. */
export const GIVEN_UP_KEPT_MS = 24 * 60 * 60_000;
const MOST_GIVEN_UP = 200;
const MOST_STRAYS = 100;
const MOST_AMBIGUOUS = 200;

const MOST_PUT_BACK = 50;

const NOTHING: ItemInCarts = { picks: [], sales: [], givenUp: [], putBack: [] };

interface Portion {
  readonly left: number;
}

/** Takes units from the front of a list. */
export function takeUnits<P extends Portion>(portions: readonly P[], units: number) {
  let wanted = units;
  const taken: P[] = [];
  const rest: P[] = [];
  for (const portion of portions) {
    const part = Math.min(wanted, portion.left);
    wanted -= part;
    if (part > 0) taken.push({ ...portion, left: part });
    if (part < portion.left) rest.push({ ...portion, left: portion.left - part });
  }
  return { taken, rest, missing: wanted };
}

export const unitsOf = (portions: readonly Portion[]): number =>
  portions.reduce((sum, { left }) => sum + left, 0);

const byTime = (a: OpenPick, b: OpenPick) => a.atMs - b.atMs;

function intoCart(item: ItemInCarts, { from, cause, quantity }: MovementFact, atMs: number): ItemInCarts {
  const matched = takeUnits(item.sales, quantity);
  const sales = matched.rest;
  if (cause === 'reopened') {
    const reopened = takeUnits(item.givenUp, quantity);
    const back = takeUnits(reopened.taken, matched.missing).taken;
    return { ...item, sales, givenUp: reopened.rest, picks: [...item.picks, ...back].toSorted(byTime) };
  }
  if (cause === 'refill') {
    // The cart never gave them back, so they were taken when they were.
    const kept = takeUnits(item.putBack.toReversed(), quantity);
    const since = [...kept.taken, { facing: null, atMs, left: kept.missing }].filter(({ left }) => left > 0);
    const back = takeUnits(since.toSorted(byTime), matched.missing).taken;
    const picks = [...item.picks, ...back].toSorted(byTime);
    return { ...item, sales, picks, putBack: kept.rest.toReversed() };
  }
  if (matched.missing === 0) return { ...item, sales };
  return { ...item, sales, picks: [...item.picks, { facing: facingOf(from), atMs, left: matched.missing }] };
}

/** What is put back was taken last, and from where it is put; what is paid was taken first. */
function inOrderOfLeaving({ picks }: ItemInCarts, { to, cause }: MovementFact): readonly OpenPick[] {
  if (cause !== 'put') return picks;
  const facing = facingOf(to);
  const newestFirst = picks.toReversed();
  return [
    ...newestFirst.filter(pick => pick.facing === facing),
    ...newestFirst.filter(pick => pick.facing !== facing),
  ];
}

function outOfCart(item: ItemInCarts, movement: MovementFact, atMs: number): ItemInCarts {
  const { quantity, cause, evidence } = movement;
  const { taken, rest, missing } = takeUnits(inOrderOfLeaving(item, movement), quantity);
  const key = evidence.kind === 'document' ? evidence.key : '';
  const isGivenUp = cause === 'unpaid' || cause === 'misplaced';
  const kept = item.givenUp.filter(pick => atMs - pick.atMs <= GIVEN_UP_KEPT_MS);
  return {
    picks: cause === 'put' ? rest.toSorted(byTime) : rest,
    sales: missing > 0 ? [...item.sales, { key, atMs, left: missing }] : item.sales,
    givenUp: isGivenUp ? [...kept, ...taken].slice(-MOST_GIVEN_UP) : kept,
    putBack: cause === 'put' ? [...item.putBack, ...taken].slice(-MOST_PUT_BACK) : item.putBack,
  };
}

const isCorrected = ({ event }: AmbiguousPick, { gtin, from, corrects }: MovementFact): boolean =>
  from === 'cart' &&
  event.gtin === gtin &&
  event.evidence.kind === 'weights' &&
  corrects?.kind === 'weights' &&
  event.evidence.device === corrects.device &&
  event.evidence.settledMs === corrects.settledMs;

/** Open picks that begin with what lies `beneath` and leave that as it is. */
export function createOpenPicks(
  beneath: Pick<OpenPicks, 'of' | 'items' | 'strays' | 'ambiguous' | 'lag'> | null = null,
): OpenPicks {
  const items = new Map<string, ItemInCarts>();
  let strays = beneath?.strays ?? [];
  let ambiguous = beneath?.ambiguous ?? [];
  let lag = beneath?.lag ?? UNKNOWN_LAG;
  const of = (gtin: string) => items.get(gtin) ?? beneath?.of(gtin) ?? NOTHING;
  const isOpen = (gtin: string) => of(gtin).picks.length + of(gtin).sales.length > 0;

  const move = (fact: MovementFact, atMs: number) => {
    const before = of(fact.gtin);
    const after = fact.to === 'cart' ? intoCart(before, fact, atMs) : outOfCart(before, fact, atMs);
    items.set(fact.gtin, after);
    if (fact.cause !== 'sale' || fact.from !== 'cart') return;
    // While other picks are open, it may be one of those that was paid.
    if (unitsOf(before.picks) !== fact.quantity) return;
    for (const pick of before.picks) {
      if (pick.facing !== null && pick.atMs < atMs) lag = observeLag(lag, atMs - pick.atMs);
    }
  };
  return {
    of,
    items: () => [...new Set([...(beneath?.items() ?? []), ...items.keys()])].filter(isOpen),
    get strays() {
      return strays;
    },
    get ambiguous() {
      return ambiguous;
    },
    get lag() {
      return lag;
    },
    fold(fact, eventTimeMs) {
      if (fact.type === 'movement') {
        if (fact.from === 'cart' || fact.to === 'cart') move(fact, eventTimeMs);
        if (fact.cause === 'resolved') ambiguous = ambiguous.filter(pick => !isCorrected(pick, fact));
      } else if (fact.type === 'shelf_event' && fact.units < 0 && fact.rivals) {
        ambiguous = [...ambiguous, { event: fact, atMs: eventTimeMs }].slice(-MOST_AMBIGUOUS);
      } else if (fact.type === 'unexplained_weight' && fact.evidence.kind === 'weights') {
        const { deltaGrams } = fact.evidence;
        if (deltaGrams > 0) {
          strays = [...strays, { grams: deltaGrams, atMs: eventTimeMs }].slice(-MOST_STRAYS);
        }
      }
    },
  };
}

/**
 * Open picks as they were: the facts of the last day, on top of what carts held before them, of which only
 * the number is known.
 */
export function restoreOpenPicks(
  inCart: ReadonlyMap<string, number>,
  facts: readonly { readonly fact: StockFact; readonly eventTimeMs: number }[],
): OpenPicks {
  const first = new Map(inCart);
  for (const { fact } of facts) {
    if (fact.type !== 'movement') continue;
    if (fact.to === 'cart') first.set(fact.gtin, (first.get(fact.gtin) ?? 0) - fact.quantity);
    if (fact.from === 'cart') first.set(fact.gtin, (first.get(fact.gtin) ?? 0) + fact.quantity);
  }
  const atMs = facts[0]?.eventTimeMs ?? Number.NEGATIVE_INFINITY;
  const items = new Map<string, ItemInCarts>();
  for (const [gtin, units] of first) {
    if (units > 0) items.set(gtin, { ...NOTHING, picks: [{ facing: null, atMs, left: units }] });
    if (units < 0) items.set(gtin, { ...NOTHING, sales: [{ key: '', atMs, left: -units }] });
  }
  const picks = createOpenPicks({
    of: gtin => items.get(gtin) ?? NOTHING,
    items: () => [...items.keys()],
    strays: [],
    ambiguous: [],
    lag: UNKNOWN_LAG,
  });
  for (const { fact, eventTimeMs } of facts) picks.fold(fact, eventTimeMs);
  return picks;
}
