import type { Gtin } from '../shared/gtin.ts';

/**
 * Units of one item, or grams where `unit` says so, which is right exactly for items that are sold by weight. In requests the
 * quantity is a positive whole number unless said otherwise.
 */
export interface Line extends Measured {
  readonly gtin: Gtin;
  readonly quantity: number;
}

/** What a quantity counts: pieces when left out. */
export interface Measured {
  readonly unit?: 'g';
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
  /** The advance notice that this delivery answers, whole. */
  readonly notice?: string;
}

/** A supplier announces goods (an advance shipping notice). Nothing moves until they are delivered. */
export interface NoticeDocument {
  readonly type: 'notice';
  readonly key: string;
  readonly notice: string;
  readonly lines: readonly Line[];
}

/** A customer brought goods back: they are on the returns desk until somebody carries them on. */
export interface RefundDocument {
  readonly type: 'refund';
  readonly key: string;
  readonly lines: readonly Line[];
}

/** A whole receipt is cancelled: its units are where they were before it. */
export interface VoidDocument {
  readonly type: 'void';
  readonly key: string;
  /** Key of the sale. */
  readonly sale: string;
}

/** A place in the store where a person can put a hand on goods. */
export type Where =
  | { readonly place: 'backroom' | 'returns' }
  | { readonly place: 'shelf'; readonly facing: string };

export interface WasteDocument {
  readonly type: 'waste';
  readonly key: string;
  readonly from: Where;
  readonly lines: readonly Line[];
}

/** Staff carried goods within the store. */
export interface TransferDocument {
  readonly type: 'transfer';
  readonly key: string;
  readonly from: Where;
  readonly to: Where;
  readonly lines: readonly Line[];
}

/** A person counted one item in one place. Absolute, at the document's event time. */
export interface CountDocument extends Measured {
  readonly type: 'count';
  readonly key: string;
  readonly gtin: Gtin;
  /** `backroom` or a facing's id. */
  readonly where: { readonly place: 'backroom' } | { readonly place: 'shelf'; readonly facing: string };
  /** 0 or more. */
  readonly quantity: number;
}

/** Staff put goods from the backroom on a facing. */
export interface RefillDocument extends Measured {
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

/** A temporary reservation is to last longer, or (null) until released. */
export interface ExtendDocument {
  readonly type: 'extend';
  readonly key: string;
  readonly reservation: string;
  readonly expiresAtMs: number | null;
}

/** When an order has to stand picked, and how it leaves the store. */
export interface OrderTerms {
  readonly dueAtMs: number;
  readonly handover: 'pickup' | 'delivery';
}

/** The order is certain: staff may pick it. Left-out terms are those of a pickup without haste. */
export interface ConfirmDocument {
  readonly type: 'confirm';
  readonly key: string;
  readonly reservation: string;
  readonly terms?: OrderTerms;
}

/** Staff picked units for an order from one place. */
export interface StageDocument {
  readonly type: 'stage';
  readonly key: string;
  readonly reservation: string;
  readonly from: Where;
  readonly lines: readonly Line[];
}

/** Units that were found for an order in one place. */
export interface PickedLine extends Line {
  readonly from: Where;
}

/** Picking an order is over: this was found, and no more of it. */
export interface PickOrderDocument {
  readonly type: 'pick_order';
  readonly key: string;
  readonly reservation: string;
  /** None when nothing was found. */
  readonly lines: readonly PickedLine[];
}

/** The customer has fetched the order. */
export interface HandOverDocument {
  readonly type: 'hand_over';
  readonly key: string;
  readonly reservation: string;
}

/** The cloud asks for units of an item that it alone may promise until the lease ends, even without a link. */
export interface GrantLeaseDocument {
  readonly type: 'grant_lease';
  readonly key: string;
  readonly lease: string;
  readonly gtin: Gtin;
  readonly quantity: number;
  readonly expiresAtMs: number;
}

/** What the cloud promised of a lease; `final` gives back the rest. */
export interface ReportLeaseDocument {
  readonly type: 'report_lease';
  readonly key: string;
  readonly lease: string;
  readonly sold: readonly {
    readonly reservation: string;
    readonly quantity: number;
    readonly terms?: OrderTerms;
  }[];
  readonly final: boolean;
}

export interface PriceListDocument {
  readonly type: 'price_list';
  readonly key: string;
  readonly version: string;
  /** Price of one unit in the currency's minor unit (cents). */
  readonly prices: readonly { readonly gtin: Gtin; readonly priceMinor: number }[];
  /** Of a list that came signed; left out for one that is in force as soon as it comes. */
  readonly signed?: { readonly version: number; readonly rollback: boolean };
}

/** Policies for the whole store, checked and with every default filled in. */
export interface ConfigureDocument {
  readonly type: 'configure';
  readonly key: string;
  /** 0 with `rollback`: back to the store's own files. */
  readonly version: number;
  readonly rollback: boolean;
  /** null: those of the store's own files. */
  readonly policies: Readonly<Record<string, unknown>> | null;
  /** How long the store watches itself before it keeps them. */
  readonly confirmWithinMs: number;
}

/** What the watch over a configuration found. */
export interface SettleConfigurationDocument {
  readonly type: 'settle_configuration';
  readonly key: string;
  readonly version: number;
  /** What is worse than before; null when the store is well. */
  readonly trouble: string | null;
}

/** A counter's report of one interval. Its people come on top of all others, so a repeat must not count. */
export interface PeopleDocument {
  readonly type: 'people';
  /** Device and the report's own name or time. */
  readonly key: string;
  readonly device: string;
  /** 0 or more; null when the report does not tell this direction. */
  readonly in: number | null;
  readonly out: number | null;
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
  | ExtendDocument
  | ConfirmDocument
  | StageDocument
  | PickOrderDocument
  | HandOverDocument
  | GrantLeaseDocument
  | ReportLeaseDocument
  | NoticeDocument
  | RefundDocument
  | VoidDocument
  | WasteDocument
  | TransferDocument
  | PriceListDocument
  | ConfigureDocument
  | SettleConfigurationDocument
  | TaskDocument
  | PeopleDocument;
