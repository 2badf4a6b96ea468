import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AisleProcess } from '../support/aisle-process.ts';
import { askHub, closeShop, inStep, opened } from '../support/hub-books.ts';
import { hasPostgres, type PostgresServer, privateServer } from '../support/postgres-server.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

describe.skipIf(!hasPostgres())('the hub on PostgreSQL', () => {
  let server: PostgresServer;
  let store: WholeStore;
  let hub: AisleProcess;
  let simulator: AisleProcess;

  beforeAll(async () => {
    server = await privateServer();
    store = await wholeStore();
    hub = await store.hub('--postgres', server.url);
    await store.gateway();
    simulator = await store.simulator(20);
    await opened(store);
  });
  afterAll(async () => {
    try {
      await store?.end(/store stream failed/);
    } finally {
      await server?.remove();
    }
  });

  it('survives a restart of the database server and then holds the same books as the store', async () => {
    await inStep(store);
    await server.stop('fast');
    await server.start();
    await closeShop(store, simulator);
    const { hub: told, books } = await inStep(store, 60_000);
    expect(told.books).toEqual(books);
    expect(Object.keys(books).length).toBeGreaterThan(50);
    expect(told.store.eventCount).toBe(told.store.lastSeq);
    expect(told.store.quarantinedCount).toBe(0n);
  });

  it('a new hub process on the same database knows them too', async () => {
    const before = await askHub(store.ports.hub);
    expect(await hub.stop()).toBe(0);
    await store.hub('--postgres', server.url);
    const after = await askHub(store.ports.hub);
    expect(after.store.eventCount).toBeGreaterThanOrEqual(before.store.eventCount);
    expect(after.books).toEqual(before.books);
  });
});
