import type { StockFact } from './facts.ts';

/** Sales fade so that about the last two hundred of a store count. */
const FADING = 0.995;
/** Every item sells sometimes. */
const LEAST = 0.5;

/** What tills have sold lately: a fold of sales. */
export interface Popularity {
  /** Relative to other items of the same store. */
  of(gtin: string): number;
  fold(fact: StockFact): void;
}

export function createPopularity(): Popularity {
  const sold = new Map<string, { units: number; atSale: number }>();
  let sales = 0;
  const now = (gtin: string) => {
    const { units, atSale } = sold.get(gtin) ?? { units: 0, atSale: sales };
    return units * FADING ** (sales - atSale);
  };
  return {
    of: gtin => LEAST + now(gtin),
    fold(fact) {
      if (fact.type !== 'sale') return;
      sales++;
      for (const { gtin, quantity } of fact.lines)
        sold.set(gtin, { units: now(gtin) + quantity, atSale: sales });
    },
  };
}
