import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { TimestampSchema } from '@bufbuild/protobuf/wkt';
import type { Fact } from '../store/outbox.ts';
import {
  AlarmState,
  ColdAlarmKind,
  DeviceState,
  DiscrepancyKind,
  type EvidenceSchema,
  Handover,
  LabelState,
  LeaseState,
  type LineSchema,
  Measure,
  MovementCause,
  NoticeState,
  PlaceKind,
  PlaceSchema,
  PlateTroubleKind,
  QualityReason,
  ReservationState,
  UnitWeightChange,
} from './gen/aisle/sync/v1/event_pb.ts';

type OrderTerms = NonNullable<FactOf<'reservation'>['terms']>;
type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;
type Place = FactOf<'movement'>['from'];
type Reason = NonNullable<FactOf<'device'>['reason']>;

/** Unix milliseconds, fractions too, to the nanosecond that the wire can carry. */
export function timestamp(unixMs: number): MessageInitShape<typeof TimestampSchema> {
  const seconds = Math.floor(unixMs / 1000);
  const nanos = Math.min(999_999_999, Math.round((unixMs - seconds * 1000) * 1e6));
  return { seconds: BigInt(seconds), nanos };
}

/** Our words and the wire's numbers, side by side. A word without a number does not compile. */
export const CAUSES: Readonly<Record<FactOf<'movement'>['cause'], MovementCause>> = {
  pick: MovementCause.PICK,
  put: MovementCause.PUT,
  restock: MovementCause.RESTOCK,
  sale: MovementCause.SALE,
  delivery: MovementCause.DELIVERY,
  count: MovementCause.COUNT,
  refill: MovementCause.REFILL,
  pick_inferred: MovementCause.PICK_INFERRED,
  misplaced: MovementCause.MISPLACED,
  unpaid: MovementCause.UNPAID,
  reopened: MovementCause.REOPENED,
  unexplained_sale: MovementCause.UNEXPLAINED_SALE,
  refund: MovementCause.REFUND,
  void: MovementCause.VOID,
  waste: MovementCause.WASTE,
  transfer: MovementCause.TRANSFER,
  stage: MovementCause.STAGE,
  unstage: MovementCause.UNSTAGE,
  hand_over: MovementCause.HAND_OVER,
  reverted: MovementCause.REVERTED,
  moved: MovementCause.MOVED,
  audit: MovementCause.AUDIT,
  resolved: MovementCause.RESOLVED,
};

export const RESERVATION_STATES: Readonly<Record<FactOf<'reservation'>['state'], ReservationState>> = {
  refused: ReservationState.REFUSED,
  temporary: ReservationState.TEMPORARY,
  pending: ReservationState.PENDING,
  released: ReservationState.RELEASED,
  expired: ReservationState.EXPIRED,
  confirmed: ReservationState.CONFIRMED,
  staged: ReservationState.STAGED,
  handed_over: ReservationState.HANDED_OVER,
};

export const NOTICE_STATES: Readonly<Record<FactOf<'notice'>['state'], NoticeState>> = {
  announced: NoticeState.ANNOUNCED,
  received: NoticeState.RECEIVED,
};

export const DISCREPANCIES: Readonly<Record<FactOf<'discrepancy'>['kind'], DiscrepancyKind>> = {
  sale_without_pick: DiscrepancyKind.SALE_WITHOUT_PICK,
  delivery: DiscrepancyKind.DELIVERY,
};

export const LEASE_STATES: Readonly<Record<FactOf<'lease'>['state'], LeaseState>> = {
  active: LeaseState.ACTIVE,
  settled: LeaseState.SETTLED,
};

export const COLD_ALARMS: Readonly<Record<FactOf<'cold_alarm'>['alarm'], ColdAlarmKind>> = {
  too_warm: ColdAlarmKind.TOO_WARM,
  too_cold: ColdAlarmKind.TOO_COLD,
  no_data: ColdAlarmKind.NO_DATA,
};

export const ALARM_STATES: Readonly<Record<FactOf<'cold_alarm'>['state'], AlarmState>> = {
  raised: AlarmState.RAISED,
  cleared: AlarmState.CLEARED,
};

