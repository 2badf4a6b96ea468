import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  Fulfilment,
  type PlaceOrderRequest,
  PlaceOrderRequestSchema,
} from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import type { Sql } from './database.ts';
import type { Line } from './lease-book.ts';

/** What the hub itself decided of an order. Where it stands beyond that is told by its store. */
export type OrderDecision = 'sourcing' | 'placed' | 'refused' | 'cancelled';

export interface StoredOrder {
  readonly orderId: string;
  readonly request: PlaceOrderRequest;
  readonly state: OrderDecision;
  readonly store: string | null;
  /** Its reservations at the store; one, or one for each line when they were promised out of leases. */
  readonly reservations: readonly string[];
  readonly distanceKm: number;
  readonly isLeased: boolean;
  readonly reason: string;
  readonly placedMs: number;
  /** When it has to stand picked. */
  readonly dueMs: number;
}

/** What shops promise: a courier takes it within half an hour, a customer may fetch it after two. */
const DUE_MS = { delivery: 30 * 60_000, pickup: 120 * 60_000 };

export interface Placement {
  readonly store: string;
  readonly reservations: readonly string[];
  readonly distanceKm: number;
  readonly isLeased: boolean;
}

/** How the store sees the reservations of an order. */
export interface OrderProgress {
  /** By reservation; none while the store has not told of it. */
  readonly states: readonly string[];
  readonly missing: readonly Line[];
}

/** Orders that shops placed, by their id, which is the request's. */
export interface OrderBook {
  /** The order of this id: a new one, or the one that was there. null when that was for something else. */
  begin(request: PlaceOrderRequest, nowMs: number): Promise<StoredOrder | null>;
  find(orderId: string): Promise<StoredOrder | null>;
  /** As `find`; in a transaction nobody else decides of it before that ends. */
  lock(orderId: string): Promise<StoredOrder | null>;
  /** Returns the order as it stands now, which is otherwise when somebody else decided of it meanwhile. */
  place(orderId: string, placement: Placement): Promise<StoredOrder>;
  end(orderId: string, state: 'refused' | 'cancelled', reason: string): Promise<void>;
  progress(order: StoredOrder): Promise<OrderProgress>;
  /**
   * The store may hold this for an order without our knowing: from `dueMs` on it is told that it is not wanted there. Once that is
   * infinite, it has let go and is asked no more for this order, since its old answers would seem to hold; then false.
   */
  oweRelease(store: string, reservation: string, dueMs: number): Promise<boolean>;
  owedReleases(store: string, nowMs: number): Promise<readonly string[]>;
  released(store: string, reservation: string): Promise<void>;
  /** Items that were ordered since then, the most ordered first. */
  demanded(sinceMs: number, limit: number): Promise<readonly string[]>;
}

interface OrderRow {
  readonly order_id: string;
  readonly content: Uint8Array;
  readonly state: OrderDecision;
  readonly store: string | null;
  readonly reservations: readonly string[];
  readonly distance_km: unknown;
  readonly leased: boolean;
  readonly reason: string;
  readonly placed_ms: unknown;
}

const COLUMNS = `order_id, content, state, store, reservations, distance_km, leased, reason,
  extract(epoch FROM placed_at) * 1000 AS placed_ms`;

