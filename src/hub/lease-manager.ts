import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import { availableOf } from './candidates.ts';
import type { CommandRelay, StoreOrder } from './command-relay.ts';
import type { HubDatabase } from './database.ts';
import { type LeaseBook, type LeaseReport, orderIdOf } from './lease-book.ts';
import type { OrderBook } from './order-book.ts';
import { termsOf } from './orders.ts';
import { createRounds, type Rounds } from './rounds.ts';
import { isRpcError } from './rpc-error.ts';
import { readStock } from './stock-queries.ts';
import type { StoreLinks } from './store-links.ts';

export interface LeasePolicy {
  /** Share of an item's available units that the cloud keeps for itself, 0 to 1. */
  readonly share: number;
  /** At most this many units of an item. */
  readonly most: number;
  readonly lastsMs: number;
  /** Items at once for each store: those that were ordered lately. */
  readonly items: number;
}

/** Small, because a link that stays cut holds them back (decision 0006). */
export const DEFAULT_LEASES: LeasePolicy = { share: 0.2, most: 3, lastsMs: 4 * 60 * 60_000, items: 200 };

interface LeaseManagerOptions {
  readonly database: HubDatabase;
  readonly links: Pick<StoreLinks, 'stores'>;
  readonly relay: CommandRelay;
  readonly leases: LeaseBook;
  readonly orders: OrderBook;
  readonly policy: LeasePolicy;
  readonly clock: Clock;
  readonly log: Log;
}

const ROUND_MS = 30_000;
const ANSWER_MS = 5_000;
const DEMAND_MS = 7 * 24 * 60 * 60_000;

/** Keeps every connected store told of what was promised while it was away, and a few leases in hand for the next cut. */
export function createLeaseManager(options: LeaseManagerOptions): Rounds {
  const { clock, log } = options;
  return createRounds({
    name: 'leases',
    everyMs: ROUND_MS,
    work: () => tendStores(options),
    failed: 'leases could not be tended',
    clock,
    log,
  });
}

async function tendStores(options: LeaseManagerOptions): Promise<void> {
  const { links, orders, policy, clock, log } = options;
  const stores = links.stores();
  if (stores.length === 0) return;
  const demanded = await orders.demanded(clock.nowMs() - DEMAND_MS, policy.items);
  for (const store of stores) {
    try {
      await tendStore(options, store, demanded);
    } catch (error) {
      // The next round tries again; a lease changes hands only in the book's transactions.
      if (!isRpcError(error)) log.error({ store, error: String(error) }, 'leases could not be tended');
    }
  }
}

async function tendStore(
  options: LeaseManagerOptions,
  store: string,
  demanded: readonly string[],
): Promise<void> {
  const { leases, clock } = options;
  for (const reservation of await options.orders.owedReleases(store, clock.nowMs()))
    await release(options, store, reservation);
  for (const grant of await leases.asked(store, clock.nowMs())) await request(options, grant);
  for (const report of await leases.reports(store, clock.nowMs())) await tell(options, report);
  await topUp(options, store, demanded);
}

const orderOf = (options: LeaseManagerOptions, store: string, requestId: string, body: StoreOrder['body']) =>
  options.relay({ storeGln: store, requestId, body, deadlineMs: options.clock.nowMs() + ANSWER_MS });

