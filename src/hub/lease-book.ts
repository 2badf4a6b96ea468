import type { HubDatabase, Sql } from './database.ts';

/** Units of one item of one store that the cloud alone may promise. */
export interface LeaseGrant {
  readonly store: string;
  readonly lease: string;
  readonly gtin: string;
  readonly granted: number;
  /** Of these, units that are promised to orders. */
  readonly sold: number;
  readonly expiresMs: number;
}

export interface LeaseSale {
  readonly reservation: string;
  readonly quantity: number;
}

/** A lease with something to tell its store. */
export interface LeaseReport {
  readonly store: string;
  readonly lease: string;
  readonly sales: readonly LeaseSale[];
  /** Nothing more is promised of it: its time is over. */
  readonly isFinal: boolean;
}

/**
 * What the cloud may promise alone, and what it did promise of it. The book is the authority over leased units: a sale locks its
 * lease (`sellLeased`), so no number of callers sells a unit twice.
 */
export interface LeaseBook {
  /** Notes a lease that is about to be asked for; it sells nothing until it is granted. */
  ask(grant: Omit<LeaseGrant, 'sold'>): Promise<void>;
  granted(store: string, lease: string): Promise<void>;
  /** Asked for, not over at `nowMs`, and no answer heard yet. */
  asked(store: string, nowMs: number): Promise<readonly LeaseGrant[]>;
  /** The store refused it, or it is settled. */
  close(store: string, lease: string): Promise<void>;
  /** Leases that still sell at `nowMs`. */
  open(store: string, nowMs: number): Promise<readonly LeaseGrant[]>;
  /** Whether the store knows of all that was promised under these names. */
  isTold(store: string, reservations: readonly string[]): Promise<boolean>;
  /**
   * What the store has to hear: sales that it does not know, and leases whose time is over. Of these it may have granted one
   * whose answer never came, and keeps its units until it hears of the end.
   */
  reports(store: string, nowMs: number): Promise<readonly LeaseReport[]>;
  reported(report: LeaseReport): Promise<void>;
}

export interface Line {
  readonly gtin: string;
  readonly quantity: number;
}

/** The store's clock and ours may differ by this much; the end of a lease is that much earlier here. */
const CLOCKS_DIFFER_MS = 30_000;

/**
 * A promise out of a lease is a reservation of one line. None has the name of its order: the store may hold that already, from when
 * it was asked itself and its answer was lost.
 */
const promiseName = (order: string, index: number): string => `${order}/${index + 1}`;

/** The order that a promise was made for. */
export const orderIdOf = (promise: string): string => promise.replace(/\/\d+$/, '');

export function createLeaseBook(database: HubDatabase): LeaseBook {
  return {
    async ask({ store, lease, gtin, granted, expiresMs }) {
      await database.query(
        `INSERT INTO lease_grant (store, lease, gtin, granted, state, expires_at)
         VALUES ($1, $2, $3, $4, 'asked', to_timestamp($5::float8)) ON CONFLICT (store, lease) DO NOTHING`,
        [store, lease, gtin, granted, expiresMs / 1000],
      );
    },
    asked: (store, nowMs) =>
      leasesOf(database, store, `g.state = 'asked' AND g.expires_at > to_timestamp($2::float8)`, [
        nowMs / 1000,
      ]),
    granted: (store, lease) => setState(database, store, lease, 'granted'),
    close: (store, lease) => setState(database, store, lease, 'closed'),
    open: (store, nowMs) => openLeases(database, store, null, nowMs),
    async isTold(store, reservations) {
      const untold = await database.query(
        'SELECT 1 FROM lease_sale WHERE store = $1 AND reservation = ANY($2::text[]) AND NOT reported LIMIT 1',
        [store, reservations],
      );
      return untold.length === 0;
    },
    reports: (store, nowMs) => reportsOf(database, store, nowMs),
    async reported({ store, lease, sales, isFinal }) {
      await database.transaction(async sql => {
        await sql.query(
          `UPDATE lease_sale SET reported = true WHERE store = $1 AND lease = $2 AND reservation = ANY($3::text[])`,
          [store, lease, sales.map(({ reservation }) => reservation)],
        );
        if (isFinal) await setState(sql, store, lease, 'closed');
      });
    },
  };
}

