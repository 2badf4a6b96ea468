import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Deadline, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type CancelOrderRequest,
  type CancelOrderResponse,
  CancelOrderResponseSchema,
  type CompleteOrderRequest,
  type CompleteOrderResponse,
  CompleteOrderResponseSchema,
  type FindStoresRequest,
  type FindStoresResponse,
  FindStoresResponseSchema,
  type GetOrderRequest,
  type GetOrderResponse,
  GetOrderResponseSchema,
  type GetStockRequest,
  type GetStockResponse,
  GetStockResponseSchema,
  type ListQuarantinedRequest,
  type ListQuarantinedResponse,
  type ListStoresRequest,
  type ListStoresResponse,
  ListStoresResponseSchema,
  type PlaceOrderRequest,
  type PlaceOrderResponse,
  PlaceOrderResponseSchema,
  type PublishPricesRequest,
  type PublishPricesResponse,
  PublishPricesResponseSchema,
  type ReleaseStockRequest,
  type ReleaseStockResponse,
  ReleaseStockResponseSchema,
  type ReserveStockRequest,
  type ReserveStockResponse,
  ReserveStockResponseSchema,
} from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import type { Clock } from '../shared/clock.ts';
import { parseGln, parseGtin } from '../shared/gtin.ts';
import type { Log } from '../shared/log.ts';
import { findCandidates } from './candidates.ts';
import type { CommandRelay } from './command-relay.ts';
import type { HubDatabase } from './database.ts';
import { placeOf } from './fold.ts';
import type { OrderBook } from './order-book.ts';
import { orderView } from './order-view.ts';
import type { Orders } from './orders.ts';
import { pageSize } from './page-size.ts';
import { listQuarantined } from './quarantine.ts';
import { rpcError, unary } from './rpc-error.ts';
import { rankOffers } from './sourcing.ts';
import { listStores, readStock, type StockRow } from './stock-queries.ts';
import type { StoreLinks } from './store-links.ts';
import { storeView } from './store-view.ts';

export interface InventoryServiceOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  readonly relay: CommandRelay;
  readonly orders: Orders;
  readonly orderBook: OrderBook;
  readonly clock: Clock;
  readonly log: Log;
}

/** What shop systems may ask of the hub. */
export function createInventoryService(options: InventoryServiceOptions): UntypedServiceImplementation {
  const { relay, log } = options;
  return {
    listStores: unary<ListStoresRequest, ListStoresResponse>(log, request => stores(request, options)),
    getStock: unary<GetStockRequest, GetStockResponse>(log, request => stock(request, options)),
    reserveStock: unary<ReserveStockRequest, ReserveStockResponse>(log, async (request, call) => {
      if (!request.reserve) throw missing('reserve');
      const order = orderOf(request, call.getDeadline());
      const result = await relay({ ...order, body: { case: 'reserve', value: request.reserve } });
      return create(ReserveStockResponseSchema, result.reservation && { reservation: result.reservation });
    }),
    releaseStock: unary<ReleaseStockRequest, ReleaseStockResponse>(log, async (request, call) => {
      if (!request.release) throw missing('release');
      const order = orderOf(request, call.getDeadline());
      const result = await relay({ ...order, body: { case: 'release', value: request.release } });
      return create(ReleaseStockResponseSchema, result.reservation && { reservation: result.reservation });
    }),
    findStores: unary<FindStoresRequest, FindStoresResponse>(log, request => offers(request, options)),
    listQuarantined: unary<ListQuarantinedRequest, ListQuarantinedResponse>(log, request =>
      listQuarantined(request, options.database),
    ),
    placeOrder: unary<PlaceOrderRequest, PlaceOrderResponse>(log, async request =>
      create(PlaceOrderResponseSchema, {
        order: await orderView(options.orderBook, await options.orders.place(request)),
      }),
    ),
    getOrder: unary<GetOrderRequest, GetOrderResponse>(log, async ({ orderId }) => {
      const order = await options.orderBook.find(orderId);
      if (!order) throw rpcError(status.NOT_FOUND, `there is no order "${orderId}"`);
      return create(GetOrderResponseSchema, { order: await orderView(options.orderBook, order) });
    }),
    cancelOrder: unary<CancelOrderRequest, CancelOrderResponse>(log, async ({ orderId }) =>
      create(CancelOrderResponseSchema, {
        order: await orderView(options.orderBook, await options.orders.cancel(orderId)),
      }),
    ),
    completeOrder: unary<CompleteOrderRequest, CompleteOrderResponse>(log, async ({ orderId }) =>
      create(CompleteOrderResponseSchema, {
        order: await orderView(options.orderBook, await options.orders.complete(orderId)),
      }),
    ),
    publishPrices: unary<PublishPricesRequest, PublishPricesResponse>(log, async (request, call) => {
      if (!request.prices) throw missing('prices');
      const order = orderOf(request, call.getDeadline());
      await relay({ ...order, body: { case: 'publishPrices', value: request.prices } });
      return create(PublishPricesResponseSchema);
    }),
  };
}