export function createOrderBook(database: Sql): OrderBook {
  const read = async (orderId: string, lock: '' | 'FOR UPDATE') => {
    const rows = await database.query<OrderRow>(
      `SELECT ${COLUMNS} FROM shop_order WHERE order_id = $1 ${lock}`,
      [orderId],
    );
    return rows[0] ? orderOf(rows[0]) : null;
  };
  const find = (orderId: string) => read(orderId, '');
  return {
    find,
    lock: orderId => read(orderId, 'FOR UPDATE'),
    async begin(request, nowMs) {
      const content = toBinary(PlaceOrderRequestSchema, request);
      const [fresh] = await database.query<OrderRow>(
        `INSERT INTO shop_order (order_id, content, state, placed_at)
         VALUES ($1, $2, 'sourcing', to_timestamp($3::float8)) ON CONFLICT (order_id) DO NOTHING RETURNING ${COLUMNS}`,
        [request.requestId, content, nowMs / 1000],
      );
      const order = fresh ? orderOf(fresh) : await find(request.requestId);
      if (!order) return null;
      const known = toBinary(PlaceOrderRequestSchema, order.request);
      return Buffer.compare(known, content) === 0 ? order : null;
    },
    async place(orderId, { store, reservations, distanceKm, isLeased }) {
      const [placed] = await database.query<OrderRow>(
        // What else the store may hold under the order's own name is owed on: somebody else placed it, or it was sold out of a lease.
        `WITH placed AS (
           UPDATE shop_order SET state = 'placed', store = $2, reservations = $3::jsonb, distance_km = $4, leased = $5
           WHERE order_id = $1 AND state = 'sourcing' RETURNING ${COLUMNS}
         ), held AS (
           SELECT 1 FROM placed WHERE NOT leased
           UNION ALL
           SELECT 1 FROM shop_order WHERE order_id = $1 AND state = 'placed' AND store = $2 AND NOT leased
         ), paid AS (DELETE FROM owed_release WHERE store = $2 AND order_id = $1 AND EXISTS (SELECT 1 FROM held))
         SELECT * FROM placed`,
        [orderId, store, JSON.stringify(reservations), distanceKm, isLeased],
      );
      return placed ? orderOf(placed) : (await find(orderId))!;
    },
    async end(orderId, state, reason) {
      await database.query(
        `UPDATE shop_order SET state = $2, reason = $3 WHERE order_id = $1 AND state IN ('sourcing', 'placed')`,
        [orderId, state, reason],
      );
    },
    progress: order => progressOf(database, order),
    ...releasesOf(database),
    async demanded(sinceMs, limit) {
      const rows = await database.query<{ content: Uint8Array }>(
        `SELECT content FROM shop_order WHERE placed_at >= to_timestamp($1::float8) ORDER BY placed_at DESC LIMIT 1000`,
        [sinceMs / 1000],
      );
      const orders = new Map<string, number>();
      for (const { content } of rows) {
        for (const { gtin } of fromBinary(PlaceOrderRequestSchema, content).lines) {
          orders.set(gtin, (orders.get(gtin) ?? 0) + 1);
        }
      }
      const byDemand = [...orders].toSorted(([, a], [, b]) => b - a);
      return byDemand.slice(0, limit).map(([gtin]) => gtin);
    },
  };
}

function releasesOf(database: Sql): Pick<OrderBook, 'oweRelease' | 'owedReleases' | 'released'> {
  return {
    async oweRelease(store, reservation, dueMs) {
      const owed = await database.query(
        `INSERT INTO owed_release (store, order_id, due_at) VALUES ($1, $2, to_timestamp($3::float8))
         ON CONFLICT (store, order_id) DO UPDATE SET due_at = excluded.due_at
         WHERE owed_release.due_at < 'infinity' RETURNING order_id`,
        [store, reservation, dueMs / 1000],
      );
      return owed.length > 0;
    },
    async owedReleases(store, nowMs) {
      const rows = await database.query<{ order_id: string }>(
        `SELECT order_id FROM owed_release WHERE store = $1 AND due_at <= to_timestamp($2::float8)
         ORDER BY order_id LIMIT 1000`,
        [store, nowMs / 1000],
      );
      return rows.map(row => row.order_id);
    },
    async released(store, reservation) {
      await database.query('DELETE FROM owed_release WHERE store = $1 AND order_id = $2', [
        store,
        reservation,
      ]);
    },
  };
}

async function progressOf(database: Sql, { store, reservations }: StoredOrder): Promise<OrderProgress> {
  if (store === null) return { states: [], missing: [] };
  const rows = await database.query<ProgressRow>(
    `SELECT r.state, r.lines, coalesce(jsonb_agg(jsonb_build_object('gtin', s.gtin, 'quantity', s.missing) ORDER BY s.gtin)
       FILTER (WHERE s.gtin IS NOT NULL), '[]') AS short
     FROM reservation r
       LEFT JOIN shortage s ON s.store = r.store AND s.epoch = r.epoch AND s.reservation = r.reservation
     WHERE r.store = $1 AND r.epoch = (SELECT epoch FROM store WHERE store = $1) AND r.reservation = ANY($2::text[])
     GROUP BY r.store, r.epoch, r.reservation`,
    [store, reservations],
  );
  return { states: rows.map(({ state }) => state), missing: rows.flatMap(missingOf) };
}

interface ProgressRow {
  readonly state: string;
  /** What is not picked of it. */
  readonly lines: readonly Line[];
  readonly short: readonly Line[];
}

/** Once picking is over it is known; before, the store says what it fears. */
const missingOf = ({ state, lines, short }: ProgressRow): readonly Line[] =>
  state === 'staged' || state === 'handed_over' ? lines.filter(({ quantity }) => quantity > 0) : short;

function orderOf(row: OrderRow): StoredOrder {
  const request = fromBinary(PlaceOrderRequestSchema, row.content);
  const placedMs = Number(row.placed_ms);
  const dueMs = placedMs + (request.fulfilment === Fulfilment.DELIVERY ? DUE_MS.delivery : DUE_MS.pickup);
  return { ...fixedOf(row), request, placedMs, dueMs };
}

const fixedOf = (row: OrderRow) => ({
  orderId: row.order_id,
  state: row.state,
  store: row.store,
  reservations: row.reservations,
  distanceKm: Number(row.distance_km ?? 0),
  isLeased: row.leased,
  reason: row.reason,
});
