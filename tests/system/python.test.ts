import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SyncView } from '../../src/store/views.ts';
import { readEventLog } from '../support/event-log.ts';
import { DEMO_GLN, gatewayBooks, inStep } from '../support/hub-books.ts';
import { hasPython } from '../support/needs.ts';
import { type Program, runProgram, startProgram } from '../support/program.ts';
import { connectTill } from '../support/sales.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const GTIN = '09521321001039';
const PYTHON = '/usr/bin/python3';

/** Ten bars are delivered, six go to the shelf, and some are sold. */
async function trade(store: WholeStore, round: string) {
  await store.post('deliveries', { key: `d-${round}`, lines: [{ gtin: GTIN, quantity: 10 }] });
  await store.post('refills', { key: `r-${round}`, facing: 'A1-3', quantity: 6 });
  const till = await connectTill(store.ports.mqtt);
  for (let number = 0; number < 5; number++) await till.sell(`till-1/${round}-${number}`, GTIN);
  await till.close();
}

const examples = hasPython('grpc_tools', 'python3-grpc-tools') && hasPython('grpc', 'python3-grpcio');

describe.skipIf(!examples)("the contract in Python: docs/examples/python does the hub's part", () => {
  let store: WholeStore;
  let database: string;
  let hubPart: Program | null = null;
  const startHubPart = () => {
    const listen = `127.0.0.1:${store.ports.hub}`;
    const args = ['docs/examples/python/hub_part.py', '--listen', listen, '--database', database];
    hubPart = startProgram(PYTHON, args);
  };
  const acknowledged = () =>
    waitFor(
      'Python has acknowledged the whole log',
      async () => {
        const { connected, lastSeq, ackedSeq } = await store.get<SyncView>('sync');
        return connected && lastSeq > 0 && ackedSeq === lastSeq;
      },
      30_000,
    );

  beforeAll(async () => {
    store = await wholeStore();
    database = join(store.folder, 'events.sqlite');
  });
  afterAll(async () => {
    await hubPart?.stop('SIGKILL');
    await store?.end();
  });

  it("what it stored is the gateway's log, over a kill of its own, and its stock is the gateway's", async () => {
    startHubPart();
    const gateway = await store.gateway();
    await trade(store, 'first');
    await acknowledged();
    await hubPart!.stop('SIGKILL');
    await trade(store, 'second');
    startHubPart();
    await acknowledged();

    const books = await gatewayBooks(store);
    expect(await gateway.stop()).toBe(0);
    expect(await hubPart!.stop('SIGINT')).toBe(0);
    const log = readEventLog(store.data);
    const stored = readStored(database);
    expect(new Set(stored.map(({ store, epoch }) => `${store} ${epoch}`)).size).toBe(1);
    // The gateway's last facts come while it ends, and wait for the next connection.
    expect(stored.length).toBeGreaterThan(20);
    expect(stored.map(({ seq, type }) => `${seq} ${type}`)).toEqual(
      log.slice(0, stored.length).map(({ seq, fact }) => `${seq} ${fact.type}`),
    );
    expect(printedBooks(hubPart!.output())).toEqual(books);
  });

  it('ask_stock.py reads the stock from aisle hub and reserves two', async () => {
    await store.hub('--data', join(store.folder, 'hub'));
    await store.gateway();
    await inStep(store);
    const ask = (...args: string[]) =>
      runProgram(PYTHON, [
        ...['docs/examples/python/ask_stock.py', '--hub', `127.0.0.1:${store.ports.hub}`],
        ...['--store', DEMO_GLN, ...args],
      ]);
    expect(rowOf(await ask())).toMatchObject({ shelf: 12, back: 8, cart: -10, held: 0 });
    expect(await ask('--gtin', GTIN, '--reserve', '2')).toMatch(/order-\S+: RESERVATION_STATE_\w+/);
    await waitFor('the hub knows that two are held', async () => rowOf(await ask()).held === 2);
  });
});

function readStored(file: string) {
  const db = new Database(file, { readonly: true });
  try {
    const rows = db.prepare('SELECT store, epoch, seq, type FROM event ORDER BY seq').all();
    return rows as { store: string; epoch: string; seq: number; type: string }[];
  } finally {
    db.close();
  }
}

/** The stock lines that hub_part.py prints at its end: `gtin place units`. */
const printedBooks = (output: string) =>
  Object.fromEntries(
    [...output.matchAll(/^ +(\d{14}) (\S+) +(-?\d+)$/gm)].map(([, gtin, place, units]) => [
      `${gtin} ${place}`,
      Number(units),
    ]),
  );

/** The figures of the item in the table of ask_stock.py. */
function rowOf(output: string) {
  const row = output.split('\n').find(line => line.includes(GTIN));
  const [, , shelf, back, cart, held, free] = row?.trim().split(/\s+/).map(Number) ?? [];
  return { shelf, back, cart, held, free };
}
