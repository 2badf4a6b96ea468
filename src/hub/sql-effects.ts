import type { Sql } from './database.ts';
import type { Effects, LeaseRow, PriceRow, ReservationRow, ShortageRow, StockChange } from './fold.ts';
import type { LogName } from './ledger.ts';

/** Adds what a run of events does to the tables: at most one statement for each of them, however long the run. */
export async function applyEffects(sql: Sql, log: LogName, effects: Effects): Promise<void> {
  if (effects.stock.length > 0) await addStock(sql, log, effects.stock);
  if (effects.reservations.length > 0) await putReservations(sql, log, effects.reservations);
  if (effects.prices.length > 0) await putPrices(sql, log, effects.prices);
  if (effects.leases.length > 0) await putLeases(sql, log, effects.leases);
  if (effects.shortages.length > 0) await addShortages(sql, log, effects.shortages);
}

/** Forgets everything that was folded of a log. */
export async function clearEffects(sql: Sql, { store, epoch }: LogName): Promise<void> {
  for (const table of ['stock', 'reservation', 'price', 'lease', 'live_stock']) {
    await sql.query(`DELETE FROM ${table} WHERE store = $1 AND epoch = $2`, [store, epoch]);
  }
}

const seconds = (unixMs: number | null) => (unixMs === null ? null : unixMs / 1000);

async function addStock(sql: Sql, { store, epoch }: LogName, rows: readonly StockChange[]): Promise<void> {
  await sql.query(
    `INSERT INTO stock (store, epoch, gtin, place, quantity)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[])
     ON CONFLICT (store, epoch, gtin, place) DO UPDATE SET quantity = stock.quantity + excluded.quantity`,
    [
      store,
      epoch,
      rows.map(row => row.gtin),
      rows.map(row => row.place),
      rows.map(row => String(row.quantity)),
    ],
  );
}

async function putReservations(
  sql: Sql,
  { store, epoch }: LogName,
  rows: readonly ReservationRow[],
): Promise<void> {
  await sql.query(
    `INSERT INTO reservation (store, epoch, reservation, state, lines, expires_at, seq)
     SELECT $1, $2, r.reservation, r.state, r.lines, to_timestamp(r.expires), r.seq
     FROM unnest($3::text[], $4::text[], $5::jsonb[], $6::float8[], $7::bigint[])
       AS r (reservation, state, lines, expires, seq)
     ON CONFLICT (store, epoch, reservation) DO UPDATE SET state = excluded.state, lines = excluded.lines,
     expires_at = excluded.expires_at, seq = excluded.seq`,
    [
      store,
      epoch,
      rows.map(row => row.reservation),
      rows.map(row => row.state),
      rows.map(row => JSON.stringify(row.lines)),
      rows.map(row => seconds(row.expiresAtMs)),
      rows.map(row => String(row.seq)),
    ],
  );
}

async function putPrices(sql: Sql, { store, epoch }: LogName, rows: readonly PriceRow[]): Promise<void> {
  await sql.query(
    `INSERT INTO price (store, epoch, gtin, price_minor, currency, list_version, seq)
     SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[])
     ON CONFLICT (store, epoch, gtin) DO UPDATE SET price_minor = excluded.price_minor,
     currency = excluded.currency, list_version = excluded.list_version, seq = excluded.seq`,
    [
      store,
      epoch,
      rows.map(row => row.gtin),
      rows.map(row => String(row.priceMinor)),
      rows.map(row => row.currency),
      rows.map(row => row.listVersion),
      rows.map(row => String(row.seq)),
    ],
  );
}

async function putLeases(sql: Sql, { store, epoch }: LogName, rows: readonly LeaseRow[]): Promise<void> {
  await sql.query(
    `INSERT INTO lease (store, epoch, lease, gtin, granted, sold, state, expires_at, seq)
     SELECT $1, $2, l.lease, l.gtin, l.granted, l.sold, l.state, to_timestamp(l.expires), l.seq
     FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::float8[], $9::bigint[])
       AS l (lease, gtin, granted, sold, state, expires, seq)
     ON CONFLICT (store, epoch, lease) DO UPDATE SET granted = excluded.granted, sold = excluded.sold,
     state = excluded.state, expires_at = excluded.expires_at, seq = excluded.seq`,
    [
      store,
      epoch,
      rows.map(row => row.lease),
      rows.map(row => row.gtin),
      rows.map(row => String(row.granted)),
      rows.map(row => String(row.sold)),
      rows.map(row => row.state),
      rows.map(row => seconds(row.expiresAtMs)),
      rows.map(row => String(row.seq)),
    ],
  );
}

async function addShortages(
  sql: Sql,
  { store, epoch }: LogName,
  rows: readonly ShortageRow[],
): Promise<void> {
  await sql.query(
    `INSERT INTO shortage (store, epoch, reservation, gtin, missing)
     SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::bigint[])
     ON CONFLICT (store, epoch, reservation, gtin) DO UPDATE SET missing = shortage.missing + excluded.missing`,
    [
      store,
      epoch,
      rows.map(row => row.reservation),
      rows.map(row => row.gtin),
      rows.map(row => String(row.missing)),
    ],
  );
}