/** A store that never held it has nothing to give back. */
async function release(options: LeaseManagerOptions, store: string, reservationId: string): Promise<void> {
  try {
    await orderOf(options, store, `${reservationId}#release`, { case: 'release', value: { reservationId } });
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  const order = await options.orders.find(reservationId);
  if (order?.state === 'sourcing')
    await options.orders.oweRelease(store, reservationId, Number.POSITIVE_INFINITY);
  else await options.orders.released(store, reservationId);
}

interface Request {
  readonly store: string;
  readonly lease: string;
  readonly gtin: string;
  readonly granted: number;
  readonly expiresMs: number;
}

async function request(options: LeaseManagerOptions, { store, lease, gtin, granted, expiresMs }: Request) {
  const body: StoreOrder['body'] = {
    case: 'grantLease',
    value: {
      leaseId: lease,
      gtin,
      quantity: BigInt(granted),
      expiresTime: timestampFromMs(Math.round(expiresMs)),
    },
  };
  try {
    await orderOf(options, store, `grant/${lease}`, body);
    await options.leases.granted(store, lease);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await options.leases.close(store, lease);
  }
}

/** The store's answer was no, rather than none. */
const isRefusal = (error: unknown) =>
  isRpcError(error) && error.code !== status.UNAVAILABLE && error.code !== status.DEADLINE_EXCEEDED;

/** One request for each sale, so that a repeat after a lost answer is the same request whatever was sold since. */
async function tell(
  options: LeaseManagerOptions,
  { store, lease, sales, isFinal }: LeaseReport,
): Promise<void> {
  for (const sale of sales) {
    const { reservation, quantity } = sale;
    const order = await options.orders.find(orderIdOf(reservation));
    // One that was refused has had a promise that the store does not honour; then it keeps none of them.
    if (order?.state !== 'refused') {
      const terms = order ? termsOf(order) : {};
      const told = { reservationId: reservation, quantity: BigInt(quantity), ...terms };
      const value = { leaseId: lease, sales: [told] };
      try {
        await orderOf(options, store, `sold/${reservation}`, { case: 'reportLease', value });
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await dishonour(options, store, reservation, String(error));
      }
    }
    await options.leases.reported({ store, lease, sales: [sale], isFinal: false });
  }
  if (!isFinal) return;
  try {
    await orderOf(options, store, `settle/${lease}`, {
      case: 'reportLease',
      value: { leaseId: lease, final: true },
    });
  } catch (error) {
    // A store that does not know the lease has nothing to give back.
    if (!isRefusal(error)) throw error;
  }
  await options.leases.reported({ store, lease, sales: [], isFinal: true });
}

/**
 * A store whose database was put back does not know what it had left to us: the order is named, and nothing is hidden. It lets go of
 * the other lines, which nobody will fetch.
 */
async function dishonour(
  { orders, clock, log }: LeaseManagerOptions,
  store: string,
  reservation: string,
  why: string,
) {
  const orderId = orderIdOf(reservation);
  log.error({ store, orderId, why }, 'a store does not honour what was promised for it');
  const order = await orders.find(orderId);
  for (const name of order?.reservations ?? []) await orders.oweRelease(store, name, clock.nowMs());
  await orders.end(orderId, 'refused', `store ${store} does not honour it: ${why}`.slice(0, 500));
}

async function topUp(
  options: LeaseManagerOptions,
  store: string,
  demanded: readonly string[],
): Promise<void> {
  const { database, leases, policy, clock } = options;
  const nowMs = clock.nowMs();
  if (demanded.length === 0) return;
  const open = await leases.open(store, nowMs);
  const page = { stores: [store], gtins: demanded, after: null, limit: demanded.length, nowMs };
  const stock = new Map((await readStock(database, page)).map(row => [row.gtin, row]));
  for (const gtin of demanded) {
    const row = stock.get(gtin);
    const held = open.filter(lease => lease.gtin === gtin && lease.expiresMs - nowMs > policy.lastsMs / 2);
    const left = held.reduce((sum, { granted, sold }) => sum + granted - sold, 0);
    const wanted = Math.min(policy.most, Math.floor((row ? availableOf(row) : 0) * policy.share));
    if (!row || left > 0 || wanted === 0) continue;
    const lease = `lease-${gtin}-${Math.round(nowMs)}`;
    const grant = { store, lease, gtin, granted: wanted, expiresMs: nowMs + policy.lastsMs };
    await leases.ask(grant);
    await request(options, grant);
  }
}
