import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Order, OrderSchema, OrderState } from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import type { OrderBook, OrderProgress, StoredOrder } from './order-book.ts';

/** An order as a shop system sees it: what the hub decided, and what the store has told since. */
export async function orderView(orders: OrderBook, order: StoredOrder): Promise<Order> {
  const progress = await orders.progress(order);
  const { request } = order;
  return create(OrderSchema, {
    orderId: order.orderId,
    state: stateOf(order, progress),
    storeGln: order.store ?? '',
    lines: request.lines,
    fulfilment: request.fulfilment,
    distanceKm: order.distanceKm,
    missing: progress.missing.map(({ gtin, quantity }) => ({ gtin, quantity: BigInt(quantity) })),
    leased: order.isLeased,
    reason: order.reason,
    placedTime: timestampFromMs(Math.round(order.placedMs)),
    dueTime: timestampFromMs(Math.round(order.dueMs)),
  });
}

const DECIDED = {
  sourcing: OrderState.SOURCING,
  refused: OrderState.REFUSED,
  cancelled: OrderState.CANCELLED,
} as const;

/** All reservations of an order have to be there before it is. */
export function stateOf(
  { state, reservations }: StoredOrder,
  { states, missing }: OrderProgress,
): OrderState {
  if (state !== 'placed') return DECIDED[state];
  const all = (...wanted: string[]) =>
    states.length === reservations.length && states.every(each => wanted.includes(each));
  if (all('handed_over')) return OrderState.COMPLETED;
  if (states.some(each => each === 'released' || each === 'expired')) return OrderState.CANCELLED;
  if (missing.length > 0) return OrderState.SHORT;
  return all('staged', 'handed_over') ? OrderState.READY : OrderState.PICKING;
}