const missing = (field: string) => rpcError(status.INVALID_ARGUMENT, `${field} is missing`);

const orderOf = (
  { storeGln, requestId }: { readonly storeGln: string; readonly requestId: string },
  deadline: Deadline,
) => ({ storeGln, requestId, deadlineMs: Number(deadline) });

async function stores(request: ListStoresRequest, { database, links }: InventoryServiceOptions) {
  const limit = pageSize(request.pageSize);
  const rows = await listStores(database, request.pageToken, limit);
  return create(ListStoresResponseSchema, {
    stores: rows.map(row => storeView(row, links)),
    nextPageToken: rows.length === limit ? rows.at(-1)!.store : '',
  });
}

async function stock(request: GetStockRequest, { database, links, clock }: InventoryServiceOptions) {
  const gtin = request.gtin === '' ? null : parseGtin(request.gtin);
  if (request.gtin !== '' && gtin === null) {
    throw rpcError(status.INVALID_ARGUMENT, `gtin is "${request.gtin}"; write 8, 12, 13 or 14 digits`);
  }
  const store = request.storeGln === '' ? null : parseGln(request.storeGln);
  if (request.storeGln !== '' && store === null) {
    throw rpcError(
      status.INVALID_ARGUMENT,
      `store_gln is "${request.storeGln}"; write the 13 digits of a GLN`,
    );
  }
  if (gtin === null && store === null) {
    throw rpcError(status.INVALID_ARGUMENT, 'name a gtin, a store_gln or both');
  }
  const limit = pageSize(request.pageSize);
  const [afterStore, afterGtin] = request.pageToken.split(' ');
  const after = afterStore && afterGtin ? { store: afterStore, gtin: afterGtin } : null;
  const rows = await readStock(database, {
    gtins: gtin && [gtin],
    stores: store && [store],
    after,
    limit,
    nowMs: clock.nowMs(),
  });
  const last = rows.at(-1);
  return create(GetStockResponseSchema, {
    levels: rows.map(row => level(row, links)),
    nextPageToken: last && rows.length === limit ? `${last.store} ${last.gtin}` : '',
  });
}

function level(row: StockRow, links: StoreLinks) {
  const places = Object.entries(row.places);
  const onShelf = places.reduce((sum, [place, units]) => (place.startsWith('shelf:') ? sum + units : sum), 0);
  const backroom = row.places.backroom ?? 0;
  const link = links.find(row.store);
  return {
    storeGln: row.store,
    gtin: row.gtin,
    places: places.map(([place, units]) => ({ place: placeOf(place), quantity: BigInt(units) })),
    onShelf: BigInt(onShelf),
    backroom: BigInt(backroom),
    inCart: BigInt(row.places.cart ?? 0),
    reserved: BigInt(row.reserved),
    unreserved: BigInt(Math.max(0, onShelf + backroom - row.reserved)),
    epoch: row.epoch,
    asOfSeq: BigInt(row.asOfSeq),
    online: link !== null || row.online,
    heardTime: timestampFromMs(Math.round(link?.heardMs() ?? row.heardMs)),
    ...(row.available !== null && { available: BigInt(row.available) }),
    confidence: row.confidence,
    leased: BigInt(row.leased),
  };
}

const DEFAULT_OFFERS = 10;
const MAX_OFFERS = 100;
const DEFAULT_KM = 25;

async function offers(request: FindStoresRequest, options: InventoryServiceOptions) {
  const { links } = options;
  const { near, quantity, pageSize: asked } = request;
  const gtin = parseGtin(request.gtin);
  if (!gtin) {
    throw rpcError(status.INVALID_ARGUMENT, `gtin is "${request.gtin}"; write 8, 12, 13 or 14 digits`);
  }
  if (!near) throw missing('near');
  if (asked < 0 || asked > MAX_OFFERS) {
    throw rpcError(status.INVALID_ARGUMENT, `page_size is ${asked}; write 1 to ${MAX_OFFERS}`);
  }
  const wanted = {
    lines: [{ gtin, quantity: Number(quantity) || 1 }],
    near,
    withinKm: request.withinKm || DEFAULT_KM,
  };
  const candidates = await findCandidates(options, wanted);
  const best = rankOffers(wanted, candidates).slice(0, asked || DEFAULT_OFFERS);
  return create(FindStoresResponseSchema, {
    offers: best.map(({ candidate, distanceKm, confidence }) => {
      const { store } = candidate;
      const found = candidates.find(each => each.store === store);
      const row = found?.rows[0];
      return {
        store: {
          storeGln: store,
          online: candidate.isOnline,
          ...(candidate.place && { location: candidate.place }),
          name: found?.name ?? '',
        },
        ...(row && { level: level(row, links) }),
        distanceKm,
        confidence,
      };
    }),
  });
}
