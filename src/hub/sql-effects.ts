import type { Sql } from './database.ts';
import type { Effects, LeaseRow, PriceRow, ReservationRow, ShortageRow, StockChange } from './fold.ts';
import type { LogName } from './ledger.ts';

/** Where a part of a statement stands: what it writes to, and under which condition. */
export interface Target {
  /** Takes a value into the statement and returns its place. */
  readonly put: (value: unknown) => string;
  /** The places of the log's store and epoch. */
  readonly store: string;
  readonly epoch: string;
  /** Empty, or a WHERE clause: without it nothing is written. */
  readonly where: string;
}

/** One writing statement, to be run alone or as a part of a larger one. */
export type Write = (target: Target) => string;

/** What a run of events does to the tables: at most one statement for each of them, however long the run. */
export const effectWrites = ({
  stock,
  reservations,
  prices,
  leases,
  shortages,
}: Effects): readonly Write[] => [
  ...(stock.length > 0 ? [addStock(stock)] : []),
  ...(reservations.length > 0 ? [putReservations(reservations)] : []),
  ...(prices.length > 0 ? [putPrices(prices)] : []),
  ...(leases.length > 0 ? [putLeases(leases)] : []),
  ...(shortages.length > 0 ? [putShortages(shortages)] : []),
];

/** Each statement by itself. */
export async function runWrites(
  sql: Sql,
  { store, epoch }: LogName,
  writes: readonly Write[],
): Promise<void> {
  for (const write of writes) {
    const values: unknown[] = [store, epoch];
    const put = (value: unknown) => `$${values.push(value)}`;
    const text = write({ put, store: '$1::text', epoch: '$2::text', where: '' });
    await sql.query(text, values);
  }
}

/** Forgets everything that was folded of a log. */
export async function clearEffects(sql: Sql, { store, epoch }: LogName): Promise<void> {
  for (const table of ['stock', 'reservation', 'price', 'lease', 'live_stock']) {
    await sql.query(`DELETE FROM ${table} WHERE store = $1 AND epoch = $2`, [store, epoch]);
  }
}

const seconds = (unixMs: number | null) => (unixMs === null ? null : unixMs / 1000);

const addStock =
  (rows: readonly StockChange[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO stock (store, epoch, gtin, place, quantity)
     SELECT ${store}, ${epoch}, s.gtin, s.place, s.quantity
     FROM unnest(${put(rows.map(row => row.gtin))}::text[], ${put(rows.map(row => row.place))}::text[],
       ${put(rows.map(row => String(row.quantity)))}::bigint[]) AS s (gtin, place, quantity) ${where}
     ON CONFLICT (store, epoch, gtin, place) DO UPDATE SET quantity = stock.quantity + excluded.quantity`;

const putReservations =
  (rows: readonly ReservationRow[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO reservation (store, epoch, reservation, state, lines, expires_at, seq)
     SELECT ${store}, ${epoch}, r.reservation, r.state, r.lines, to_timestamp(r.expires), r.seq
     FROM unnest(${put(rows.map(row => row.reservation))}::text[], ${put(rows.map(row => row.state))}::text[],
       ${put(rows.map(row => JSON.stringify(row.lines)))}::jsonb[],
       ${put(rows.map(row => seconds(row.expiresAtMs)))}::float8[],
       ${put(rows.map(row => String(row.seq)))}::bigint[]) AS r (reservation, state, lines, expires, seq) ${where}
     ON CONFLICT (store, epoch, reservation) DO UPDATE SET state = excluded.state, lines = excluded.lines,
     expires_at = excluded.expires_at, seq = excluded.seq`;

const putPrices =
  (rows: readonly PriceRow[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO price (store, epoch, gtin, price_minor, currency, list_version, seq)
     SELECT ${store}, ${epoch}, p.gtin, p.price_minor, p.currency, p.list_version, p.seq
     FROM unnest(${put(rows.map(row => row.gtin))}::text[], ${put(rows.map(row => String(row.priceMinor)))}::bigint[],
       ${put(rows.map(row => row.currency))}::text[], ${put(rows.map(row => row.listVersion))}::text[],
       ${put(rows.map(row => String(row.seq)))}::bigint[]) AS p (gtin, price_minor, currency, list_version, seq) ${where}
     ON CONFLICT (store, epoch, gtin) DO UPDATE SET price_minor = excluded.price_minor,
     currency = excluded.currency, list_version = excluded.list_version, seq = excluded.seq`;

const putLeases =
  (rows: readonly LeaseRow[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO lease (store, epoch, lease, gtin, granted, sold, state, expires_at, seq)
     SELECT ${store}, ${epoch}, l.lease, l.gtin, l.granted, l.sold, l.state, to_timestamp(l.expires), l.seq
     FROM unnest(${put(rows.map(row => row.lease))}::text[], ${put(rows.map(row => row.gtin))}::text[],
       ${put(rows.map(row => String(row.granted)))}::bigint[], ${put(rows.map(row => String(row.sold)))}::bigint[],
       ${put(rows.map(row => row.state))}::text[], ${put(rows.map(row => seconds(row.expiresAtMs)))}::float8[],
       ${put(rows.map(row => String(row.seq)))}::bigint[])
       AS l (lease, gtin, granted, sold, state, expires, seq) ${where}
     ON CONFLICT (store, epoch, lease) DO UPDATE SET granted = excluded.granted, sold = excluded.sold,
     state = excluded.state, expires_at = excluded.expires_at, seq = excluded.seq`;

const putShortages =
  (rows: readonly ShortageRow[]): Write =>
  ({ put, store, epoch, where }) =>
    `INSERT INTO shortage (store, epoch, reservation, gtin, missing)
     SELECT ${store}, ${epoch}, s.reservation, s.gtin, s.missing
     FROM unnest(${put(rows.map(row => row.reservation))}::text[], ${put(rows.map(row => row.gtin))}::text[],
       ${put(rows.map(row => String(row.missing)))}::bigint[]) AS s (reservation, gtin, missing) ${where}
     ON CONFLICT (store, epoch, reservation, gtin) DO UPDATE SET missing = excluded.missing`;
