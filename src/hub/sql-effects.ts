import type { Sql } from './database.ts';
import type { Effects, LeaseRow, PriceRow, ReservationRow, ShortageRow, StockChange } from './fold.ts';
import type { LogName } from './ledger.ts';

/** Where a part of a statement stands. */
export interface Target {
  /** Takes a value into the statement and returns its place. */
  readonly put: (value: unknown) => string;
  /** Keeps of the rows `x` those that may be written: empty for all, or a WHERE clause. */
  readonly where: string;
}

/** One writing statement, to be run alone or as a part of a larger one. */
export type Write = (target: Target) => string;

/** What the events of one log do. */
export interface LogEffects {
  readonly log: LogName;
  readonly effects: Effects;
}

/** The columns of rows that a statement takes in as arrays: the type of each, and its value. */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, value: (row: Row) => unknown]>>;

/** `unnest(...) AS x (...)`: one place for each column, however many rows. */
export const rowsOf = <Row>(put: Target['put'], rows: readonly Row[], columns: Columns<Row>): string => {
  const arrays = Object.values(columns).map(([type, value]) => `${put(rows.map(value))}::${type}[]`);
  return `unnest(${arrays.join(', ')}) AS x (${Object.keys(columns).join(', ')})`;
};

type Of<Row> = Row & LogName;

const LOG: Columns<LogName> = { store: ['text', row => row.store], epoch: ['text', row => row.epoch] };

/** What runs of events do to the tables: at most one statement for each table, however many logs and events. */
export function effectWrites(told: readonly LogEffects[]): readonly Write[] {
  const all = <Row>(of: (effects: Effects) => readonly Row[]): readonly Of<Row>[] =>
    told.flatMap(({ log: { store, epoch }, effects }) => of(effects).map(row => ({ ...row, store, epoch })));
  const some = <Row>(rows: readonly Row[], write: (rows: readonly Row[]) => Write) =>
    rows.length > 0 ? [write(rows)] : [];
  return [
    ...some(
      all(effects => effects.stock),
      addStock,
    ),
    ...some(
      all(effects => effects.reservations),
      putReservations,
    ),
    ...some(
      all(effects => effects.prices),
      putPrices,
    ),
    ...some(
      all(effects => effects.leases),
      putLeases,
    ),
    ...some(
      all(effects => effects.shortages),
      putShortages,
    ),
  ];
}

/** Each statement by itself. */
export async function runWrites(sql: Sql, writes: readonly Write[]): Promise<void> {
  for (const write of writes) {
    const values: unknown[] = [];
    await sql.query(write({ put: value => `$${values.push(value)}`, where: '' }), values);
  }
}

/** Forgets everything that was folded of a log. */
export async function clearEffects(sql: Sql, { store, epoch }: LogName): Promise<void> {
  for (const table of ['stock', 'reservation', 'price', 'lease', 'live_stock']) {
    await sql.query(`DELETE FROM ${table} WHERE store = $1 AND epoch = $2`, [store, epoch]);
  }
}

const seconds = (unixMs: number | null) => (unixMs === null ? null : unixMs / 1000);

const STOCK: Columns<Of<StockChange>> = {
  ...LOG,
  gtin: ['text', row => row.gtin],
  place: ['text', row => row.place],
  quantity: ['bigint', row => String(row.quantity)],
};

const addStock =
  (rows: readonly Of<StockChange>[]): Write =>
  ({ put, where }) =>
    `INSERT INTO stock (store, epoch, gtin, place, quantity)
     SELECT x.store, x.epoch, x.gtin, x.place, x.quantity FROM ${rowsOf(put, rows, STOCK)} ${where}
     ON CONFLICT (store, epoch, gtin, place) DO UPDATE SET quantity = stock.quantity + excluded.quantity`;

const RESERVATION: Columns<Of<ReservationRow>> = {
  ...LOG,
  reservation: ['text', row => row.reservation],
  state: ['text', row => row.state],
  lines: ['jsonb', row => JSON.stringify(row.lines)],
  expires: ['float8', row => seconds(row.expiresAtMs)],
  seq: ['bigint', row => String(row.seq)],
};

const putReservations =
  (rows: readonly Of<ReservationRow>[]): Write =>
  ({ put, where }) =>
    `INSERT INTO reservation (store, epoch, reservation, state, lines, expires_at, seq)
     SELECT x.store, x.epoch, x.reservation, x.state, x.lines, to_timestamp(x.expires), x.seq
     FROM ${rowsOf(put, rows, RESERVATION)} ${where}
     ON CONFLICT (store, epoch, reservation) DO UPDATE SET state = excluded.state, lines = excluded.lines,
     expires_at = excluded.expires_at, seq = excluded.seq`;

const PRICE: Columns<Of<PriceRow>> = {
  ...LOG,
  gtin: ['text', row => row.gtin],
  price_minor: ['bigint', row => String(row.priceMinor)],
  currency: ['text', row => row.currency],
  list_version: ['text', row => row.listVersion],
  seq: ['bigint', row => String(row.seq)],
};

const putPrices =
  (rows: readonly Of<PriceRow>[]): Write =>
  ({ put, where }) =>
    `INSERT INTO price (store, epoch, gtin, price_minor, currency, list_version, seq)
     SELECT x.store, x.epoch, x.gtin, x.price_minor, x.currency, x.list_version, x.seq
     FROM ${rowsOf(put, rows, PRICE)} ${where}
     ON CONFLICT (store, epoch, gtin) DO UPDATE SET price_minor = excluded.price_minor,
     currency = excluded.currency, list_version = excluded.list_version, seq = excluded.seq`;

const LEASE: Columns<Of<LeaseRow>> = {
  ...LOG,
  lease: ['text', row => row.lease],
  gtin: ['text', row => row.gtin],
  granted: ['bigint', row => String(row.granted)],
  sold: ['bigint', row => String(row.sold)],
  state: ['text', row => row.state],
  expires: ['float8', row => seconds(row.expiresAtMs)],
  seq: ['bigint', row => String(row.seq)],
};

const putLeases =
  (rows: readonly Of<LeaseRow>[]): Write =>
  ({ put, where }) =>
    `INSERT INTO lease (store, epoch, lease, gtin, granted, sold, state, expires_at, seq)
     SELECT x.store, x.epoch, x.lease, x.gtin, x.granted, x.sold, x.state, to_timestamp(x.expires), x.seq
     FROM ${rowsOf(put, rows, LEASE)} ${where}
     ON CONFLICT (store, epoch, lease) DO UPDATE SET granted = excluded.granted, sold = excluded.sold,
     state = excluded.state, expires_at = excluded.expires_at, seq = excluded.seq`;

const SHORTAGE: Columns<Of<ShortageRow>> = {
  ...LOG,
  reservation: ['text', row => row.reservation],
  gtin: ['text', row => row.gtin],
  missing: ['bigint', row => String(row.missing)],
};

const putShortages =
  (rows: readonly Of<ShortageRow>[]): Write =>
  ({ put, where }) =>
    `INSERT INTO shortage (store, epoch, reservation, gtin, missing)
     SELECT x.store, x.epoch, x.reservation, x.gtin, x.missing FROM ${rowsOf(put, rows, SHORTAGE)} ${where}
     ON CONFLICT (store, epoch, reservation, gtin) DO UPDATE SET missing = excluded.missing`;
