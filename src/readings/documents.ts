import type { Gtin } from '../shared/gtin.ts';

/** Units of one item. In requests the quantity is a positive whole number unless said otherwise. */
export interface Line {
  readonly gtin: Gtin;
  readonly quantity: number;
}

/** A receipt. `key` is the till's own number for it and is what makes a repeat harmless. */
export interface SaleDocument {
  readonly type: 'sale';
  readonly key: string;
  readonly till: string;
  readonly lines: readonly Line[];
}

/** Goods received at the back door: supplier to backroom. */
export interface DeliveryDocument {
  readonly type: 'delivery';
  readonly key: string;
  readonly lines: readonly Line[];
}

/** A person counted one item in one place. Absolute, at the document's event time. */
export interface CountDocument {
  readonly type: 'count';
  readonly key: string;
  readonly gtin: Gtin;
  /** `backroom` or a facing's id. */
  readonly where: { readonly place: 'backroom' } | { readonly place: 'shelf'; readonly facing: string };
  /** 0 or more. */
  readonly quantity: number;
}

/** Staff put goods from the backroom on a facing. */
export interface RefillDocument {
  readonly type: 'refill';
  readonly key: string;
  readonly facing: string;
  readonly quantity: number;
}

/** The cloud (or a till system) asks for units to be held for an order. */
export interface ReserveDocument {
  readonly type: 'reserve';
  readonly key: string;
  readonly reservation: string;
  readonly lines: readonly Line[];
  /** Temporary reservations end by themselves; null means pending until released. */
  readonly expiresAtMs: number | null;
}

export interface ReleaseDocument {
  readonly type: 'release';
  readonly key: string;
  readonly reservation: string;
}

export interface PriceListDocument {
  readonly type: 'price_list';
  readonly key: string;
  readonly version: string;
  /** Price of one unit in the currency's minor unit (cents). */
  readonly prices: readonly { readonly gtin: Gtin; readonly priceMinor: number }[];
}

/** What somebody on the floor says about a task: that they go, that it is done, or that it need not be done. */
export interface TaskDocument {
  readonly type: 'task';
  readonly key: string;
  /** Id of the task. */
  readonly task: string;
  readonly action: 'take' | 'done' | 'dismiss';
  /** What was found, never who found it. */
  readonly note: string | null;
}

export type Document =
  | SaleDocument
  | DeliveryDocument
  | CountDocument
  | RefillDocument
  | ReserveDocument
  | ReleaseDocument
  | PriceListDocument
  | TaskDocument;
