import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite-store.ts';
import type { HealthView, SyncView } from '../../src/store/views.ts';
import { footfall, temperature } from '../store/facts.ts';
import { commit, opened as openedDatabase } from '../store/temp-store.ts';
import type { AisleProcess } from '../support/aisle-process.ts';
import { readEventLog } from '../support/event-log.ts';
import { closeShop, inStep, opened } from '../support/hub-books.ts';
import { runProgram } from '../support/program.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { startTrading, type Trading } from '../support/trading.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const MINUTES = 16_000;
const ITEM = { gtin: '09521321001275', facing: 'C2-5' };
const ALARM_WITHIN_MS = 5_000;
/** What a full disk makes a gateway print. */
const PROVOKED = /the database cannot commit/;

const disk = smallDisk(64);

/** Footfall and temperatures of some days, which the cloud never heard of. */
function keepMinutes(folder: string): void {
  const database = openedDatabase(folder);
  const store = openStore(database, { cloudless: false });
  const firstMs = Date.now() - (MINUTES + 1) * 60_000;
  store.outbox.linkDown(firstMs);
  for (let minute = 0; minute < MINUTES; minute += 500) {
    const minutes = Array.from({ length: 500 }, (_, n) => firstMs + (minute + n) * 60_000);
    const facts = minutes.flatMap(minuteMs => [footfall(minuteMs, 1, 0), temperature({ minuteMs })]);
    commit(store, ...facts);
  }
  database.close();
}

describe.runIf(disk)('a store whose disk is full in the middle of an outage', () => {
  const { folder, fill, clear, remove } = disk as SmallDisk;
  let store: WholeStore;
  let gateway: AisleProcess;
  let simulator: AisleProcess;
  let trading: Trading;

  beforeAll(async () => {
    keepMinutes(folder);
    store = await wholeStore();
    gateway = await store.gateway(folder);
    simulator = await store.simulator(20);
    await opened(store);
    trading = startTrading(store.api, ITEM);
  });
  afterAll(async () => {
    try {
      await store?.end(PROVOKED);
    } finally {
      remove();
    }
  });

  const sold = async () => (await store.truth()).sales.acknowledged;
  const database = async () => {
    const { parts } = await store.get<HealthView>('health');
    return parts.find(({ name }) => name === 'database')!;
  };
  const goesOn = async (what: string) => {
    const [documents, sales] = [trading.documents(), await sold()];
    await waitFor(
      `documents and receipts go on ${what}`,
      async () => trading.documents() > documents + 5 && (await sold()) > sales + 1,
      120_000,
    );
  };

  it('says so within five seconds, gives up minutes, and goes on to sell', async () => {
    expect((await database()).state).toBe('ok');
    fill();
    // The write-ahead log has room of its own for a while; then the first commit fails.
    const told = await waitFor(
      'the gateway prints that it cannot commit',
      () => firstFailure(gateway),
      120_000,
    );
    const alarmed = await waitFor(
      'the health of the database is an alarm',
      async () => ((await database()).state === 'ok' ? null : Date.now()),
      ALARM_WITHIN_MS,
    );
    process.stdout.write(`alarm ${Math.max(0, alarmed - told)} ms after the first commit that failed\n`);
    expect(alarmed - told).toBeLessThan(ALARM_WITHIN_MS);
    await goesOn('on a disk that is full');
  });

  it('refuses what it cannot store when there is nothing left to give up, and stays', async () => {
    let documents = -1;
    await waitFor(
      'nothing more is taken',
      async () => {
        fill();
        const before = documents;
        documents = trading.documents();
        await pause(2_000);
        return before === documents;
      },
      220_000,
    );
    expect((await database()).state).not.toBe('ok');
  });

  it('goes on without a restart when there is room again', async () => {
    clear();
    await goesOn('with room');
    await waitFor('all is well again', async () => (await database()).state === 'ok', 60_000);
  });

  it('tells the cloud all that it took, and what it gave up by class', async () => {
    await store.hub();
    await trading.stop();
    await closeShop(store, simulator);
    const { hub, books, sync } = await inStep(store, 120_000);
    expect(hub.books).toEqual(books);
    expect(Number(hub.store.eventCount) + Number(hub.store.skippedCount)).toBe(sync.lastSeq);
    await waitFor(
      'the receipt is written',
      async () => (await store.get<SyncView>('sync')).receipts.length > 0,
      30_000,
    );
    expect(await gateway.stop()).toBe(0);
    const keys = new Set(
      readEventLog(folder).flatMap(({ fact }) => (fact.type === 'sale' ? [fact.key] : [])),
    );
    expect([...trading.sales].filter(key => !keys.has(key))).toEqual([]);
    const printed = await runProgram('node', [
      'src/aisle.js',
      'receipt',
      store.site,
      '--data',
      folder,
      '--json',
    ]);
    const { receipts } = JSON.parse(printed) as {
      receipts: { discards: { of: string; reason: string }[] }[];
    };
    process.stdout.write(`${JSON.stringify(receipts[0]?.discards)}\n`);
    expect(receipts[0]?.discards).toContainEqual(
      expect.objectContaining({ of: 'footfall', reason: 'disk_full' }),
    );
    expect(
      receipts[0]?.discards
        .map(({ of }) => of)
        .filter(of => !['footfall', 'temperature', 'device'].includes(of)),
    ).toEqual([]);
  });
});

/** When the gateway printed that a commit failed, Unix ms. */
function firstFailure(gateway: AisleProcess): number | null {
  const line = gateway
    .output()
    .split('\n')
    .find(text => PROVOKED.test(text));
  return line ? Date.parse((JSON.parse(line) as { time: string }).time) : null;
}
