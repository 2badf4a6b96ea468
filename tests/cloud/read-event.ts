import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import {
  AlarmState,
  type BacklogLevel,
  ColdAlarmKind,
  type ConfigurationChange,
  ConfigurationState,
  DeviceState,
  type DiscardCount,
  DiscardReason,
  DiscrepancyKind,
  type Event,
  EventClass,
  type Evidence,
  Handover,
  type ItemDay,
  LabelState,
  LeaseState,
  Measure,
  MovementCause,
  NoticeState,
  type OutageReceipt,
  type PickLine,
  PlaceKind,
  PlateTroubleKind,
  QualityReason,
  ReservationState,
  RoomLevel,
  ShortageCause,
  type Task,
  TaskActor,
  TaskKind,
  TaskState,
  UnitWeightChange,
} from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';

/** The words of an enum are its names on the wire in lower case; that is a test of its own of our tables. */
const word = (names: object, value: number) =>
  Object.entries(names)
    .find(([, number]) => number === value)![0]
    .toLowerCase();

const reason = (value: QualityReason) =>
  value === QualityReason.UNSPECIFIED ? null : word(QualityReason, value);
const ms = (time: Timestamp | undefined) => (time ? timestampMs(time) : null);
const orNull = <T>(value: T | undefined) => value ?? null;
const wordOrNull = (text: string) => (text === '' ? null : text);
const inUnit = (measure: Measure) => (measure === Measure.GRAMS ? { unit: 'g' } : {});
const lines = (wire: readonly { gtin: string; quantity: bigint; staged: bigint; measure: Measure }[]) =>
  wire.map(({ gtin, quantity, staged, measure }) => ({
    gtin,
    quantity: Number(quantity),
    ...inUnit(measure),
    ...(staged === 0n ? {} : { staged: Number(staged) }),
  }));
const termsOf = (wire: { dueTime?: Timestamp | undefined; handover: Handover }) =>
  wire.dueTime ? { dueAtMs: ms(wire.dueTime), handover: word(Handover, wire.handover) } : undefined;
const place = (wire: { kind: PlaceKind; facing: string } | undefined) =>
  wire!.kind === PlaceKind.SHELF ? `shelf:${wire!.facing}` : word(PlaceKind, wire!.kind);

function evidence(wire: Evidence | undefined): object {
  const { kind } = wire!;
  if (kind.case === 'documentKey') return { kind: 'document', key: kind.value };
  const { device, plates, deltaGrams, onsetTime, settledTime } = kind.value as Exclude<
    typeof kind.value,
    string | undefined
  >;
  return { kind: 'weights', device, plates, deltaGrams, onsetMs: ms(onsetTime), settledMs: ms(settledTime) };
}

const minutesOf = ({ spanMinutes }: { readonly spanMinutes: number }) =>
  spanMinutes === 0 ? {} : { minutes: spanMinutes };

const discardOf = ({ eventClass, reason: why, discarded, coalesced }: DiscardCount) => ({
  of: word(EventClass, eventClass),
  reason: word(DiscardReason, why),
  discarded: Number(discarded),
  coalesced: Number(coalesced),
});

const backlogLevel = (wire: BacklogLevel) => ({
  type: 'backlog_level',
  level: word(RoomLevel, wire.level),
  reason: wire.reason === DiscardReason.UNSPECIFIED ? null : word(DiscardReason, wire.reason),
  bytes: Number(wire.bytes),
  budgetBytes: Number(wire.budgetBytes),
  oldestMs: ms(wire.oldestTime),
  refused: wire.refused.map(({ eventClass, count }) => ({
    of: word(EventClass, eventClass),
    count: Number(count),
  })),
});

const receipt = (wire: OutageReceipt) => ({
  type: 'outage_receipt',
  number: Number(wire.number),
  fromMs: ms(wire.fromTime),
  toMs: ms(wire.toTime),
  firstSeq: Number(wire.firstSeq),
  lastSeq: Number(wire.lastSeq),
  accepted: Number(wire.accepted),
  acknowledged: Number(wire.acknowledged),
  discards: wire.discards.map(discardOf),
  digest: Buffer.from(wire.digest).toString('hex'),
  previousDigest: Buffer.from(wire.previousDigest).toString('hex'),
});

