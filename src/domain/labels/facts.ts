import type { Gtin } from '../../shared/gtin.ts';

/** A price that ought to be shown, from the site file or from a price list. */
export interface PriceFact {
  readonly type: 'price';
  readonly gtin: Gtin;
  readonly priceMinor: number;
  readonly currency: string;
  readonly version: string;
}

export type LabelState =
  | 'requested' // a command to show this price is on its way
  | 'shown' // the label acknowledged it: only now is it a price in force
  | 'failed'; // the label refused it

export interface LabelFact {
  readonly type: 'label';
  readonly label: string;
  readonly facing: string;
  readonly gtin: Gtin;
  readonly priceMinor: number;
  readonly currency: string;
  readonly name: string;
  readonly state: LabelState;
  readonly commandId: string;
  readonly detail: string | null;
}

/** A price list was taken over. Its prices are facts of their own, those that changed. */
export interface PriceListFact {
  readonly type: 'price_list';
  /** Its name. */
  readonly list: string;
  /** Of a signed list; 0 for one that came without. */
  readonly version: number;
  /** Highest version that this store ever had in force. */
  readonly highestVersion: number;
}

export type LabelsFact = PriceFact | LabelFact | PriceListFact;
