import { Server, ServerCredentials } from '@grpc/grpc-js';
import { InventoryService } from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { SyncService } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcService } from '../cloud/grpc-service.ts';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartState } from '../shared/part.ts';
import { createCommandRelay } from './command-relay.ts';
import { type HubDatabase, migrate } from './database.ts';
import { createInventoryService } from './inventory-service.ts';
import { createLeaseBook } from './lease-book.ts';
import { createLeaseManager, DEFAULT_LEASES } from './lease-manager.ts';
import { createOrderBook } from './order-book.ts';
import { createOrders } from './orders.ts';
import { createSqlLedger } from './sql-ledger.ts';
import { createStoreLinks } from './store-links.ts';
import { serveSync } from './sync-service.ts';

export interface HubOptions {
  /** Open; whoever opened it closes it after `stop`. */
  readonly database: HubDatabase;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Hub extends Part {
  /** The port it listens on; 0 before `start`. */
  readonly port: number;
}

// A connection without a call is a probe or a leftover; memory for it would grow for ever.
const IDLE_CONNECTION_MS = 300_000;

/** The reference cloud inventory: SyncService for stores, InventoryService for shop systems, on one port. */
export function createHub({ database, host, port, clock, log }: HubOptions): Hub {
  const server = new Server({ 'grpc.max_connection_idle_ms': IDLE_CONNECTION_MS });
  const links = createStoreLinks(clock);
  const ledger = createSqlLedger(database);
  const relay = createCommandRelay({ database, links, clock });
  const orderBook = createOrderBook(database);
  const leases = createLeaseBook(database);
  const orders = createOrders({ database, links, relay, orders: orderBook, leases, clock, log });
  const leaseManager = createLeaseManager({
    database,
    links,
    relay,
    leases,
    orders: orderBook,
    policy: DEFAULT_LEASES,
    clock,
    log,
  });
  const streams = new Set<Promise<void>>();
  let boundPort = 0;
  let state: PartState = 'stopped';
  server.addService(grpcService(SyncService), {
    sync(call: Parameters<typeof serveSync>[0]) {
      const stream = serveSync(call, { ledger, links, clock, log }).finally(() => streams.delete(stream));
      streams.add(stream);
    },
  });
  server.addService(
    grpcService(InventoryService),
    createInventoryService({ database, links, relay, orders, orderBook, clock, log }),
  );
  return {
    name: 'hub',
    get port() {
      return boundPort;
    },
    async start() {
      await migrate(database);
      boundPort = await bind(server, host, port);
      await leaseManager.start();
      state = 'ok';
    },
    async stop(deadlineMs) {
      state = 'stopped';
      await leaseManager.stop(deadlineMs);
      links.closeAll();
      const late = clock.after(deadlineMs, () => server.forceShutdown());
      await new Promise<void>(resolve => server.tryShutdown(() => resolve()));
      late.cancel();
      // What was being stored is finished before the database may be closed.
      await Promise.all(streams);
    },
    health: () => ({ state }),
  };
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (!error) return resolve(boundPort);
      const reason = /EADDRINUSE/.test(error.message)
        ? 'is in use; stop the other program or choose another port with --grpc'
        : `cannot be used (${error.message})`;
      reject(new Error(`gRPC port ${port} on ${host} ${reason}`));
    });
  });
}