/** Turns an event back into the plain fact that it came from: the receiver's half, written from the contract alone. */
export function factOf({ body }: Event): object {
  switch (body.case) {
    case 'movement': {
      const { gtin, quantity, cause, confidence, originConfidence } = body.value;
      const origin = originConfidence < 1 ? { originConfidence } : {};
      const correction = body.value.corrects ? { corrects: evidence(body.value.corrects) } : {};
      const places = { from: place(body.value.fromPlace), to: place(body.value.toPlace) };
      const much = { quantity: Number(quantity), ...inUnit(body.value.measure) };
      const why = { cause: word(MovementCause, cause), evidence: evidence(body.value.evidence) };
      return { type: 'movement', gtin, ...places, ...much, confidence, ...origin, ...correction, ...why };
    }
    case 'sale':
      return { type: 'sale', key: body.value.key, till: body.value.till, lines: lines(body.value.lines) };
    case 'count': {
      const { key, gtin, counted, believed } = body.value;
      const figures = { counted: Number(counted), believed: Number(believed) };
      const where = { place: place(body.value.place), ...inUnit(body.value.measure) };
      return { type: 'count', key, gtin, ...where, ...figures };
    }
    case 'goods': {
      const { key, cause, refill: wire, saleKey: sale } = body.value;
      const refill = wire && {
        facing: wire.facing,
        restocked: Number(wire.restocked),
        putBack: Number(wire.putBack),
      };
      return {
        type: 'goods',
        key,
        cause: word(MovementCause, cause),
        lines: lines(body.value.lines),
        refill,
        // Empty stands for none: a void always has the key of its sale.
        sale: sale === '' ? undefined : sale,
      };
    }
    case 'shelfEvent': {
      const { facing, gtin, units, matched, confidence } = body.value;
      const rivals = body.value.rivals.map(rival => ({
        facing: rival.facing,
        gtin: rival.gtin,
        units: Number(rival.units),
        probability: rival.probability,
      }));
      const figures = {
        units: Number(units),
        matched: Number(matched),
        confidence,
        ...inUnit(body.value.measure),
        ...(rivals.length === 0 ? {} : { rivals }),
      };
      return { type: 'shelf_event', facing, gtin, ...figures, evidence: evidence(body.value.evidence) };
    }
    case 'unexplainedWeight': {
      const { facing, gtin } = body.value;
      return { type: 'unexplained_weight', facing, gtin, evidence: evidence(body.value.evidence) };
    }
    default:
      return laterStockFact(body) ?? otherFact(body);
  }
}

function laterStockFact(body: Event['body']): object | null {
  switch (body.case) {
    case 'unitWeight': {
      const { gtin, change, catalogueGrams, meanGrams, sigmaGrams, samples } = body.value;
      const grams = { catalogueGrams, meanGrams, sigmaGrams, samples };
      return { type: 'unit_weight', gtin, change: word(UnitWeightChange, change), ...grams };
    }
    case 'plateTrouble': {
      const { device, plate, facing, trouble, cleared } = body.value;
      const state = cleared ? 'cleared' : 'raised';
      return {
        type: 'plate_trouble',
        device,
        plate,
        facing,
        trouble: word(PlateTroubleKind, trouble),
        state,
      };
    }
    case 'notice': {
      const { key, noticeId, state } = body.value;
      const what = { notice: noticeId, state: word(NoticeState, state), lines: lines(body.value.lines) };
      return { type: 'notice', key, ...what };
    }
    case 'discrepancy': {
      const { kind, key, gtin, expected, found } = body.value;
      const figures = { expected: Number(expected), found: Number(found) };
      return {
        type: 'discrepancy',
        kind: word(DiscrepancyKind, kind),
        key,
        gtin,
        ...figures,
        ...inUnit(body.value.measure),
      };
    }
    case 'lease': {
      const { key, leaseId, state, gtin, granted, sold, expiresTime } = body.value;
      const figures = { granted: Number(granted), sold: Number(sold), expiresAtMs: ms(expiresTime) };
      return { type: 'lease', key, lease: leaseId, state: word(LeaseState, state), gtin, ...figures };
    }
    default:
      return null;
  }
}

function otherFact(body: Event['body']): object {
  switch (body.case) {
    case 'reservation': {
      const { key, reservationId, state, expiresTime } = body.value;
      const what = { reservation: reservationId, state: word(ReservationState, state) };
      const end = { expiresAtMs: ms(expiresTime), reason: wordOrNull(body.value.reason) };
      const terms = termsOf(body.value);
      return { type: 'reservation', key, ...what, lines: lines(body.value.lines), ...end, terms };
    }
    case 'shortage': {
      const { gtin, reservationId, missing } = body.value;
      const figures = { missing: Number(missing), ...inUnit(body.value.measure) };
      const cause = body.value.cause === ShortageCause.NOT_FOUND ? 'not_found' : undefined;
      return { type: 'shortage', gtin, reservation: reservationId, ...figures, cause };
    }
    case 'temperature': {
      const { unit, device, point, minuteTime, goodSamples, badSamples } = body.value;
      const { minCelsius, meanCelsius, maxCelsius } = body.value;
      const who = { type: 'temperature', unit, device, point, minuteMs: ms(minuteTime) };
      const figures = {
        minCelsius: orNull(minCelsius),
        meanCelsius: orNull(meanCelsius),
        maxCelsius: orNull(maxCelsius),
      };
      const span = minutesOf(body.value);
      return {
        ...who,
        goodSamples,
        badSamples,
        badReason: reason(body.value.badReason),
        ...figures,
        ...span,
      };
    }
    case 'price': {
      const { gtin, priceMinor, currency, listVersion } = body.value;
      return { type: 'price', gtin, priceMinor: Number(priceMinor), currency, version: listVersion };
    }
    default:
      return lastFacts(body);
  }
}

