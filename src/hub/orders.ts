import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { Fulfilment, type PlaceOrderRequest } from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { Handover } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import { type Clock, within } from '../shared/clock.ts';
import { parseGln, parseGtin } from '../shared/gtin.ts';
import type { Log } from '../shared/log.ts';
import { findCandidates } from './candidates.ts';
import type { CommandRelay, StoreOrder } from './command-relay.ts';
import type { HubDatabase } from './database.ts';
import { type LeaseBook, type Line, sellLeased } from './lease-book.ts';
import { createOrderBook, type OrderBook, type StoredOrder } from './order-book.ts';
import { isRpcError, rpcError } from './rpc-error.ts';
import { type Offer, rankOffers, type Wanted } from './sourcing.ts';
import type { StoreLinks } from './store-links.ts';

export interface OrdersOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  readonly relay: CommandRelay;
  readonly orders: OrderBook;
  readonly leases: LeaseBook;
  readonly clock: Clock;
  readonly log: Log;
}

/** Orders of shop systems. Everything is repeatable: the same call again goes on where the first one was lost. */
export interface Orders {
  place(request: PlaceOrderRequest): Promise<StoredOrder>;
  cancel(orderId: string): Promise<StoredOrder>;
  complete(orderId: string): Promise<StoredOrder>;
}

/** Stores that are asked before an order is refused, and how long each may take. */
const MOST_TRIES = 5;
const TRY_MS = 3_000;
/** A store that granted and whose answer was lost holds the units no longer than this after the order came. */
const HOLD_MS = 5 * 60_000;

/** An order that is not placed by then was lost with its hub; a shop that asks again meanwhile goes on with it. */
const FORGOTTEN_MS = 2 * 60_000;

export function createOrders(options: OrdersOptions): Orders {
  const { orders, clock } = options;
  return {
    async place(request) {
      const wanted = wantedOf(request);
      const order = await orders.begin(request, clock.nowMs());
      if (!order)
        throw rpcError(status.ALREADY_EXISTS, `order "${request.requestId}" exists with other content`);
      return order.state === 'sourcing' ? source(options, order, wanted) : order;
    },
    async cancel(orderId) {
      const order = await required(orders, orderId);
      if (order.state === 'placed') await tellStore(options, order, 'release');
      await orders.end(orderId, 'cancelled', 'cancelled by the shop');
      return required(orders, orderId);
    },
    async complete(orderId) {
      const order = await required(orders, orderId);
      if (order.state !== 'placed') {
        throw rpcError(status.FAILED_PRECONDITION, `order "${orderId}" is ${order.state}; no store holds it`);
      }
      await tellStore(options, order, 'handOver');
      return required(orders, orderId);
    },
  };
}

async function required(orders: OrderBook, orderId: string): Promise<StoredOrder> {
  const order = await orders.find(orderId);
  if (!order) throw rpcError(status.NOT_FOUND, `there is no order "${orderId}"`);
  return order;
}

const invalid = (text: string) => rpcError(status.INVALID_ARGUMENT, text);
const MAX_ID_LENGTH = 100;
const WITHIN_KM = { pickup: 25, delivery: 5 };

