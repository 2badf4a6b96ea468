import type { ColdAlarmKind } from '../domain/cold-chain/facts.ts';
import type { LabelState } from '../domain/labels/facts.ts';
import type { PickLine, TaskKind, TaskState } from '../domain/shelf-work/facts.ts';
import type { Evidence, MovementCause, Place, ReservationState } from '../domain/stock/facts.ts';
import type { Line, OrderTerms } from '../readings/documents.ts';
import type { Quality, QualityReason } from '../readings/quality.ts';
import type { DeviceState } from '../readings/reading.ts';
import type { DeviceVitals } from '../readings/vitals.ts';
import type { PartState } from '../shared/part.ts';
import type { LogEntry } from './fact.ts';

export type { ConfigurationView } from './configuration-view.ts';
export type { DeadLetterView, ReplayView, RoomView, SyncView } from './sync-views.ts';

/** What the API answers and the dashboard shows. All times are Unix ms, all prices in minor units. */
export interface StockView {
  readonly gtin: string;
  readonly name: string;
  readonly temperatureClass: string;
  /** Units in every place that is not zero; shelf facings as `shelf:<facing>`. */
  readonly places: Readonly<Partial<Record<Place, number>>>;
  readonly onShelf: number;
  /** Probability, 0 to 1, that the count of every facing is right; null before anything of it was heard. */
  readonly confidence: number | null;
  readonly backroom: number;
  readonly inCart: number;
  readonly reserved: number;
  /** Never below 0. */
  readonly availableToPromise: number;
  /** Present for what is sold by weight: every quantity here is grams. */
  readonly unit?: 'g';
  /** Beside it, how many pieces that may be on the shelves. */
  readonly piecesOnShelf?: { readonly least: number; readonly most: number };
  readonly updatedAtMs: number | null;
  /** Log sequence of the last movement that this view includes; 0 when there was none. */
  readonly seq: number;
}

export interface MovementView {
  readonly seq: number;
  readonly gtin: string;
  readonly from: Place;
  readonly to: Place;
  readonly quantity: number;
  readonly cause: MovementCause;
  readonly confidence: number;
  /** Probability that they came from there, given item and count; left out where nothing else is possible. */
  readonly originConfidence?: number;
  /** Present for what is sold by weight: the quantity is grams. */
  readonly unit?: 'g';
  /** Of the movement that this one takes back or makes in its stead. */
  readonly corrects?: Evidence;
  readonly evidence: Evidence;
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
}

export interface FacingView {
  readonly facing: string;
  readonly fixture: string;
  readonly shelf: string;
  readonly position: number;
  readonly gtin: string;
  readonly name: string;
  readonly quantity: number;
  /**
   * Probability, 0 to 1, that the quantity is right: by its weight, or falling with every day and every unit that a
   * document took since somebody counted. Null before anything of its item was heard.
   */
  readonly confidence: number | null;
  readonly capacity: number;
  readonly minimum: number;
  readonly backroom: number;
  /** Present for what is sold by weight: its quantities are grams. */
  readonly unit?: 'g';
  /** How the count is known: by weight plates, or from tills, deliveries and counts alone. */
  readonly countedBy: 'weights' | 'documents';
  /** Why the weights of this facing cannot be trusted now; null when they can. */
  readonly trouble: QualityReason | null;
  readonly label: string | null;
  readonly priceShownMinor: number | null;
  readonly changedAtMs: number | null;
}

export interface ValueView {
  readonly device: string;
  readonly point: string;
  readonly unit: string;
  /** null exactly when the quality is bad. */
  readonly value: number | boolean | string | null;
  readonly quality: Quality;
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
  readonly lastGood: { readonly value: number | boolean | string; readonly eventTimeMs: number } | null;
}

export interface DeviceView {
  readonly device: string;
  readonly profile: string;
  readonly model: string;
  readonly kind: string;
  readonly protocol: string;
  readonly boundTo: string;
  readonly state: DeviceState;
  readonly reason: QualityReason | null;
  readonly sinceMs: number | null;
  readonly lastSeenMs: number | null;
  /** As its driver knows it now; null before the first sign, or where a driver cannot tell. */
  readonly vitals: DeviceVitals | null;
  readonly values: readonly ValueView[];
}