async function setState(sql: Sql, store: string, lease: string, state: 'granted' | 'closed'): Promise<void> {
  await sql.query(`UPDATE lease_grant SET state = $3 WHERE store = $1 AND lease = $2 AND state <> 'closed'`, [
    store,
    lease,
    state,
  ]);
}

interface GrantRow {
  readonly lease: string;
  readonly gtin: string;
  readonly granted: unknown;
  readonly sold: unknown;
  readonly expires_ms: unknown;
}

const openLeases = (sql: Sql, store: string, gtins: readonly string[] | null, nowMs: number) =>
  leasesOf(
    sql,
    store,
    `g.state = 'granted' AND g.expires_at > to_timestamp($2::float8) AND ($3::text[] IS NULL OR g.gtin = ANY($3::text[]))`,
    [(nowMs + CLOCKS_DIFFER_MS) / 1000, gtins],
  );

async function leasesOf(
  sql: Sql,
  store: string,
  which: string,
  parameters: readonly unknown[],
): Promise<readonly LeaseGrant[]> {
  const rows = await sql.query<GrantRow>(
    `SELECT g.lease, g.gtin, g.granted, extract(epoch FROM g.expires_at) * 1000 AS expires_ms,
       (SELECT coalesce(sum(s.quantity), 0) FROM lease_sale s WHERE s.store = g.store AND s.lease = g.lease) AS sold
     FROM lease_grant g
     WHERE g.store = $1 AND ${which} ORDER BY g.expires_at, g.lease`,
    [store, ...parameters],
  );
  return rows.map(row => ({
    store,
    lease: row.lease,
    gtin: row.gtin,
    granted: Number(row.granted),
    sold: Number(row.sold),
    expiresMs: Number(row.expires_ms),
  }));
}

interface Sale {
  readonly store: string;
  readonly order: string;
  readonly lines: readonly Line[];
  readonly nowMs: number;
}

/**
 * Promises every line of an order out of the store's leases, or nothing. Returns the names of the promises. Belongs into the
 * transaction that places the order, so that nothing is ever sold to nobody.
 */
export async function sellLeased(
  sql: Sql,
  { store, order, lines, nowMs }: Sale,
): Promise<readonly string[] | null> {
  const gtins = lines.map(({ gtin }) => gtin);
  // Whoever else sells these items at this store waits here.
  await sql.query(
    `SELECT lease FROM lease_grant WHERE store = $1 AND gtin = ANY($2::text[]) AND state = 'granted'
     ORDER BY lease FOR UPDATE`,
    [store, gtins],
  );
  const leases = await openLeases(sql, store, gtins, nowMs);
  const chosen = lines.map(line =>
    leases.find(lease => lease.gtin === line.gtin && lease.granted - lease.sold >= line.quantity),
  );
  if (chosen.some(lease => lease === undefined)) return null;
  const names = lines.map((_, index) => promiseName(order, index));
  for (const [index, { quantity }] of lines.entries()) {
    await sql.query(
      `INSERT INTO lease_sale (store, lease, reservation, quantity, sold_at)
       VALUES ($1, $2, $3, $4, to_timestamp($5::float8))`,
      [store, chosen[index]!.lease, names[index], quantity, nowMs / 1000],
    );
  }
  return names;
}

interface ReportRow {
  readonly lease: string;
  readonly is_over: boolean;
  readonly sales: readonly LeaseSale[];
}

async function reportsOf(sql: Sql, store: string, nowMs: number): Promise<readonly LeaseReport[]> {
  const rows = await sql.query<ReportRow>(
    `SELECT g.lease, g.expires_at <= to_timestamp($2::float8) AS is_over,
       coalesce(jsonb_agg(jsonb_build_object('reservation', s.reservation, 'quantity', s.quantity) ORDER BY s.sold_at, s.reservation)
         FILTER (WHERE s.reservation IS NOT NULL), '[]') AS sales
     FROM lease_grant g
       LEFT JOIN lease_sale s ON s.store = g.store AND s.lease = g.lease AND NOT s.reported
     WHERE g.store = $1 AND (g.state = 'granted' OR g.state = 'asked' AND g.expires_at <= to_timestamp($2::float8))
     GROUP BY g.lease, g.expires_at HAVING count(s.reservation) > 0 OR g.expires_at <= to_timestamp($2::float8)
     ORDER BY g.expires_at, g.lease`,
    [store, nowMs / 1000],
  );
  return rows.map(({ lease, is_over, sales }) => ({ store, lease, sales, isFinal: is_over }));
}
