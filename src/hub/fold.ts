import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  type Event,
  type Lease,
  LeaseState,
  type Movement,
  type Place,
  PlaceKind,
  type Price,
  type Reservation,
  ReservationState,
  type Shortage,
} from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { ItemStock, SnapshotPart } from '../cloud/gen/aisle/sync/v1/snapshot_pb.ts';

export interface StockChange {
  readonly gtin: string;
  readonly place: string;
  readonly quantity: number;
}

export interface ReservationRow {
  readonly reservation: string;
  readonly state: string;
  /** `quantity` is what is still held back: without the units that stand picked. */
  readonly lines: readonly { readonly gtin: string; readonly quantity: number }[];
  readonly expiresAtMs: number | null;
  readonly seq: number;
}

export interface PriceRow {
  readonly gtin: string;
  readonly priceMinor: number;
  readonly currency: string;
  readonly listVersion: string;
  readonly seq: number;
}

export interface LeaseRow {
  readonly lease: string;
  readonly gtin: string;
  readonly granted: number;
  readonly sold: number;
  readonly state: 'active' | 'settled' | 'unknown';
  readonly expiresAtMs: number | null;
  readonly seq: number;
}

export interface ShortageRow {
  readonly reservation: string;
  readonly gtin: string;
  readonly missing: number;
}

/** What a run of events does to the hub's tables: one row for each thing that changed. */
export interface Effects {
  readonly stock: readonly StockChange[];
  readonly reservations: readonly ReservationRow[];
  readonly prices: readonly PriceRow[];
  readonly leases: readonly LeaseRow[];
  readonly shortages: readonly ShortageRow[];
}

const PLACE_NAMES: Readonly<Record<PlaceKind, string>> = {
  [PlaceKind.UNSPECIFIED]: 'unknown',
  [PlaceKind.BACKROOM]: 'backroom',
  [PlaceKind.SHELF]: 'shelf',
  [PlaceKind.CART]: 'cart',
  [PlaceKind.STAGED]: 'staged',
  [PlaceKind.HOLD]: 'hold',
  [PlaceKind.RETURNS]: 'returns',
  [PlaceKind.SUPPLIER]: 'supplier',
  [PlaceKind.CUSTOMER]: 'customer',
  [PlaceKind.WASTE]: 'waste',
  [PlaceKind.UNACCOUNTED]: 'unaccounted',
};

const STATE_NAMES: Readonly<Record<ReservationState, string>> = {
  [ReservationState.UNSPECIFIED]: 'unknown',
  [ReservationState.REFUSED]: 'refused',
  [ReservationState.TEMPORARY]: 'temporary',
  [ReservationState.PENDING]: 'pending',
  [ReservationState.RELEASED]: 'released',
  [ReservationState.EXPIRED]: 'expired',
  [ReservationState.CONFIRMED]: 'confirmed',
  [ReservationState.STAGED]: 'staged',
  [ReservationState.HANDED_OVER]: 'handed_over',
};

/** `shelf:<facing>` for a facing, else the word. What a newer store calls a place still sums up, as `unknown`. */
export const placeName = (place: Place | undefined): string =>
  place?.kind === PlaceKind.SHELF
    ? `shelf:${text(place.facing)}`
    : (PLACE_NAMES[place?.kind ?? PlaceKind.UNSPECIFIED] ?? 'unknown');

/** The place of a name that `placeName` gave. */
export function placeOf(name: string): { kind: PlaceKind; facing: string } {
  if (name.startsWith('shelf:')) return { kind: PlaceKind.SHELF, facing: name.slice('shelf:'.length) };
  const kind = Object.entries(PLACE_NAMES).find(([, word]) => word === name)?.[0];
  return { kind: Number(kind ?? PlaceKind.UNSPECIFIED) as PlaceKind, facing: '' };
}

