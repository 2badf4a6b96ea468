import type { Line, OrderTerms } from '../../readings/documents.ts';
import type { Gtin } from '../../shared/gtin.ts';
import type { DemandModel } from './forecast.ts';

export type TaskKind =
  | 'shelf_gap' // below its minimum while the backroom has some
  | 'out_of_stock' // none on any shelf and none in the backroom
  | 'phantom_stock' // the book says that there is some, but for too long nobody took any
  | 'count_request' // its count is so doubtful that counting it pays
  | 'planogram' // weights that its item cannot explain, again and again
  | 'new_pack' // its units weigh something else than the catalogue says, all at once
  | 'misplaced' // units lie, or seem to lie, where another item belongs
  | 'order_short' // a reservation that can no longer be filled in full
  | 'order_pick'; // a confirmed order that is to be picked

export type TaskState = 'open' | 'taken' | 'done' | 'dismissed';

/** Units of one item to fetch for an order. */
export interface PickLine extends Line {
  /** null means the backroom. */
  readonly facing: string | null;
}

/** What to fetch for an order, in the order in which to walk, and by when. */
export interface OrderPick extends OrderTerms {
  readonly lines: readonly PickLine[];
}

/** One piece of work on the shelves and the state that it reached. It never says who did it. */
export interface TaskFact {
  readonly type: 'task';
  /** Names this occasion: the same trouble at the same place another time has another id. */
  readonly task: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly gtin: Gtin;
  /** Where to go; null when it is about an item as a whole. */
  readonly facing: string | null;
  /** Exactly for `order_short` and `order_pick`. */
  readonly reservation: string | null;
  /** One sentence: why there is something to do. */
  readonly reason: string;
  /** What a day of waiting is expected to cost, in minor units (cents): the order in which to work. */
  readonly priority: number;
  readonly openedAtMs: number;
  /** Who changed the state: somebody with a handheld, or the store itself because the trouble is over. */
  readonly by: 'staff' | 'store';
  readonly note: string | null;
  /** Exactly for `order_pick`; its `gtin` is then that of the first line. */
  readonly pick?: OrderPick;
}

/** One item on one day of the store: how long it could be bought, what was sold, and what was learned so far. */
export interface ItemDayFact {
  readonly type: 'item_day';
  readonly gtin: Gtin;
  /** ISO date in the store's time zone. */
  readonly day: string;
  /** Units on receipts. */
  readonly soldUnits: number;
  /** Minutes of this day over all its facings, and those of them with at least one unit. */
  readonly facingMinutes: number;
  readonly stockedMinutes: number;
  /** Share of the day, 0 to 1, with a unit on at least one of its facings. */
  readonly onShelfShare: number;
  /** Units that the whole store sold since anything of this item moved on a shelf. */
  readonly silentUnits: number;
  /** Probability, 0 to 1, that the count of each of its facings is right. */
  readonly facings: readonly { readonly facing: string; readonly sure: number }[];
  /** Demand of an average day, units. */
  readonly meanPerDay: number;
  /** Order when backroom and shelves together hold this many units or fewer. */
  readonly reorderPoint: number;
  readonly demand: DemandModel;
}

export type ShelfWorkFact = TaskFact | ItemDayFact;