export interface DeviceCounts {
  readonly devices: number;
  readonly online: number;
  readonly offline: number;
}

export interface ColdAlarmView {
  readonly unit: string;
  readonly alarm: ColdAlarmKind;
  readonly sinceMs: number;
  readonly celsius: number | null;
  readonly limitCelsius: number | null;
}

export interface ColdUnitView {
  readonly unit: string;
  readonly name: string;
  readonly device: string;
  readonly temperatureClass: string;
  readonly minCelsius: number;
  readonly maxCelsius: number;
  readonly temperature: ValueView | null;
  readonly values: readonly ValueView[];
  readonly alarms: readonly ColdAlarmView[];
}

export interface TemperatureMinuteView {
  readonly minuteMs: number;
  readonly minCelsius: number | null;
  readonly meanCelsius: number | null;
  readonly maxCelsius: number | null;
}

export interface FootfallBinView {
  readonly door: string;
  readonly startMs: number;
  readonly in: number;
  readonly out: number;
}

export interface LabelView {
  readonly label: string;
  readonly facing: string;
  readonly gtin: string;
  readonly name: string;
  readonly currency: string;
  readonly wantedMinor: number | null;
  /** The last price that the label acknowledged; null when it never did. */
  readonly shownMinor: number | null;
  readonly state: LabelState | 'never';
  readonly detail: string | null;
  readonly changedAtMs: number | null;
}

export interface ReservationView {
  readonly reservation: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
  readonly expiresAtMs: number | null;
  readonly reason: string | null;
}

/** Another entry of the log that a movement rests on: its document, or how a unit was taken that nobody paid. */
export interface SourceView {
  readonly seq: number;
  /** Type of the fact. */
  readonly type: string;
  readonly eventTimeMs: number;
  readonly sentence: string;
}

/** One movement with everything that led to it. Its weights stand in `evidence`. */
export interface MovementExplanationView extends MovementView {
  readonly name: string;
  readonly documentSeq: number | null;
  readonly sources: readonly SourceView[];
  readonly sentence: string;
}

/** One movement as a reason for a number. */
export interface ReasonView {
  readonly seq: number;
  /** Units that it added to the place; negative when it took some away. */
  readonly change: number;
  /** Present for what is sold by weight: grams. */
  readonly unit?: 'g';
  readonly cause: MovementCause;
  readonly confidence: number;
  /** Of the movement that this one takes back or makes in its stead. */
  readonly corrects?: Evidence;
  readonly evidence: Evidence;
  /** Where the log has the document that it names; null for weights, or when that was trimmed. */
  readonly documentSeq: number | null;
  readonly sources: readonly SourceView[];
  readonly eventTimeMs: number;
  readonly sentence: string;
}

/** Why a place holds so many units of an item. `start` and all changes add up to the quantity. */
export interface ExplanationView {
  readonly gtin: string;
  readonly name: string;
  readonly place: Place;
  readonly quantity: number;
  /** Present for what is sold by weight: its quantities are grams. */
  readonly unit?: 'g';
  /** Probability, 0 to 1, that the quantity is right. */
  readonly confidence: number;
  readonly countedBy: 'weights' | 'documents';
  readonly trouble: QualityReason | null;
  /** The last count of this place: what everything since is added to. */
  readonly anchor: {
    readonly seq: number;
    readonly key: string;
    readonly counted: number;
    readonly believed: number;
    readonly eventTimeMs: number;
  } | null;
  readonly start: number;
  /** Oldest first. */
  readonly reasons: readonly ReasonView[];
  /** Whether the reasons go back to the anchor, or to the first unit that ever came. */
  readonly isComplete: boolean;
  readonly sentence: string;
}

export interface ItemExplanationView {
  readonly gtin: string;
  readonly name: string;
  readonly sentence: string;
  readonly places: readonly ExplanationView[];
}

