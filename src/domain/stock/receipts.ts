import { limits } from '../../shared/limits.ts';
import type { MovementFact, StockFact } from './facts.ts';

/** A sale of the last day with what it moved. */
export interface Receipt {
  readonly sold: readonly MovementFact[];
  readonly voided: boolean;
}

/** The sales that can still be cancelled. Full: the oldest is forgotten. */
export interface Receipts {
  find(key: string): Receipt | null;
  fold(fact: StockFact): void;
}

export function createReceipts(): Receipts {
  const receipts = new Map<string, Receipt>();
  return {
    find: key => receipts.get(key) ?? null,
    fold(fact) {
      if (fact.type === 'sale') {
        receipts.set(fact.key, { sold: [], voided: false });
        for (const oldest of receipts.keys()) {
          if (receipts.size <= limits.rememberedReceipts) break;
          receipts.delete(oldest);
        }
      } else if (fact.type === 'movement' && fact.cause === 'sale' && fact.evidence.kind === 'document') {
        const found = receipts.get(fact.evidence.key);
        if (found) receipts.set(fact.evidence.key, { ...found, sold: [...found.sold, fact] });
      } else if (fact.type === 'goods' && fact.sale !== undefined) {
        const found = receipts.get(fact.sale);
        if (found) receipts.set(fact.sale, { ...found, voided: true });
      }
    },
  };
}
