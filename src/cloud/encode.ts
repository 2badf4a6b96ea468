import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Fact, LogEntry } from '../store/outbox.ts';
import { encodeConfiguration, encodePriceList } from './encode-configuration.ts';
import { encodeItemDay, encodeTask } from './encode-shelf-work.ts';
import { encodeBacklogLevel, encodeDiscarded, encodeReceipt } from './encode-sync.ts';
import {
  ALARM_STATES,
  CAUSES,
  COLD_ALARMS,
  DEVICE_STATES,
  DISCREPANCIES,
  encodeEvidence,
  encodeLines,
  encodeMeasure,
  encodePlace,
  encodeReason,
  HANDOVERS,
  LABEL_STATES,
  LEASE_STATES,
  NOTICE_STATES,
  optional,
  PLATE_TROUBLES,
  RESERVATION_STATES,
  timestamp,
  UNIT_WEIGHT_CHANGES,
} from './encode-terms.ts';
import {
  type Event,
  EventSchema,
  type ReservationSchema,
  ShortageCause,
} from './gen/aisle/sync/v1/event_pb.ts';

type Body = NonNullable<MessageInitShape<typeof EventSchema>['body']>;
type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

/** One entry of the log as the contract has it. */
export const encodeEntry = ({ seq, eventTimeMs, receivedTimeMs, fact }: LogEntry): Event =>
  create(EventSchema, {
    seq: BigInt(seq),
    eventTime: timestamp(eventTimeMs),
    receivedTime: timestamp(receivedTimeMs),
    body: encodeFact(fact),
  });

/** What happened, as the contract has it. */
export function encodeFact(fact: Fact): Body {
  switch (fact.type) {
    case 'movement':
      return { case: 'movement', value: movement(fact) };
    case 'sale':
      return { case: 'sale', value: { key: fact.key, till: fact.till, lines: encodeLines(fact.lines) } };
    case 'count':
      return { case: 'count', value: count(fact) };
    case 'goods':
      return { case: 'goods', value: goods(fact) };
    case 'shelf_event':
      return { case: 'shelfEvent', value: shelfEvent(fact) };
    case 'unexplained_weight':
      return {
        case: 'unexplainedWeight',
        value: { facing: fact.facing, gtin: fact.gtin, evidence: encodeEvidence(fact.evidence) },
      };
    case 'unit_weight':
      return { case: 'unitWeight', value: unitWeight(fact) };
    case 'plate_trouble':
      return { case: 'plateTrouble', value: plateTrouble(fact) };
    case 'reservation':
      return { case: 'reservation', value: encodeReservation(fact) };
    case 'shortage':
      return {
        case: 'shortage',
        value: {
          gtin: fact.gtin,
          reservationId: fact.reservation,
          missing: BigInt(fact.missing),
          measure: encodeMeasure(fact),
          cause: fact.cause === 'not_found' ? ShortageCause.NOT_FOUND : ShortageCause.UNSPECIFIED,
        },
      };
    case 'notice':
      return { case: 'notice', value: notice(fact) };
    case 'discrepancy':
      return { case: 'discrepancy', value: discrepancy(fact) };
    case 'lease':
      return { case: 'lease', value: lease(fact) };
    case 'temperature':
      return { case: 'temperature', value: temperature(fact) };
    case 'cold_alarm':
      return { case: 'coldAlarm', value: coldAlarm(fact) };
    case 'footfall':
      return { case: 'footfall', value: footfall(fact) };
    case 'price':
      return { case: 'price', value: price(fact) };
    case 'label':
      return { case: 'label', value: label(fact) };
    case 'device':
      return {
        case: 'device',
        value: {
          device: fact.device,
          state: DEVICE_STATES[fact.state],
          reason: encodeReason(fact.reason),
        },
      };
    default:
      return encodeOfStore(fact);
  }
}

/** What is about the store itself rather than about something in it, and the work in it. */
function encodeOfStore(
  fact: FactOf<
    'task' | 'item_day' | 'discarded' | 'outage_receipt' | 'backlog_level' | 'configuration' | 'price_list'
  >,
): Body {
  switch (fact.type) {
    case 'task':
      return { case: 'task', value: encodeTask(fact) };
    case 'item_day':
      return { case: 'itemDay', value: encodeItemDay(fact) };
    case 'discarded':
      return { case: 'discarded', value: encodeDiscarded(fact) };
    case 'outage_receipt':
      return { case: 'outageReceipt', value: encodeReceipt(fact) };
    case 'configuration':
      return { case: 'configurationChange', value: encodeConfiguration(fact) };
    case 'price_list':
      return { case: 'priceListTaken', value: encodePriceList(fact) };
    case 'backlog_level':
      return { case: 'backlogLevel', value: encodeBacklogLevel(fact) };
  }
}

const movement = (fact: FactOf<'movement'>) => ({
  gtin: fact.gtin,
  fromPlace: encodePlace(fact.from),
  toPlace: encodePlace(fact.to),
  quantity: BigInt(fact.quantity),
  cause: CAUSES[fact.cause],
  confidence: fact.confidence,
  originConfidence: fact.originConfidence ?? 1,
  measure: encodeMeasure(fact),
  ...(fact.corrects && { corrects: encodeEvidence(fact.corrects) }),
  evidence: encodeEvidence(fact.evidence),
});