function wantedOf({ requestId, lines, fulfilment, near, withinKm, storeGln }: PlaceOrderRequest): Wanted {
  if (requestId.length < 1 || requestId.length > MAX_ID_LENGTH) {
    throw invalid(`request_id must have 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (fulfilment === Fulfilment.UNSPECIFIED) throw invalid('fulfilment is missing; write PICKUP or DELIVERY');
  if (storeGln !== '' && !parseGln(storeGln)) throw invalid(`store_gln is "${storeGln}"; write 13 digits`);
  if (!near && storeGln === '') throw invalid('name where the customer is (near), or a store_gln');
  const nearest = fulfilment === Fulfilment.DELIVERY ? WITHIN_KM.delivery : WITHIN_KM.pickup;
  return {
    lines: sumOf(lines),
    near: near ?? { latitude: 0, longitude: 0 },
    withinKm: storeGln === '' ? withinKm || nearest : Number.POSITIVE_INFINITY,
  };
}

/** Lines of the same item are one line. */
function sumOf(lines: PlaceOrderRequest['lines']): readonly Line[] {
  if (lines.length === 0) throw invalid('lines is empty; name at least one item');
  const sums = new Map<string, number>();
  for (const [index, { gtin: text, quantity }] of lines.entries()) {
    const gtin = parseGtin(text);
    if (!gtin) throw invalid(`lines[${index}].gtin is "${text}"; write 8, 12, 13 or 14 digits`);
    if (quantity < 1n || quantity > 1_000_000n)
      throw invalid(`lines[${index}].quantity is ${quantity}; write 1 or more`);
    sums.set(gtin, (sums.get(gtin) ?? 0) + Number(quantity));
  }
  return [...sums].map(([gtin, quantity]) => ({ gtin, quantity }));
}

/** Asks store after store until one holds everything. */
async function source(options: OrdersOptions, order: StoredOrder, wanted: Wanted): Promise<StoredOrder> {
  const { orders } = options;
  const store = order.request.storeGln || null;
  const offers = rankOffers(wanted, await findCandidates(options, wanted, { store, isForPromise: true }));
  const reasons: string[] = [];
  for (const offer of offers.slice(0, MOST_TRIES)) {
    const outcome = offer.candidate.isOnline
      ? await reserve(options, order, wanted.lines, offer)
      : await promise(options, order, wanted.lines, offer);
    if (typeof outcome !== 'string') return outcome;
    reasons.push(`${offer.candidate.store}: ${outcome}`);
  }
  const reason = reasons.length > 0 ? reasons.join('; ') : 'no store near enough can promise all of it';
  await orders.end(order.orderId, 'refused', reason.slice(0, 500));
  return required(orders, order.orderId);
}

/** When and how its store has to have it ready. */
export const termsOf = ({ dueMs, request }: StoredOrder) => ({
  dueTime: timestampFromMs(Math.round(dueMs)),
  handover: request.fulfilment === Fulfilment.DELIVERY ? Handover.DELIVERY : Handover.PICKUP,
});

/** The order, when the store holds it; otherwise why not. */
async function reserve(
  { relay, orders, clock, log }: OrdersOptions,
  order: StoredOrder,
  lines: readonly Line[],
  { candidate, distanceKm }: Offer,
): Promise<StoredOrder | string> {
  const { orderId } = order;
  const { store } = candidate;
  const ask = (step: string, body: StoreOrder['body']) =>
    relay({ storeGln: store, requestId: `${orderId}#${step}`, body, deadlineMs: clock.nowMs() + TRY_MS });
  // Whatever becomes of us, the store does not keep what nobody knows of.
  const mayAsk = await orders.oweRelease(store, orderId, clock.nowMs() + FORGOTTEN_MS);
  if (!mayAsk) return 'has let go of it, since nobody placed it in time';
  try {
    // The order's own times, so that a repeat asks for the same.
    await ask('reserve', {
      case: 'reserve',
      value: {
        reservationId: orderId,
        lines: lines.map(({ gtin, quantity }) => ({ gtin, quantity: BigInt(quantity) })),
        holdUntilTime: timestampFromMs(Math.round(order.placedMs) + HOLD_MS),
      },
    });
    await ask('confirm', { case: 'confirm', value: { reservationId: orderId, ...termsOf(order) } });
  } catch (error) {
    if (!isRpcError(error)) throw error;
    // It may hold the units without our knowing, and staff may pick them: it is told until it has heard.
    await orders.oweRelease(store, orderId, clock.nowMs());
    const release = ask('release', { case: 'release', value: { reservationId: orderId } })
      .then(() => orders.released(store, orderId))
      .catch(() => {});
    await within(clock, TRY_MS, release);
    log.info({ orderId, store, reason: error.details }, 'a store does not take an order');
    return error.details;
  }
  return orders.place(orderId, { store, reservations: [orderId], distanceKm, isLeased: false });
}

/** The store is away, so only what it left to us can be promised. */
function promise(
  { database, clock }: OrdersOptions,
  { orderId }: StoredOrder,
  lines: readonly Line[],
  { candidate, distanceKm }: Offer,
): Promise<StoredOrder | string> {
  const { store } = candidate;
  return database.transaction(async sql => {
    const orders = createOrderBook(sql);
    const order = await orders.lock(orderId);
    if (order && order.state !== 'sourcing') return order;
    const reservations = await sellLeased(sql, { store, order: orderId, lines, nowMs: clock.nowMs() });
    if (!reservations) return 'is not connected, and its leases do not hold all of it';
    return orders.place(orderId, { store, reservations, distanceKm, isLeased: true });
  });
}

async function tellStore(
  { relay, leases, clock }: OrdersOptions,
  { orderId, store, reservations, isLeased }: StoredOrder,
  what: 'release' | 'handOver',
): Promise<void> {
  if (store === null) return;
  // It would say no, and that would be remembered.
  if (isLeased && !(await leases.isTold(store, reservations))) {
    const text = `store ${store} has not heard of order "${orderId}" yet, which was promised while it was away`;
    throw rpcError(status.UNAVAILABLE, text, { reason: 'NOT_TOLD_YET' });
  }
  for (const reservationId of reservations) {
    const requestId = `${orderId}#${what}${reservationId === orderId ? '' : reservationId.slice(orderId.length)}`;
    const body: StoreOrder['body'] = { case: what, value: { reservationId } };
    await relay({ storeGln: store, requestId, body, deadlineMs: clock.nowMs() + TRY_MS });
  }
}