export function foldEvents(events: readonly Event[]): Effects {
  const stock = new Map<string, StockChange>();
  const reservations = new Map<string, ReservationRow>();
  const prices = new Map<string, PriceRow>();
  const leases = new Map<string, LeaseRow>();
  const shortages = new Map<string, ShortageRow>();
  for (const { seq, body } of events) {
    if (body.case === 'movement') addMovement(stock, body.value);
    else if (body.case === 'reservation') {
      reservations.set(body.value.reservationId, reservationRow(body.value, Number(seq)));
    } else if (body.case === 'price') {
      prices.set(body.value.gtin, priceRow(body.value, Number(seq)));
    } else if (body.case === 'lease') {
      leases.set(body.value.leaseId, leaseRow(body.value, Number(seq)));
    } else if (body.case === 'shortage') putShortage(shortages, body.value);
  }
  return {
    stock: [...stock.values()].filter(({ quantity }) => quantity !== 0),
    reservations: [...reservations.values()],
    prices: [...prices.values()],
    leases: [...leases.values()],
    shortages: [...shortages.values()],
  };
}

/** The same tables from a snapshot, which is the sum of all events up to `asOfSeq`. */
export function foldSnapshot(parts: readonly SnapshotPart[]): Effects {
  const asOfSeq = Number(parts[0]?.asOfSeq ?? 0n);
  const stock = parts.flatMap(({ items }) => items.flatMap(itemRows));
  return {
    stock: [...merged(stock).values()].filter(({ quantity }) => quantity !== 0),
    reservations: parts.flatMap(part => part.reservations.map(row => reservationRow(row, asOfSeq))),
    prices: parts.flatMap(part => part.prices.map(row => priceRow(row, asOfSeq))),
    leases: parts.flatMap(part => part.leases.map(row => leaseRow(row, asOfSeq))),
    shortages: [],
  };
}

/** An item's places, named as in the stock table. */
export const itemRows = ({ gtin, places }: ItemStock): readonly StockChange[] =>
  places.map(({ place, quantity }) => ({
    gtin: text(gtin),
    place: placeName(place),
    quantity: Number(quantity),
  }));

function merged(rows: readonly StockChange[]): Map<string, StockChange> {
  const sums = new Map<string, StockChange>();
  for (const row of rows) {
    const key = `${row.gtin} ${row.place}`;
    sums.set(key, { ...row, quantity: (sums.get(key)?.quantity ?? 0) + row.quantity });
  }
  return sums;
}

function addMovement(stock: Map<string, StockChange>, movement: Movement): void {
  const { fromPlace, toPlace } = movement;
  const gtin = text(movement.gtin);
  const quantity = Number(movement.quantity);
  const add = (place: string, units: number) => {
    const key = `${gtin} ${place}`;
    stock.set(key, { gtin, place, quantity: (stock.get(key)?.quantity ?? 0) + units });
  };
  add(placeName(fromPlace), -quantity);
  add(placeName(toPlace), quantity);
}

function putShortage(shortages: Map<string, ShortageRow>, { reservationId, gtin, missing }: Shortage): void {
  const row = { reservation: text(reservationId), gtin: text(gtin), missing: Number(missing) };
  shortages.set(`${row.reservation} ${row.gtin}`, row);
}

/** PostgreSQL's text holds no NUL; one in a name must not hold up the events behind it. */
const text = (value: string): string => value.replaceAll('\0', '\uFFFD');

const reservationRow = (value: Reservation, seq: number): ReservationRow => ({
  reservation: text(value.reservationId),
  state: STATE_NAMES[value.state] ?? 'unknown',
  lines: value.lines.map(({ gtin, quantity, staged }) => ({
    gtin: text(gtin),
    quantity: Number(quantity - staged),
  })),
  expiresAtMs: value.expiresTime ? timestampMs(value.expiresTime) : null,
  seq,
});

const LEASE_NAMES: Readonly<Record<LeaseState, LeaseRow['state']>> = {
  [LeaseState.UNSPECIFIED]: 'unknown',
  [LeaseState.ACTIVE]: 'active',
  [LeaseState.SETTLED]: 'settled',
};

const leaseRow = (value: Lease, seq: number): LeaseRow => ({
  lease: text(value.leaseId),
  gtin: text(value.gtin),
  granted: Number(value.granted),
  sold: Number(value.sold),
  state: LEASE_NAMES[value.state] ?? 'unknown',
  expiresAtMs: value.expiresTime ? timestampMs(value.expiresTime) : null,
  seq,
});

const priceRow = (value: Price, seq: number): PriceRow => ({
  gtin: text(value.gtin),
  priceMinor: Number(value.priceMinor),
  currency: text(value.currency),
  listVersion: text(value.listVersion),
  seq,
});
