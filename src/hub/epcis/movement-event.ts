import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type Event,
  Measure,
  type Movement,
  MovementCause,
  type Place,
  PlaceKind,
} from '../../cloud/gen/aisle/sync/v1/event_pb.ts';
import { createWallClock } from '../../shared/local-time.ts';
import { placeName } from '../fold.ts';
import type { LogName } from '../ledger.ts';
import { eventHash } from './event-hash.ts';
import { itemLink, placeLink } from './identifiers.ts';

/** A movement as EPCIS has it: units of a class were seen. Names with `aisle:` are ours. */
export interface MovementEvent {
  readonly type: 'ObjectEvent';
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventTimeZoneOffset: string;
  readonly action: 'OBSERVE';
  readonly bizStep: string;
  readonly disposition: string;
  readonly quantityList: readonly [
    { readonly epcClass: string; readonly quantity: number; readonly uom?: 'GRM' },
  ];
  readonly readPoint: { readonly id: string };
  readonly bizLocation: { readonly id: string };
  readonly 'aisle:cause': string;
  readonly 'aisle:confidence': number;
  readonly 'aisle:document'?: string;
  readonly 'aisle:epoch': string;
  readonly 'aisle:from': string;
  readonly 'aisle:seq': number;
  readonly 'aisle:to': string;
}

type Meaning = readonly [bizStep: string, disposition: string];

/** What it means for units to arrive somewhere, when the cause says nothing more. */
const ARRIVING: Readonly<Partial<Record<PlaceKind, Meaning>>> = {
  [PlaceKind.BACKROOM]: ['storing', 'sellable_not_accessible'],
  [PlaceKind.SHELF]: ['stocking', 'sellable_accessible'],
  [PlaceKind.CART]: ['picking', 'in_progress'],
  [PlaceKind.STAGED]: ['staging_outbound', 'sellable_not_accessible'],
  [PlaceKind.HOLD]: ['holding', 'non_sellable_other'],
  [PlaceKind.RETURNS]: ['storing', 'returned'],
  [PlaceKind.CUSTOMER]: ['retail_selling', 'retail_sold'],
  [PlaceKind.WASTE]: ['destroying', 'disposed'],
};
const NOT_KNOWN: Meaning = ['other', 'unknown'];

/** CBV has no step for a return; what comes back is received. A count is for stock keeping, not for accounting. */
export function meaningOf({ cause, fromPlace, toPlace }: Movement): Meaning {
  const to = toPlace?.kind ?? PlaceKind.UNSPECIFIED;
  const from = fromPlace?.kind ?? PlaceKind.UNSPECIFIED;
  const arriving = ARRIVING[to] ?? NOT_KNOWN;
  if (cause === MovementCause.COUNT || cause === MovementCause.AUDIT) return ['cycle_counting', arriving[1]];
  if (from === PlaceKind.CUSTOMER) return ['receiving', 'returned'];
  if (from === PlaceKind.SUPPLIER) return ['receiving', 'in_progress'];
  return arriving;
}

const FIXED_POINTS: Readonly<Partial<Record<PlaceKind, string>>> = {
  [PlaceKind.BACKROOM]: 'BACKROOM',
  [PlaceKind.STAGED]: 'STAGED',
  [PlaceKind.HOLD]: 'HOLD',
  [PlaceKind.RETURNS]: 'RETURNS',
};
const pointOf = (place: Place | undefined) =>
  place?.kind === PlaceKind.SHELF ? place.facing : FIXED_POINTS[place?.kind ?? PlaceKind.UNSPECIFIED];

/** Where it was seen: the shelf or room that units came to, or else the one that they left. */
const readPointOf = (gln: string, { fromPlace, toPlace }: Movement) =>
  placeLink(gln, pointOf(toPlace) ?? pointOf(fromPlace));

/** What clocks on the wall of a store are ahead of UTC at a moment (Unix ms), as EPCIS writes it: `+02:00`. */
export type OffsetAt = (atMs: number) => string;

/** A movement of a store as an EPCIS event; null for an event of another kind. */
export function movementEvent(
  { store, epoch }: LogName,
  { seq, eventTime, receivedTime, body }: Event,
  offsetAt: OffsetAt,
): MovementEvent | null {
  if (body.case !== 'movement') return null;
  const movement = body.value;
  const time = eventTime ?? receivedTime;
  const timeMs = time ? timestampMs(time) : Number.NaN;
  // A device's clock may say a time that no calendar has; when the gateway heard of it is always one.
  const heardMs = receivedTime ? timestampMs(receivedTime) : 0;
  const atMs = Math.abs(timeMs) <= LAST_MS ? timeMs : heardMs;
  const [bizStep, disposition] = meaningOf(movement);
  const document = movement.evidence?.kind.case === 'documentKey' ? movement.evidence.kind.value : null;
  const event = {
    type: 'ObjectEvent' as const,
    eventTime: new Date(atMs).toISOString(),
    eventTimeZoneOffset: offsetAt(atMs),
    action: 'OBSERVE' as const,
    bizStep,
    disposition,
    quantityList: [
      {
        epcClass: itemLink(movement.gtin),
        quantity: Number(movement.quantity),
        ...(movement.measure === Measure.GRAMS && { uom: 'GRM' as const }),
      },
    ] as const,
    readPoint: { id: readPointOf(store, movement) },
    bizLocation: { id: placeLink(store) },
    'aisle:cause': CAUSE_NAMES.get(movement.cause) ?? 'unknown',
    'aisle:confidence': Math.round(movement.confidence * 10_000) / 10_000,
    ...(document !== null && { 'aisle:document': document }),
    'aisle:epoch': epoch,
    'aisle:from': placeName(movement.fromPlace),
    'aisle:seq': Number(seq),
    'aisle:to': placeName(movement.toPlace),
  };
  return { ...event, eventID: eventHash(event) };
}

const CAUSE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(MovementCause).map(([name, number]) => [number, name.toLowerCase()]),
);

/** The last moment that EPCIS can write: years have four digits. */
const LAST_MS = Date.UTC(9999, 11, 31);
const MINUTE_MS = 60_000;

/** The wall clock of a time zone. */
export function offsetsOf(timeZone: string): OffsetAt {
  const wall = createWallClock(timeZone);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return atMs => {
    const minutes = Math.round(wall.offsetMs(atMs) / MINUTE_MS);
    return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  };
}