const count = (fact: FactOf<'count'>) => ({
  key: fact.key,
  gtin: fact.gtin,
  place: encodePlace(fact.place),
  counted: BigInt(fact.counted),
  believed: BigInt(fact.believed),
  measure: encodeMeasure(fact),
});

const goods = ({ key, cause, lines, refill, sale }: FactOf<'goods'>) => ({
  key,
  ...(sale === undefined ? {} : { saleKey: sale }),
  cause: CAUSES[cause],
  lines: encodeLines(lines),
  ...(refill && {
    refill: {
      facing: refill.facing,
      restocked: BigInt(refill.restocked),
      putBack: BigInt(refill.putBack),
    },
  }),
});

const shelfEvent = (fact: FactOf<'shelf_event'>) => ({
  facing: fact.facing,
  gtin: fact.gtin,
  units: BigInt(fact.units),
  matched: BigInt(fact.matched),
  confidence: fact.confidence,
  evidence: encodeEvidence(fact.evidence),
  measure: encodeMeasure(fact),
  rivals: (fact.rivals ?? []).map(rival => ({ ...rival, units: BigInt(rival.units) })),
});

const unitWeight = ({ type: _, change, ...grams }: FactOf<'unit_weight'>) => ({
  ...grams,
  change: UNIT_WEIGHT_CHANGES[change],
});

/** `key` is absent where only the state of a reservation is told. */
export const encodeReservation = (
  fact: Omit<FactOf<'reservation'>, 'type' | 'key'> & { readonly key?: string },
): MessageInitShape<typeof ReservationSchema> => ({
  reservationId: fact.reservation,
  key: fact.key ?? '',
  state: RESERVATION_STATES[fact.state],
  lines: encodeLines(fact.lines),
  ...(fact.expiresAtMs === null ? {} : { expiresTime: timestamp(fact.expiresAtMs) }),
  reason: fact.reason ?? '',
  ...(fact.terms && { dueTime: timestamp(fact.terms.dueAtMs), handover: HANDOVERS[fact.terms.handover] }),
});

const notice = (fact: FactOf<'notice'>) => ({
  key: fact.key,
  noticeId: fact.notice,
  state: NOTICE_STATES[fact.state],
  lines: encodeLines(fact.lines),
});

const discrepancy = (fact: FactOf<'discrepancy'>) => ({
  kind: DISCREPANCIES[fact.kind],
  key: fact.key,
  gtin: fact.gtin,
  expected: BigInt(fact.expected),
  found: BigInt(fact.found),
  measure: encodeMeasure(fact),
});

const lease = (fact: FactOf<'lease'>) => ({
  key: fact.key,
  leaseId: fact.lease,
  state: LEASE_STATES[fact.state],
  gtin: fact.gtin,
  granted: BigInt(fact.granted),
  sold: BigInt(fact.sold),
  expiresTime: timestamp(fact.expiresAtMs),
});

const temperature = (fact: FactOf<'temperature'>) => ({
  unit: fact.unit,
  device: fact.device,
  point: fact.point,
  minuteTime: timestamp(fact.minuteMs),
  goodSamples: fact.goodSamples,
  badSamples: fact.badSamples,
  badReason: encodeReason(fact.badReason ?? null),
  spanMinutes: fact.minutes ?? fact.summaryMinutes ?? 0,
  ...optional('minCelsius', fact.minCelsius),
  ...optional('meanCelsius', fact.meanCelsius),
  ...optional('maxCelsius', fact.maxCelsius),
});

const plateTrouble = ({ device, plate, facing, trouble, state }: FactOf<'plate_trouble'>) => ({
  device,
  plate,
  facing,
  trouble: PLATE_TROUBLES[trouble],
  cleared: state === 'cleared',
});

const coldAlarm = (fact: FactOf<'cold_alarm'>) => ({
  unit: fact.unit,
  device: fact.device,
  alarm: COLD_ALARMS[fact.alarm],
  state: ALARM_STATES[fact.state],
  sinceTime: timestamp(fact.sinceMs),
  ...optional('celsius', fact.celsius),
  ...optional('limitCelsius', fact.limitCelsius),
  reason: encodeReason(fact.reason),
});

const footfall = (fact: FactOf<'footfall'>) => ({
  door: fact.door,
  device: fact.device,
  minuteTime: timestamp(fact.minuteMs),
  peopleIn: BigInt(fact.in),
  peopleOut: BigInt(fact.out),
  ...optional('rawIn', fact.rawIn === null ? null : BigInt(fact.rawIn)),
  ...optional('rawOut', fact.rawOut === null ? null : BigInt(fact.rawOut)),
  suspect: fact.suspect,
  spanMinutes: fact.minutes ?? fact.summaryMinutes ?? 0,
});

const price = (fact: FactOf<'price'>) => ({
  gtin: fact.gtin,
  priceMinor: BigInt(fact.priceMinor),
  currency: fact.currency,
  listVersion: fact.version,
});

const label = (fact: FactOf<'label'>) => ({
  label: fact.label,
  facing: fact.facing,
  gtin: fact.gtin,
  priceMinor: BigInt(fact.priceMinor),
  currency: fact.currency,
  name: fact.name,
  state: LABEL_STATES[fact.state],
  commandId: fact.commandId,
  detail: fact.detail ?? '',
});
