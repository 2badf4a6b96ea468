import type { StockFact } from './facts.ts';
import type { Explanation } from './hypothesis.ts';
import type { Planogram } from './planogram.ts';

/** A change of weight comes from nothing more often than one would think, and from goods of any weight alike. */
const PRIOR_NOTHING = 0.3;
const ANY_GRAMS = 2_000;
/** What settles may be off by this much for no reason, square grams. */
const SETTLING_VARIANCE = 4;

/**
 * What a settled change, with its own variance in square grams, says about an item that is sold by weight: its grams, or 0
 * when it is nothing but noise. Null while a thing put there may still be an arm.
 */
export function explainGrams({
  deltaGrams,
  variance,
  mayLean,
}: {
  readonly deltaGrams: number;
  readonly variance: number;
  readonly mayLean: boolean;
}): Explanation | null {
  if (deltaGrams > 0 && mayLean) return null;
  const spread = variance + SETTLING_VARIANCE;
  const density = Math.exp(-(deltaGrams ** 2) / (2 * spread)) / Math.sqrt(2 * Math.PI * spread);
  const nothing = PRIOR_NOTHING * density;
  const goods = (1 - PRIOR_NOTHING) / ANY_GRAMS;
  const units = goods > nothing ? Math.round(deltaGrams) : 0;
  return { foreign: null, units, confidence: Math.max(goods, nothing) / (goods + nothing) };
}

/** Marks the quantities of items that are sold by weight as grams, so that the log needs no site file to be read. */
export function inTheirUnits(planogram: Planogram, facts: readonly StockFact[]): readonly StockFact[] {
  return planogram.sellsByWeight ? facts.map(fact => inItsUnit(planogram, fact)) : facts;
}

function inItsUnit({ pieceGrams }: Planogram, fact: StockFact): StockFact {
  switch (fact.type) {
    case 'movement':
    case 'count':
    case 'shelf_event':
    case 'shortage':
    case 'discrepancy':
      return pieceGrams(fact.gtin) === null ? fact : { ...fact, unit: 'g' };
    default:
      return fact;
  }
}
