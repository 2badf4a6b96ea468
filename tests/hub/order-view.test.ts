import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { OrderState, PlaceOrderRequestSchema } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import type { OrderProgress, StoredOrder } from '../../src/hub/order-book.ts';
import { stateOf } from '../../src/hub/order-view.ts';

const placed = (reservations: readonly string[]): StoredOrder => ({
  orderId: 'o',
  request: create(PlaceOrderRequestSchema),
  state: 'placed',
  store: '9521321000018',
  reservations,
  distanceKm: 0,
  isLeased: reservations.length > 1,
  reason: '',
  placedMs: 0,
  dueMs: 0,
});
const short = [{ gtin: '09521321000018', quantity: 1 }];

describe('where an order stands', () => {
  it.each<[string, string[], OrderProgress['missing'], OrderState]>([
    ['its store has not told of it yet', [], [], OrderState.PICKING],
    ['it is to be picked', ['confirmed'], [], OrderState.PICKING],
    ['a till sold some of it', ['confirmed'], short, OrderState.SHORT],
    ['it stands picked', ['staged'], [], OrderState.READY],
    ['not all of it was found', ['staged'], short, OrderState.SHORT],
    ['somebody has it', ['handed_over'], short, OrderState.COMPLETED],
    ['the store gave it up', ['released'], [], OrderState.CANCELLED],
  ])('is told when %s', (_, states, missing, state) => {
    expect(stateOf(placed(['o']), { states, missing })).toBe(state);
  });

  it('waits for the last of its reservations', () => {
    expect(stateOf(placed(['o', 'o/2']), { states: ['staged'], missing: [] })).toBe(OrderState.PICKING);
  });
});
