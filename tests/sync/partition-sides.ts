import { createDownlink } from '../../src/cloud/downlink.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import type { FacingConfig } from '../../src/domain/stock/planogram.ts';
import { createCommandRelay } from '../../src/hub/command-relay.ts';
import type { HubDatabase, Sql } from '../../src/hub/database.ts';
import { createLeaseBook } from '../../src/hub/lease-book.ts';
import { createLeaseManager, type LeasePolicy } from '../../src/hub/lease-manager.ts';
import { createOrderBook } from '../../src/hub/order-book.ts';
import { createOrders } from '../../src/hub/orders.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { createStoreLinks } from '../../src/hub/store-links.ts';
import { documentHash, documentKey } from '../../src/pipeline/document-key.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Outcome } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { LogEntry } from '../../src/store/outbox.ts';
import type { ReservationView } from '../../src/store/views.ts';
import { trustsNobody } from '../cloud/memory-outbox.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { createStockBench } from '../support/stock-bench.ts';

/** The store's half: documents with the pipeline's key check, and the commands of the cloud. Its log and keys outlive it. */
export function createStoreSide(facings: readonly FacingConfig[], clock: ManualClock) {
  const keys = new Map<string, string>();
  const entries: LogEntry[] = [];
  let bench = createStockBench(facings);
  const note = (facts: readonly StockFact[]) => {
    const nowMs = clock.nowMs();
    for (const fact of facts) {
      entries.push({ seq: entries.length + 1, fact, eventTimeMs: nowMs, receivedTimeMs: nowMs });
    }
  };
  const tick = () => note(bench.tick(clock.nowMs()));
  const take = (document: Document): Outcome => {
    const [key, hash] = [documentKey(document), documentHash(document)];
    const known = keys.get(key);
    if (known === hash) return { status: 'accepted', seq: null };
    if (known) return { status: 'refused', failure: { code: 'conflict', message: key, retry: false } };
    tick();
    const decided = bench.document(document, clock.nowMs());
    if (!decided.ok) return { status: 'refused', failure: decided.error };
    keys.set(key, hash);
    note(decided.value);
    return { status: 'accepted', seq: null };
  };
  const downlink = createDownlink({
    clock,
    trust: trustsNobody,
    counters: createCounters(),
    wasDone: key => [...keys.keys()].some(known => known.endsWith(`:${key}`)),
    lookupReservation: id => reservationOf(entries, id),
    submit: async ([reading]) => take((reading as { document: Document }).document),
  });
  return {
    take,
    tick,
    downlink,
    entries,
    bench: () => bench,
    /** Killed, and up again from what it had stored. */
    restart() {
      const recent = entries.flatMap(({ fact, eventTimeMs }) => ({ fact: fact as StockFact, eventTimeMs }));
      bench = createStockBench(facings, { saved: { ...bench.saved(), recent } });
      tick();
    },
  };
}

export function reservationOf(entries: readonly LogEntry[], id: string): ReservationView | null {
  const fact = entries.findLast(
    entry => entry.fact.type === 'reservation' && entry.fact.reservation === id,
  )?.fact;
  return fact?.type === 'reservation' ? fact : null;
}

/** A hub process: what it keeps in memory dies with it, at any of its statements. */
export function createHubSide(database: HubDatabase, clock: ManualClock, policy: LeasePolicy) {
  const life = mortal(database);
  const links = createStoreLinks(clock);
  const relay = createCommandRelay({ database: life.database, links, clock });
  const orderBook = createOrderBook(life.database);
  const leases = createLeaseBook(life.database);
  const shared = { database: life.database, links, relay, leases, clock, log: silentLog, orders: orderBook };
  return {
    links,
    orderBook,
    orders: createOrders(shared),
    manager: createLeaseManager({ ...shared, policy }),
    ledger: createSqlLedger(life.database, 'receiver-1'),
    kill: life.kill,
    killed: life.killed,
    /** It dies before its n-th statement from now on. */
    dieAfter: life.dieAfter,
  };
}

export type HubSide = ReturnType<typeof createHubSide>;

/** A database whose client may die: from then on it is asked nothing, and whoever waits for it waits for ever. */
function mortal(database: HubDatabase) {
  let left = Number.POSITIVE_INFINITY;
  const end = Promise.withResolvers<'killed'>();
  const never = new Promise<never>(() => {});
  const kill = () => {
    left = 0;
    end.resolve('killed');
  };
  const alive = async () => {
    if (left <= 0) kill();
    left -= 1;
    if (left < 0) await never;
  };
  const query = async <Row>(text: string, parameters?: readonly unknown[]) => {
    await alive();
    return database.query<Row>(text, parameters);
  };
  return {
    kill,
    killed: end.promise,
    dieAfter: (statements: number) => {
      left = statements;
    },
    database: {
      ...database,
      query,
      // A server undoes the transaction of a client that is gone, so that it is begun or it is not.
      transaction: async <T>(work: (sql: Sql) => Promise<T>) => {
        await alive();
        return database.transaction(work);
      },
    } satisfies HubDatabase,
  };
}
