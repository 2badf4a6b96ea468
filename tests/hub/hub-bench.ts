import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { expect, vi } from 'vitest';
import { createDialer } from '../../src/cloud/dial.ts';
import { InventoryService } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { grpcMethod } from '../../src/cloud/grpc-service.ts';
import { createUplink, type Uplink } from '../../src/cloud/uplink.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import { createHub, type Hub } from '../../src/hub/hub.ts';
import type { Submit } from '../../src/readings/submit.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { type Log, silentLog } from '../../src/shared/log.ts';
import type { Fact } from '../../src/store/outbox.ts';
import type { Change, ReservationView } from '../../src/store/views.ts';
import { type MemoryOutbox, memoryOutbox, quietStore } from '../cloud/memory-outbox.ts';

export const until = (check: () => void | Promise<void>) =>
  vi.waitFor(check, { timeout: 10_000, interval: 10 });

export async function startHub(database: HubDatabase, port = 0, log: Log = silentLog): Promise<Hub> {
  const hub = createHub({
    database,
    host: '127.0.0.1',
    port,
    security: { kind: 'open' },
    clock: systemClock(),
    log,
  });
  await hub.start();
  return hub;
}

/** A store's side of the link, with its log in memory. */
export interface TestStore {
  readonly gln: string;
  readonly outbox: MemoryOutbox;
  readonly uplink: Uplink;
  commit(...facts: readonly Fact[]): void;
}

export interface TestStoreOptions {
  readonly gln: string;
  readonly port: number;
  readonly epoch?: string;
  readonly outbox?: MemoryOutbox;
  readonly submit?: Submit;
  readonly lookupReservation?: (id: string) => ReservationView | null;
}

export async function startStore(options: TestStoreOptions): Promise<TestStore> {
  const { gln, port, outbox = memoryOutbox(options.epoch) } = options;
  const listeners = new Set<(change: Change) => void>();
  const uplink = createUplink({
    address: `127.0.0.1:${port}`,
    dial: createDialer(`127.0.0.1:${port}`, () => credentials.createInsecure()),
    storeGln: gln,
    version: '0.1.0',
    outbox,
    submit: options.submit ?? (async () => ({ status: 'accepted', seq: null })),
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...quietStore,
    lookupReservation: options.lookupReservation ?? (() => null),
    clock: systemClock(),
    log: silentLog,
    counters: createCounters(),
    random: () => 0.1,
  });
  await uplink.start();
  return {
    gln,
    outbox,
    uplink,
    commit(...facts) {
      outbox.append(...facts);
      for (const tell of listeners) tell({ kind: 'facts', entries: [] });
    },
  };
}

export const settled = ({ outbox }: TestStore) => until(() => expect(outbox.pending()).toBe(0));

/** A caller of the InventoryService. */
export function shop(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const ask =
    <I extends DescMessage, O extends DescMessage>(desc: DescMethod & { input: I; output: O }) =>
    (request: MessageInitShape<I>, deadlineMs = 5000): Promise<MessageShape<O>> => {
      const { path, requestSerialize, responseDeserialize } = grpcMethod(desc);
      const deadline = systemClock().nowMs() + deadlineMs;
      return new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          create(desc.input, request),
          { deadline },
          (error, response) => (error ? reject(error) : resolve(response!)),
        );
      });
    };
  const { listStores, getStock, listQuarantined, reserveStock, releaseStock, publishPrices } =
    InventoryService.method;
  const { placeOrder, getOrder, cancelOrder, completeOrder } = InventoryService.method;
  return {
    listStores: ask(listStores),
    getStock: ask(getStock),
    listQuarantined: ask(listQuarantined),
    reserve: ask(reserveStock),
    release: ask(releaseStock),
    publishPrices: ask(publishPrices),
    placeOrder: ask(placeOrder),
    getOrder: ask(getOrder),
    cancelOrder: ask(cancelOrder),
    completeOrder: ask(completeOrder),
    close: () => client.close(),
  };
}
