import { randomUUID } from 'node:crypto';
import { Server } from '@grpc/grpc-js';
import { EnrolmentService } from '../cloud/gen/aisle/enrolment/v1/enrolment_pb.ts';
import { FleetService } from '../cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import { InventoryService } from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { SyncService } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcService } from '../cloud/grpc-service.ts';
import type { Clock } from '../shared/clock.ts';
import { createCounters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartState } from '../shared/part.ts';
import { bind } from './bind.ts';
import { createCommandRelay } from './command-relay.ts';
import { type HubDatabase, migrate } from './database.ts';
import { createFeedPump } from './feed/pump.ts';
import { createWatchService } from './feed/watch-service.ts';
import { createFleet } from './fleet/fleet.ts';
import { createEnrolmentService } from './identity/enrolment-service.ts';
import { guardedService } from './identity/guarded-service.ts';
import { createSecurity, type HubSecurity } from './identity/security.ts';
import { createInventoryService, type InventoryServiceOptions } from './inventory-service.ts';
import { createLeaseBook } from './lease-book.ts';
import { createLeaseManager, DEFAULT_LEASES } from './lease-manager.ts';
import { createOrderBook } from './order-book.ts';
import { createOrders } from './orders.ts';
import { createReceivers } from './receivers/receivers.ts';
import { createRetention, DEFAULT_KEEP_DAYS } from './retention.ts';
import { createSqlLedger } from './sql-ledger.ts';
import { createStoreLinks } from './store-links.ts';
import { type MayBe, serveSync } from './sync-service.ts';
import { createHubWeb } from './web/server.ts';

export interface HubOptions {
  /** Open; whoever opened it closes it after `stop`. */
  readonly database: HubDatabase;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Port of console, EPCIS and HTTP API, 0 for any; without it there are none. */
  readonly http?: number | undefined;
  readonly security: HubSecurity;
  /** Days that events are kept; DEFAULT_KEEP_DAYS when it is not said. */
  readonly keepDays?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Hub extends Part {
  /** The port it listens on; 0 before `start`. */
  readonly port: number;
  /** Where a gateway without a certificate gets one; null without certificates. */
  enrolPort(): number | null;
  /** The port of the console; null without one, and before `start`. */
  readonly httpPort: number | null;
}

// A connection without a call is a probe or a leftover; memory for it would grow for ever.
const IDLE_CONNECTION_MS = 300_000;

/** What answers calls, behind no server yet. */
function createParts(options: HubOptions) {
  const { database, security, keepDays = DEFAULT_KEEP_DAYS, http, clock, log } = options;
  const counters = createCounters();
  const links = createStoreLinks(clock);
  const receiver = randomUUID();
  const ledger = createSqlLedger(database, receiver);
  const receivers = createReceivers({ database, links, receiver, clock, log });
  const relay = createCommandRelay({ database, links: receivers, clock });
  const trade = createTrade({ database, links, relay, clock, log });
  const pump = createFeedPump(database, clock, log);
  const watch = createWatchService({ database, pump, clock, log });
  const stock = createInventoryService({ database, links, relay, ...trade, clock, log });
  const retention = createRetention({ database, receiver, keepDays, clock, log });
  const sign = security.kind === 'certificates' ? security.authority.signDocument : null;
  const fleet = createFleet({ database, receiver, relay, sign, clock, log });
  const calls = { fleet: fleet.service, inventory: { ...stock, ...watch.methods } };
  const web = http === undefined ? null : createHubWeb({ ...options, port: http, links, pump, counters });
  const managers = { leaseManager: trade.leaseManager, fleetManager: fleet.manager };
  return { calls, ...managers, counters, links, ledger, receivers, retention, watch, web };
}

/** Puts the services on a server, each call behind the one place that decides about rights. */
function offer(
  server: Server,
  { database, security, clock, log }: HubOptions,
  { calls }: Pick<ReturnType<typeof createParts>, 'calls'>,
  guarded: Parameters<typeof guardedService>[2],
): void {
  const { inventory, fleet } = calls;
  server.addService(grpcService(InventoryService), guardedService(InventoryService, inventory, guarded));
  server.addService(grpcService(FleetService), guardedService(FleetService, fleet, guarded));
  if (security.kind === 'open') return;
  const { renew } = createEnrolmentService({ database, authority: security.authority, clock, log });
  // The first certificate is to be had on the other port; here whoever asks has one already.
  const renewal = { renew: renew! };
  server.addService(grpcService(EnrolmentService), guardedService(EnrolmentService, renewal, guarded));
}

/** The reference cloud inventory: SyncService for stores, InventoryService for shop systems, FleetService for operators, on one port. */
export function createHub(options: HubOptions): Hub {
  const { database, host, port, security, clock, log } = options;
  const server = new Server({ 'grpc.max_connection_idle_ms': IDLE_CONNECTION_MS });
  const parts = createParts(options);
  const { links, ledger, leaseManager, fleetManager, receivers, retention, watch, web } = parts;
  const guard = createSecurity({ security, database, host, clock, log });
  const guarded = { identify: guard.identify, counters: parts.counters };
  const streams = new Set<Promise<void>>();
  let boundPort = 0;
  let httpPort: number | null = null;
  let state: PartState = 'stopped';
  const sync = {
    sync(call: Parameters<typeof serveSync>[0], mayBe: MayBe) {
      const stream = serveSync(call, mayBe, { ledger, links, clock, log }).finally(() =>
        streams.delete(stream),
      );
      streams.add(stream);
    },
  };
  server.addService(grpcService(SyncService), guardedService(SyncService, sync, guarded));
  offer(server, options, parts, guarded);
  return {
    name: 'hub',
    get port() {
      return boundPort;
    },
    enrolPort: guard.enrolPort,
    get httpPort() {
      return httpPort;
    },
    async start() {
      await migrate(database);
      await retention.start();
      boundPort = await bind(server, host, port, await guard.credentials());
      await guard.start();
      await receivers.start();
      void retention.round();
      await leaseManager.start();
      await fleetManager.start();
      httpPort = (await web?.start()) ?? null;
      state = 'ok';
    },
    async stop(deadlineMs) {
      state = 'stopped';
      await web?.stop();
      await retention.stop(deadlineMs);
      await Promise.all([leaseManager.stop(deadlineMs), fleetManager.stop(deadlineMs)]);
      links.closeAll();
      watch.stop();
      const late = clock.after(deadlineMs, () => server.forceShutdown());
      await new Promise<void>(resolve => server.tryShutdown(() => resolve()));
      late.cancel();
      // What was being stored is finished before the database may be closed.
      await Promise.all(streams);
      await receivers.stop(deadlineMs);
      await guard.stop();
    },
    health: () => ({ state }),
  };
}

/** Orders of shops, and the leases out of which some of them are filled. */
function createTrade(
  around: Pick<InventoryServiceOptions, 'database' | 'links' | 'relay' | 'clock' | 'log'>,
) {
  const orderBook = createOrderBook(around.database);
  const leases = createLeaseBook(around.database);
  const shared = { ...around, orders: orderBook, leases };
  return {
    orderBook,
    orders: createOrders(shared),
    leaseManager: createLeaseManager({ ...shared, policy: DEFAULT_LEASES }),
  };
}
