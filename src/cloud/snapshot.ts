import { create } from '@bufbuild/protobuf';
import type { Fact, LogEntry } from '../store/outbox.ts';
import type { ReservationView, StockView } from '../store/views.ts';
import { encodeFact, encodeReservation } from './encode.ts';
import { encodePlace, timestamp } from './encode-terms.ts';
import {
  type ItemStock,
  ItemStockSchema,
  type SnapshotPart,
  SnapshotPartSchema,
} from './gen/aisle/sync/v1/snapshot_pb.ts';

/** The state of the store after its last event, read in one turn so that nothing comes between. */
export interface StoreState {
  readonly asOfSeq: number;
  readonly takenMs: number;
  readonly stock: readonly StockView[];
  readonly reservations: readonly ReservationView[];
  /** Leases that are not settled, and prices in force, as facts. */
  readonly standing: readonly Extract<Fact, { type: 'lease' | 'price' }>[];
}

const OPEN: ReadonlySet<ReservationView['state']> = new Set(['temporary', 'pending', 'confirmed', 'staged']);

/** A reservation that holds units. */
export const isOpenReservation = (state: ReservationView['state']): boolean => OPEN.has(state);

/** The facts of a snapshot that hold until another one takes their place. */
export function standingFacts(store: { latestFacts(): readonly LogEntry[] }): StoreState['standing'] {
  const prices = new Map<string, Extract<Fact, { type: 'price' }>>();
  const leases: Extract<Fact, { type: 'lease' }>[] = [];
  for (const { fact } of store.latestFacts()) {
    if (fact.type === 'lease' && fact.state === 'active') leases.push(fact);
    if (fact.type === 'price') prices.set(fact.gtin, fact);
  }
  return [...leases, ...prices.values()];
}

export const encodeItem = ({ gtin, places, availableToPromise, confidence }: StockView): ItemStock =>
  create(ItemStockSchema, {
    gtin,
    places: Object.entries(places).map(([place, quantity]) => ({
      place: encodePlace(place as keyof typeof places),
      quantity: BigInt(quantity ?? 0),
    })),
    available: BigInt(availableToPromise),
    confidence: confidence ?? 1,
  });

/** As many parts as it takes to hold at most `itemsAtOnce` items each; at least one. */
export function snapshotParts(state: StoreState, itemsAtOnce: number): readonly SnapshotPart[] {
  const items = state.stock.filter(({ seq }) => seq > 0).map(encodeItem);
  const count = Math.max(1, Math.ceil(items.length / itemsAtOnce));
  const standing = state.standing.map(encodeFact);
  return Array.from({ length: count }, (_, index) =>
    create(SnapshotPartSchema, {
      asOfSeq: BigInt(state.asOfSeq),
      part: index + 1,
      parts: count,
      items: items.slice(index * itemsAtOnce, (index + 1) * itemsAtOnce),
      takenTime: timestamp(state.takenMs),
      ...(index === 0 && {
        reservations: state.reservations.map(encodeReservation),
        leases: standing.flatMap(body => (body.case === 'lease' ? [body.value] : [])),
        prices: standing.flatMap(body => (body.case === 'price' ? [body.value] : [])),
      }),
    }),
  );
}
