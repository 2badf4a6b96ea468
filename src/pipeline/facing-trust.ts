import * as shelfWork from '../domain/shelf-work/shelf-work.ts';
import * as stock from '../domain/stock/stock.ts';
import type { Fact } from '../store/fact.ts';
import type { FacingTrust } from '../store/store.ts';

/** Smaller changes of a probability are not worth a row. */
const TOLD_ABOVE = 0.001;

export interface TrustBook {
  /** What the plates of a facing leave of its count; null where they tell nothing. */
  weighed(facing: string): stock.Trusted | null;
  hear(fact: Fact): void;
  /** What has changed since the last time, to be stored with the facts that changed it. */
  take(work: shelfWork.ShelfWorkState): readonly FacingTrust[];
}

/** How sure each facing's count is: from its plates where there are any, else from what was heard of it. */
export function createTrustBook(stored: readonly FacingTrust[], state: stock.StockState): TrustBook {
  const rows = new Map(stored.map(row => [row.facing, row]));
  const byWeight = new Map<string, ReturnType<typeof stock.weighedTrust>>();
  const changed = new Set<string>();
  const believed = state.beliefs.changed;
  const trustOf = (facing: string) => {
    if (!byWeight.has(facing) || changed.has(facing) || believed.has(facing)) {
      byWeight.set(facing, stock.weighedTrust(state, facing));
    }
    return byWeight.get(facing) ?? null;
  };
  const rowOf = (work: shelfWork.ShelfWorkState, facing: string): FacingTrust | null => {
    const counted = shelfWork.trust(work, facing);
    if (!counted) return null;
    const { gtin, quantity, probability } = counted;
    const weighed = trustOf(facing);
    const { best, contents } = weighed ?? { best: quantity, contents: null };
    return { facing, gtin, best, probability, contents, atMs: state.nowMs };
  };
  return {
    weighed: facing => trustOf(facing),
    hear: fact => {
      for (const facing of facingsOf(fact)) changed.add(facing);
    },
    take(work) {
      // Before the first reading of the stock there is nothing new, and no time to hold it against.
      if (!Number.isFinite(state.nowMs)) return [];
      const taken = [...new Set([...changed, ...believed])].flatMap(facing => {
        const row = rowOf(work, facing);
        if (!row || !isNews(rows.get(facing), row)) return [];
        rows.set(facing, row);
        return [row];
      });
      changed.clear();
      believed.clear();
      return taken;
    },
  };
}

/** Facings of whose count a fact tells. */
function facingsOf(fact: Fact): readonly string[] {
  switch (fact.type) {
    case 'movement':
      return [fact.from, fact.to].filter(isShelf).map(facingAt);
    case 'count':
      return isShelf(fact.place) ? [facingAt(fact.place)] : [];
    case 'plate_trouble':
      return [fact.facing];
    case 'item_day':
      return fact.facings.map(({ facing }) => facing);
    default:
      return [];
  }
}

const SHELF = 'shelf:';
const isShelf = (place: string) => place.startsWith(SHELF);
const facingAt = (place: string) => place.slice(SHELF.length);

const isNews = (before: FacingTrust | undefined, row: FacingTrust): boolean =>
  before?.gtin !== row.gtin ||
  before.best !== row.best ||
  Math.abs(before.probability - row.probability) > TOLD_ABOVE ||
  JSON.stringify(before.contents?.map(({ units }) => units)) !==
    JSON.stringify(row.contents?.map(({ units }) => units));
