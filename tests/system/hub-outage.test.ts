import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthView, SyncView } from '../../src/store/views.ts';
import type { AisleProcess } from '../support/aisle-process.ts';
import { readEventLog } from '../support/event-log.ts';
import { closeShop, inStep, opened } from '../support/hub-books.ts';
import { startSelling } from '../support/sales.ts';
import { firstItem } from '../support/site-items.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

/** How long the hub is away, under load. What is tested does not depend on it; minutes are the same, only longer. */
const OUTAGE_MS = 15_000;
const BUSY = 10;
/** Beside the simulated shoppers: some hundred events a second. */
const SELLING = { tills: 2, pauseMs: 20 } as const;

describe('the hub goes away under load and comes back', () => {
  let store: WholeStore;
  let gateway: AisleProcess;
  let simulator: AisleProcess;
  let hub: AisleProcess;
  let selling: Awaited<ReturnType<typeof startSelling>>;
  const startHub = async () => {
    hub = await store.hub('--data', join(store.folder, 'hub'));
  };
  const sync = () => store.get<SyncView>('sync');
  /** What is in the log now has reached the hub, whatever has come since. */
  const caughtUp = async (what: string) => {
    const { lastSeq } = await sync();
    const startedMs = performance.now();
    await waitFor(what, async () => (await sync()).ackedSeq >= lastSeq, 60_000);
    process.stdout.write(`${what} after ${Math.round(performance.now() - startedMs)} ms\n`);
  };

  beforeAll(async () => {
    store = await wholeStore();
    await startHub();
    gateway = await store.gateway();
    simulator = await store.simulator(BUSY);
    await opened(store);
    selling = await startSelling(store.ports.mqtt, { ...SELLING, gtin: firstItem(store.site).gtin });
  });
  afterAll(() => store?.end());

  it('the store goes on meanwhile, and says that the link is down and how much waits', async () => {
    await caughtUp('the link is up');
    const before = await sync();
    expect(await hub.stop()).toBe(0);
    await pause(OUTAGE_MS);
    const during = await sync();
    expect(during.connected).toBe(false);
    expect(during.lastSeq).toBeGreaterThan(before.lastSeq);
    expect(during.pending).toBe(during.lastSeq - during.ackedSeq);
    expect(during.pending).toBeGreaterThan(500);
    const { status, parts } = await store.get<HealthView>('health');
    expect(status).toBe('degraded');
    expect(parts.filter(({ state }) => state !== 'ok').map(({ name }) => name)).toEqual(['cloud']);
    process.stdout.write(`${during.pending} events waited after ${OUTAGE_MS / 1_000} s\n`);
  });

  it('catches up when the hub is back', async () => {
    await startHub();
    await caughtUp('caught up after the stop');
  });

  it('catches up when the hub was killed', async () => {
    await hub.kill();
    await waitFor('the gateway notices', async () => !(await sync()).connected);
    await startHub();
    await caughtUp('caught up after the kill');
  });

  it("the hub's stock equals the gateway's in every place, its events are the log, none twice", async () => {
    const { sales } = await selling.stop();
    await closeShop(store, simulator);
    const { hub: told, books } = await inStep(store);
    expect(told.stores).toBe(1);
    expect(told.books).toEqual(books);
    expect(Object.keys(books).length).toBeGreaterThan(50);
    expect(told.store.eventCount).toBe(told.store.lastSeq);
    expect(told.store.quarantinedCount).toBe(0n);

    expect(await gateway.stop()).toBe(0);
    const log = readEventLog(store.data);
    expect(log.filter(({ fact }) => String(fact.key).startsWith('load-')).length).toBe(sales);
    process.stdout.write(
      `${sales} sales, ${log.length} events, ${Object.keys(books).length} balances agree\n`,
    );
    expect(log.length).toBeGreaterThanOrEqual(Number(told.store.lastSeq));
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
  });
});
