import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MovementView, StockView } from '../../src/store/views.ts';
import { followLive } from '../support/live-events.ts';
import { has } from '../support/needs.ts';
import { runProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';
import { type WholeStore, wholeStore } from '../support/whole-store.ts';

const GTIN = '09521321001039';
const FACING = 'A1-3';
/** Between the last batch and a count that follows from it. */
const COUNTED_WITHIN_MS = 1_000;

/** The shell lines that docs/device-maker.md gives to try things, in order. */
function documentedShell(): string[] {
  const chapter = readFileSync('docs/device-maker.md', 'utf8').split('## Try it')[1] ?? '';
  return [...chapter.matchAll(/```sh\n(.*?)```/gs)].map(match => match[1]!);
}

const tools = [has('mosquitto_pub', 'mosquitto-clients'), has('curl', 'curl'), has('awk', 'mawk')];

describe.skipIf(tools.includes(false))('somebody takes a bar of chocolate, without the simulator', () => {
  const [takeABar = '', payForIt = '', binaryBatch = ''] = documentedShell();
  let store: WholeStore;
  let live: Awaited<ReturnType<typeof followLive>>;

  /** Runs documented lines against this store's ports. */
  const shell = (lines: string) =>
    runProgram('bash', [
      '-c',
      lines
        .replaceAll('mosquitto_pub -h 127.0.0.1', `mosquitto_pub -h 127.0.0.1 -p ${store.ports.mqtt}`)
        .replaceAll('127.0.0.1:8080', `127.0.0.1:${store.ports.http}`),
    ]);
  const stock = () => store.get<StockView>(`stock/${GTIN}`);
  const soon = async (what: string, expected: Partial<StockView>, withinMs: number) => {
    const endedMs = performance.now();
    const seen = await waitFor(
      what,
      async () => {
        const view = await stock();
        return view.onShelf === expected.onShelf && view.inCart === expected.inCart ? view : null;
      },
      withinMs,
    );
    process.stdout.write(`${what} after ${Math.round(performance.now() - endedMs)} ms\n`);
    return seen;
  };

  beforeAll(async () => {
    store = await wholeStore();
    await store.gateway();
    await store.post('counts', { key: 'count-1', gtin: GTIN, place: `shelf:${FACING}`, quantity: 10 });
    live = await followLive(store.api);
  });
  afterAll(async () => {
    live?.close();
    await store?.end();
  });

  it('the documented batches move one unit from the shelf to the cart within a second', async () => {
    await shell(takeABar);
    // The program ends at the moment of its last batch, or a little later.
    const view = await soon('one fewer on the shelf', { onShelf: 9, inCart: 1 }, COUNTED_WITHIN_MS);
    expect(view.places).toMatchObject({ [`shelf:${FACING}`]: 9, cart: 1 });
    expect(view.availableToPromise).toBe(8);
  });

  it('the live stream said so', async () => {
    const told = (event: string) => live.messages.filter(message => message.event === event);
    await waitFor('the live stream shows nine bars', () => told('stock').at(-1)?.data.onShelf === 9);
    expect(told('movement').map(({ data }) => data)).toMatchObject([
      { gtin: GTIN, from: `shelf:${FACING}`, to: 'cart', quantity: 1 },
    ]);
    const facing = told('facing').findLast(({ data }) => data.facing === FACING);
    expect(facing?.data).toMatchObject({ quantity: 9, countedBy: 'weights' });
  });

  it('a sale over the API moves it from the cart to the customer and leaves the shelf alone', async () => {
    const sale = { key: 'till-1/api-1', lines: [{ gtin: GTIN, quantity: 1 }] };
    expect(await store.post('sales', sale)).toMatchObject({ status: 'accepted' });
    expect((await stock()).places).toMatchObject({ [`shelf:${FACING}`]: 9, customer: 1 });
    expect((await stock()).inCart).toBe(0);
    const [last] = await store.get<MovementView[]>(`stock/${GTIN}/movements`);
    expect(last).toMatchObject({ from: 'cart', to: 'customer', quantity: 1, cause: 'sale' });
    expect(await store.post('sales', sale)).toMatchObject({ status: 'duplicate' });
    expect((await stock()).places.customer).toBe(1);
  });

  it('the documented sale over MQTT does the same for a second bar', async () => {
    // The same shopper again: nine bars become eight.
    await shell(takeABar.replaceAll('954', '848').replaceAll('1060', '954'));
    await soon('eight on the shelf', { onShelf: 8, inCart: 1 }, COUNTED_WITHIN_MS);
    const printed = await shell(payForIt);
    expect(printed).toContain('"onShelf":8');
    // mosquitto_pub ends on the acknowledgement, which comes after the commit: there is nothing to wait for.
    expect((await stock()).places).toMatchObject({ [`shelf:${FACING}`]: 8, customer: 2 });
    expect((await stock()).inCart).toBe(0);
  });

  it('whoever subscribes later finds the stock retained', async () => {
    const topic = `aisle/v1/store/stock/${GTIN}`;
    const port = String(store.ports.mqtt);
    await waitFor('the retained message is the stock that the API shows', async () => {
      const args = ['-h', '127.0.0.1', '-p', port, '-t', topic, '-C', '1', '-W', '5', '--retained-only'];
      const retained = JSON.parse(await runProgram('mosquitto_sub', args)) as StockView;
      return JSON.stringify(retained) === JSON.stringify(await stock());
    });
  });

  it('the documented binary batch is understood', async () => {
    await shell(binaryBatch);
    const metrics = await (await fetch(`http://127.0.0.1:${store.ports.http}/metrics`)).text();
    expect(metrics).not.toContain('mqtt_rejected_total{');
  });
});