export interface TaskView {
  readonly task: string;
  readonly kind: TaskKind;
  readonly state: TaskState;
  readonly gtin: string;
  readonly name: string;
  readonly facing: string | null;
  readonly reservation: string | null;
  readonly reason: string;
  /** What a day of waiting is expected to cost, in minor units. */
  readonly priority: number;
  readonly openedAtMs: number;
  readonly changedAtMs: number;
  readonly by: 'staff' | 'store';
  readonly note: string | null;
  /** Exactly for `order_pick`: what to fetch from where, in the order in which to walk, and by when. */
  readonly pick?: OrderTerms & { readonly lines: readonly PickLineView[] };
}

export interface PickLineView extends PickLine {
  readonly name: string;
}

/** How long the facings of the store held something to buy on one day of the store. */
export interface AvailabilityView {
  readonly day: string;
  readonly facingMinutes: number;
  readonly stockedMinutes: number;
  /** 0 to 1. */
  readonly share: number;
  readonly soldUnits: number;
}

export interface ForecastView {
  readonly gtin: string;
  /** The last day that was learned. */
  readonly day: string;
  /** Days on which it could be bought. */
  readonly daysLearned: number;
  readonly meanPerDay: number;
  readonly reorderPoint: number;
  /** Backroom and shelves. */
  readonly onHand: number;
  readonly orderNow: boolean;
}

/** The latest value of every point, which lives in memory and not in the database. */
export interface LiveSource {
  valuesOf(device: string): readonly ValueView[];
  /** When the device itself was last heard since the start, Unix ms. */
  lastSeenMs(device: string): number | null;
  vitalsOf(device: string): DeviceVitals | null;
  /** People of the minute under way at each door, which no fact holds yet. */
  footfallNow(): readonly FootfallBinView[];
}

/** Everything that may be asked of the store. Reads only; each call sees committed state. */
export interface Queries {
  stock(): readonly StockView[];
  stockOf(gtin: string): StockView | null;
  /** Newest first; `before` is a log sequence. */
  movements(gtin: string, limit: number, before?: number): readonly MovementView[];
  recentMovements(limit: number): readonly MovementView[];
  facings(): readonly FacingView[];
  /** The facings of one item: what may look different after something happened to it. */
  facingsOf(gtin: string): readonly FacingView[];
  devices(): readonly DeviceView[];
  deviceOf(device: string): DeviceView | null;
  /** For those who ask every few seconds. */
  deviceCounts(): DeviceCounts;
  coldUnits(): readonly ColdUnitView[];
  temperatures(unit: string, sinceMs: number): readonly TemperatureMinuteView[];
  footfall(sinceMs: number, binMinutes: number): readonly FootfallBinView[];
  labels(): readonly LabelView[];
  labelOf(label: string): LabelView | null;
  reservation(id: string): ReservationView | null;
  reservations(): readonly ReservationView[];
  /** Why a facing holds what it holds; null for a facing that the planogram does not have. */
  whyFacing(facing: string): ExplanationView | null;
  /** The same for every place inside the store that has the item. */
  whyItem(gtin: string): ItemExplanationView | null;
  /** What led to one movement, by its log sequence; null when the log has no movement there. */
  whyMovement(seq: number): MovementExplanationView | null;
  /** Open ones by what waiting costs, then those that ended lately. */
  tasks(): readonly TaskView[];
  taskOf(task: string): TaskView | null;
  /** Newest day first. */
  availability(days: number): readonly AvailabilityView[];
  /** null before the item's first day is over. */
  forecast(gtin: string): ForecastView | null;
}

/** What the gateway tells its listeners after a commit, or when a live value changed. */
export type Change =
  | { readonly kind: 'facts'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'values'; readonly values: readonly ValueView[] };

/** Returns the function that ends the subscription. */
export type Subscribe = (listener: (change: Change) => void) => () => void;

export interface PartView {
  readonly name: string;
  readonly state: PartState;
  readonly detail: string | null;
}

export interface HealthView {
  /** `ok`, or `degraded` when any part is not ok. */
  readonly status: 'ok' | 'degraded';
  readonly store: {
    readonly gln: string;
    readonly name: string;
    readonly timeZone: string;
    readonly currency: string;
  };
  readonly version: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly parts: readonly PartView[];
}