export const PLATE_TROUBLES: Readonly<Record<FactOf<'plate_trouble'>['trouble'], PlateTroubleKind>> = {
  dead: PlateTroubleKind.DEAD,
  stuck: PlateTroubleKind.STUCK,
  untared: PlateTroubleKind.UNTARED,
  rail: PlateTroubleKind.RAIL,
};

export const UNIT_WEIGHT_CHANGES: Readonly<Record<FactOf<'unit_weight'>['change'], UnitWeightChange>> = {
  learned: UnitWeightChange.LEARNED,
  pack_change: UnitWeightChange.PACK_CHANGE,
};

export const LABEL_STATES: Readonly<Record<FactOf<'label'>['state'], LabelState>> = {
  requested: LabelState.REQUESTED,
  shown: LabelState.SHOWN,
  failed: LabelState.FAILED,
};

export const DEVICE_STATES: Readonly<Record<FactOf<'device'>['state'], DeviceState>> = {
  online: DeviceState.ONLINE,
  degraded: DeviceState.DEGRADED,
  offline: DeviceState.OFFLINE,
  unknown: DeviceState.UNKNOWN,
};

const REASONS: Readonly<Record<Reason, QualityReason>> = {
  comms: QualityReason.COMMS,
  stale: QualityReason.STALE,
  range: QualityReason.RANGE,
  sentinel: QualityReason.SENTINEL,
  clock: QualityReason.CLOCK,
  format: QualityReason.FORMAT,
  device: QualityReason.DEVICE,
};

const PLACES: Readonly<Record<Exclude<Place, `shelf:${string}`>, PlaceKind>> = {
  backroom: PlaceKind.BACKROOM,
  cart: PlaceKind.CART,
  staged: PlaceKind.STAGED,
  hold: PlaceKind.HOLD,
  returns: PlaceKind.RETURNS,
  supplier: PlaceKind.SUPPLIER,
  customer: PlaceKind.CUSTOMER,
  waste: PlaceKind.WASTE,
  unaccounted: PlaceKind.UNACCOUNTED,
};

const isShelf = (place: Place): place is `shelf:${string}` => place.startsWith('shelf:');

export const HANDOVERS: Readonly<Record<OrderTerms['handover'], Handover>> = {
  pickup: Handover.PICKUP,
  delivery: Handover.DELIVERY,
};

export const encodeReason = (reason: Reason | null): QualityReason =>
  reason === null ? QualityReason.UNSPECIFIED : REASONS[reason];

export const encodePlace = (place: Place) =>
  create(
    PlaceSchema,
    isShelf(place)
      ? { kind: PlaceKind.SHELF, facing: place.slice('shelf:'.length) }
      : { kind: PLACES[place] },
  );

export const encodeLines = (lines: FactOf<'reservation'>['lines']): MessageInitShape<typeof LineSchema>[] =>
  lines.map(({ gtin, quantity, unit, staged = 0 }) => ({
    gtin,
    quantity: BigInt(quantity),
    staged: BigInt(staged),
    measure: encodeMeasure({ unit }),
  }));

export const encodeMeasure = ({ unit }: { readonly unit?: 'g' | undefined }): Measure =>
  unit === 'g' ? Measure.GRAMS : Measure.PIECES;

export function encodeEvidence(
  evidence: FactOf<'movement'>['evidence'],
): MessageInitShape<typeof EvidenceSchema> {
  if (evidence.kind === 'document') return { kind: { case: 'documentKey', value: evidence.key } };
  const { device, plates, deltaGrams, onsetMs, settledMs } = evidence;
  const value = {
    device,
    plates: [...plates],
    deltaGrams,
    onsetTime: timestamp(onsetMs),
    settledTime: timestamp(settledMs),
  };
  return { kind: { case: 'weights', value } };
}

/** Optional figures: absent on the wire exactly when they are null here. */
export const optional = <K extends string, V>(field: K, value: V | null) =>
  (value === null ? {} : { [field]: value }) as { [name in K]?: V };
