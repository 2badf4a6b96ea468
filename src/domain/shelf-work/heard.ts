import type { Line, OrderTerms } from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';

/** What this domain hears of the stock, in as few words as it needs. The step hands it the stock's own facts. */
export type HeardFact =
  | {
      readonly type: 'movement';
      readonly gtin: Gtin;
      readonly from: string;
      readonly to: string;
      readonly quantity: number;
      readonly cause: string;
      readonly confidence: number;
      readonly evidence: { readonly kind: string };
    }
  | { readonly type: 'sale'; readonly lines: readonly Line[] }
  | { readonly type: 'count'; readonly gtin: Gtin; readonly place: string }
  | {
      readonly type: 'unexplained_weight';
      readonly facing: string;
      readonly gtin: Gtin;
      readonly evidence: { readonly kind: string; readonly deltaGrams?: number };
    }
  | {
      readonly type: 'plate_trouble';
      readonly facing: string;
      readonly trouble: string;
      readonly state: string;
    }
  | {
      readonly type: 'shortage';
      readonly gtin: Gtin;
      readonly reservation: string;
      readonly missing: number;
      readonly cause?: string;
    }
  | {
      readonly type: 'reservation';
      readonly reservation: string;
      readonly state: string;
      readonly lines: readonly (Line & { readonly staged?: number })[];
      readonly terms?: OrderTerms;
    }
  | {
      readonly type: 'unit_weight';
      readonly gtin: Gtin;
      readonly change: string;
      readonly catalogueGrams: number;
      readonly meanGrams: number;
    };

const HEARD: readonly string[] = [
  'movement',
  'sale',
  'count',
  'unexplained_weight',
  'plate_trouble',
  'shortage',
  'reservation',
  'unit_weight',
] satisfies HeardFact['type'][];

export const isHeard = <F extends { readonly type: string }>(
  fact: F,
): fact is Extract<F, { readonly type: HeardFact['type'] }> => HEARD.includes(fact.type);