function lastFacts(body: Event['body']): object {
  switch (body.case) {
    case 'coldAlarm': {
      const { unit, device, alarm, state, sinceTime, celsius, limitCelsius } = body.value;
      const what = { alarm: word(ColdAlarmKind, alarm), state: word(AlarmState, state) };
      const figures = { celsius: orNull(celsius), limitCelsius: orNull(limitCelsius) };
      const rest = { sinceMs: ms(sinceTime), ...figures, reason: reason(body.value.reason) };
      return { type: 'cold_alarm', unit, device, ...what, ...rest };
    }
    case 'footfall': {
      const { door, device, minuteTime, peopleIn, peopleOut, rawIn, rawOut, suspect } = body.value;
      const raw = {
        rawIn: rawIn === undefined ? null : Number(rawIn),
        rawOut: rawOut === undefined ? null : Number(rawOut),
      };
      const figures = { in: Number(peopleIn), out: Number(peopleOut), ...raw, suspect };
      const span = minutesOf(body.value);
      return { type: 'footfall', door, device, minuteMs: ms(minuteTime), ...figures, ...span };
    }
    case 'label': {
      const { label, facing, gtin, priceMinor, currency, name, state, commandId, detail } = body.value;
      const price = { priceMinor: Number(priceMinor), currency, name };
      const answer = { state: word(LabelState, state), commandId, detail: wordOrNull(detail) };
      return { type: 'label', label, facing, gtin, ...price, ...answer };
    }
    case 'device': {
      const { device, state } = body.value;
      return {
        type: 'device',
        device,
        state: word(DeviceState, state),
        reason: reason(body.value.reason),
      };
    }
    case 'discarded':
      return {
        type: 'discarded',
        count: Number(body.value.count),
        discards: body.value.discards.map(discardOf),
      };
    case 'outageReceipt':
      return receipt(body.value);
    case 'backlogLevel':
      return backlogLevel(body.value);
    case 'task':
      return task(body.value);
    case 'itemDay':
      return itemDay(body.value);
    case 'configurationChange':
      return configuration(body.value);
    case 'priceListTaken': {
      const { listVersion: list, version, highestVersion } = body.value;
      return { type: 'price_list', list, version: Number(version), highestVersion: Number(highestVersion) };
    }
    default:
      throw new Error(`no fact has the body ${body.case}`);
  }
}

function itemDay(wire: ItemDay): object {
  const { gtin, day, soldUnits, onShelfShare, silentUnits, meanPerDay } = wire;
  const { level, weekday, size, interval, probability, variance } = wire.demand!;
  const learned = { level, weekday, size, interval, probability, variance };
  return {
    type: 'item_day',
    ...{ gtin, day, soldUnits, onShelfShare, silentUnits, meanPerDay },
    facingMinutes: Number(wire.facingMinutes),
    stockedMinutes: Number(wire.stockedMinutes),
    facings: wire.facings.map(({ facing, sure }) => ({ facing, sure })),
    reorderPoint: Number(wire.reorderPoint),
    demand: { ...learned, days: Number(wire.demand!.days), sinceSale: Number(wire.demand!.sinceSale) },
  };
}

function task(wire: Task): object {
  const what = { task: wire.task, kind: word(TaskKind, wire.kind), state: word(TaskState, wire.state) };
  const where = { facing: wordOrNull(wire.facing), reservation: wordOrNull(wire.reservationId) };
  const why = { reason: wire.reason, priority: Number(wire.priority), note: wordOrNull(wire.note) };
  const by = word(TaskActor, wire.by);
  const terms = termsOf(wire);
  const pick = terms && { ...terms, lines: wire.lines.map(pickLine) };
  return {
    type: 'task',
    gtin: wire.gtin,
    ...what,
    ...where,
    ...why,
    openedAtMs: ms(wire.openedTime),
    by,
    pick,
  };
}

function pickLine({ gtin, quantity, measure, place: wire }: PickLine): object {
  const where = place(wire);
  const facing = where === 'backroom' ? null : where.slice('shelf:'.length);
  return { gtin, quantity: Number(quantity), ...inUnit(measure), facing };
}

function configuration(wire: ConfigurationChange): object {
  const { changes, policiesJson, watch } = wire;
  return {
    type: 'configuration',
    state: word(ConfigurationState, wire.state),
    version: Number(wire.version),
    sinceMs: ms(wire.sinceTime),
    versionBefore: Number(wire.versionBefore),
    policies: JSON.parse(policiesJson),
    changes: changes.map(({ path, before, after }) => ({ path, before, after })),
    highestVersion: Number(wire.highestVersion),
    watch: watch
      ? {
          untilMs: ms(watch.untilTime),
          fallbackVersion: Number(watch.fallbackVersion),
          fallback: JSON.parse(watch.fallbackJson),
        }
      : null,
    reason: wordOrNull(wire.reason),
  };
}
