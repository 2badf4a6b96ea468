import type { HubDatabase } from './database.ts';
import { onlineSql } from './receivers/presence.ts';

export interface StoreRow {
  readonly store: string;
  readonly epoch: string;
  readonly version: string;
  readonly ackedSeq: number;
  readonly lastSeq: number;
  readonly eventCount: number;
  readonly skippedCount: number;
  readonly quarantinedCount: number;
  readonly receiptsDisputed: number;
  readonly heardMs: number;
  /** What it last said of itself: `StoreHealth` and `ConfigState` as they came. */
  readonly health: Uint8Array | null;
  readonly config: Uint8Array | null;
  /** Null when nobody said. */
  readonly name: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Its stream is open, at this receiver or at another one. */
  readonly online: boolean;
}

export interface StockRow {
  readonly store: string;
  readonly gtin: string;
  readonly epoch: string;
  readonly places: Readonly<Record<string, number>>;
  readonly reserved: number;
  readonly asOfSeq: number;
  /** What the store itself would promise, as of its last word; null when it never said. */
  readonly available: number | null;
  readonly confidence: number;
  /** Units of open leases that are not promised yet. */
  readonly leased: number;
  readonly heardMs: number;
  /** The store's stream is open, at this receiver or at another one. */
  readonly online: boolean;
}

export interface StockPage {
  /** 14 digits each; null for all items. */
  readonly gtins: readonly string[] | null;
  readonly stores: readonly string[] | null;
  /** The last row of the page before; null for the first page. */
  readonly after: { readonly store: string; readonly gtin: string } | null;
  readonly limit: number;
  readonly nowMs: number;
  /** What a store itself would promise is enough: its reservations are not summed up where it has said so. */
  readonly isForPromise?: true;
}

type Raw<T> = { readonly [K in keyof T]: T[K] extends number ? unknown : T[K] };
type RawStock = { readonly [K in keyof StockRow]: StockRow[K] extends number | null ? unknown : StockRow[K] };

/** Stores by GLN, each with its current log. */
export async function listStores(
  database: HubDatabase,
  afterStore: string,
  limit: number,
): Promise<StoreRow[]> {
  const rows = await database.query<Raw<StoreRow>>(
    `SELECT s.store, s.epoch, s.version, w.acked_seq AS "ackedSeq", greatest(s.last_seq, w.acked_seq) AS "lastSeq",
       w.event_count AS "eventCount", w.quarantined_count AS "quarantinedCount", w.skipped_count AS "skippedCount",
       s.health, s.config, p.name, p.latitude, p.longitude,
       (SELECT count(*) FROM receipt r WHERE r.store = s.store AND r.epoch = s.epoch AND r.verdict = 'disputed')
         AS "receiptsDisputed",
       extract(epoch FROM w.heard_at) * 1000 AS "heardMs", ${onlineSql('s.store')} AS online
     FROM store s JOIN watermark w ON w.store = s.store AND w.epoch = s.epoch
       LEFT JOIN store_place p ON p.store = s.store
     WHERE s.store > $1 ORDER BY s.store LIMIT $2`,
    [afterStore, limit],
  );
  return rows.map(row => ({
    ...row,
    ackedSeq: Number(row.ackedSeq),
    lastSeq: Number(row.lastSeq),
    eventCount: Number(row.eventCount),
    skippedCount: Number(row.skippedCount),
    quarantinedCount: Number(row.quarantinedCount),
    receiptsDisputed: Number(row.receiptsDisputed),
    heardMs: Number(row.heardMs),
  }));
}

// One statement, so that the quantities, the reservations and as_of_seq belong to the same instant. While events wait
// behind a backlog, the store's own word on an item is newer than their sum.
const STOCK = (which: string) => `
  SELECT s.store, s.gtin, s.epoch, w.acked_seq AS "asOfSeq", extract(epoch FROM w.heard_at) * 1000 AS "heardMs",
    ${onlineSql('s.store')} AS online,
    CASE WHEN l.as_of_seq > w.acked_seq THEN l.places
      ELSE coalesce(jsonb_object_agg(s.place, s.quantity) FILTER (WHERE s.quantity <> 0), '{}') END AS places,
    l.available, coalesce(l.confidence, 1) AS confidence,
    (SELECT coalesce(sum(g.granted - (SELECT coalesce(sum(x.quantity), 0) FROM lease_sale x
       WHERE x.store = g.store AND x.lease = g.lease)), 0) FROM lease_grant g
     WHERE g.store = s.store AND g.gtin = s.gtin AND g.state = 'granted'
       AND g.expires_at > to_timestamp($1::float8)) AS leased,
    CASE WHEN $3::boolean AND l.available IS NOT NULL THEN 0 ELSE
    (SELECT coalesce(sum((line->>'quantity')::bigint), 0)
     FROM reservation r, jsonb_array_elements(r.lines) AS line
     WHERE r.store = s.store AND r.epoch = s.epoch AND line->>'gtin' = s.gtin
       AND r.state IN ('temporary', 'pending', 'confirmed', 'staged')
       AND (r.state <> 'temporary' OR r.expires_at > to_timestamp($1::float8))) END AS reserved
  FROM stock s
    JOIN store t ON t.store = s.store AND t.epoch = s.epoch
    JOIN watermark w ON w.store = s.store AND w.epoch = s.epoch
    LEFT JOIN live_stock l ON l.store = s.store AND l.epoch = s.epoch AND l.gtin = s.gtin
  WHERE ${which}
  GROUP BY s.store, s.gtin, s.epoch, w.acked_seq, w.heard_at, l.as_of_seq, l.places, l.available, l.confidence
  ORDER BY s.store, s.gtin LIMIT $2`;

/** Stock by store and item, from each store's current log. */
export async function readStock(database: HubDatabase, page: StockPage): Promise<StockRow[]> {
  const { gtins, stores, after, limit, nowMs, isForPromise = false } = page;
  const values: unknown[] = [nowMs / 1000, limit, isForPromise];
  const put = (value: unknown) => `$${values.push(value)}`;
  const behind = (last: { readonly store: string; readonly gtin: string }) =>
    gtins?.length !== 1
      ? `(s.store, s.gtin) > (${put(last.store)}, ${put(last.gtin)})`
      : `s.store > ${put(last.store)}`;
  const among = (column: string, names: readonly string[]) =>
    names.length === 1 ? `${column} = ${put(names[0])}` : `${column} = ANY(${put(names)}::text[])`;
  // Each shape has a text and so a plan of its own: one plan for all of them would use no index.
  const which = [
    ...(gtins === null ? [] : [among('s.gtin', gtins)]),
    ...(stores === null ? [] : [among('s.store', stores)]),
    ...(after === null ? [] : [behind(after)]),
  ];
  const rows = await database.query<RawStock>(STOCK(which.join(' AND ') || 'true'), values);
  return rows.map(row => ({
    ...row,
    reserved: Number(row.reserved),
    asOfSeq: Number(row.asOfSeq),
    available: row.available === null ? null : Number(row.available),
    confidence: Number(row.confidence),
    leased: Number(row.leased),
    heardMs: Number(row.heardMs),
  }));
}
