import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Fulfilment, OrderState } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import type { TaskView } from '../../src/store/views.ts';
import { shop } from '../../tests/hub/hub-bench.ts';
import { DEMO_GLN, opened } from '../../tests/support/hub-books.ts';
import { followLive } from '../../tests/support/live-events.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { type WholeStore, wholeStore } from '../../tests/support/whole-store.ts';
import { durations } from './durations.ts';

/**
 * The way of an order over real processes, with the demo store trading as on any day and ten times as fast: from `PlaceOrder`
 * at the hub to the pick task on the store's live stream, and from `picked` at the store to `READY` at the hub:
 * `node bench/sync/orders.ts [orders] [a second]`. The second round has ten times as many a second.
 */
const [orders = 40, perSecond = 1] = process.argv.slice(2).map(Number);
/** Two facings without plates: nobody plays the hands of whoever picks. */
const GTINS = ['09521321001275', '09521321001268'];

async function measure(busy: number, rate: number) {
  const store = await wholeStore(yaml =>
    yaml.replace(/ {2}- id: (?:walk-in|dairy-case|freezer-case)\n(?: {4}.*\n)+/g, ''),
  );
  try {
    await store.hub('--data', join(store.folder, 'hub'));
    await store.gateway();
    await store.simulator(busy);
    await opened(store);
    return { busy, perSecond: rate, ...(await trade(store, rate)) };
  } finally {
    await store.end(/no connection/);
  }
}

async function trade(store: WholeStore, rate: number) {
  for (const [index, gtin] of GTINS.entries())
    await store.post('deliveries', { key: `bench-${index}`, lines: [{ gtin, quantity: 10_000 }] });
  const hub = shop(store.ports.hub);
  const live = await followLive(store.api);
  const [toTask, toAnswer, toReady] = [durations(), durations(), durations()];
  try {
    await waitFor(
      'the store is online',
      async () => (await hub.listStores({})).stores[0]?.online === true,
      60_000,
    );
    await Promise.all(
      Array.from({ length: orders }, async (_, n) => {
        await pause((1000 * n) / rate);
        const startedMs = performance.now();
        const requestId = `bench-${n}`;
        const { order } = await hub.placeOrder(
          {
            requestId,
            storeGln: DEMO_GLN,
            fulfilment: n % 2 === 0 ? Fulfilment.DELIVERY : Fulfilment.PICKUP,
            lines: [{ gtin: GTINS[n % GTINS.length]!, quantity: 1n }],
          },
          30_000,
        );
        toAnswer.add(performance.now() - startedMs);
        if (order?.state !== OrderState.PICKING)
          throw new Error(`order ${requestId}: ${order?.state} ${order?.reason}`);
        const task = await waitFor('the task is visible', () =>
          live.messages.find(({ event, data }) => event === 'task' && data.reservation === requestId),
        );
        toTask.add(task.atMs - startedMs);
        await pick(store, task.data as unknown as TaskView, requestId);
        const pickedMs = performance.now();
        await waitFor(
          'the hub knows',
          async () => (await hub.getOrder({ orderId: requestId })).order?.state === OrderState.READY,
          60_000,
        );
        toReady.add(performance.now() - pickedMs);
      }),
    );
    return {
      answer: toAnswer.summary(),
      taskVisible: toTask.summary(),
      ready: toReady.summary(),
    };
  } finally {
    live.close();
    hub.close();
  }
}

/** Staff find everything where the task says. */
const pick = (store: WholeStore, { pick: wanted }: TaskView, reservation: string) =>
  store.post(`reservations/${reservation}/picked`, {
    key: `picked-${reservation}`,
    lines: wanted!.lines.map(({ gtin, quantity, facing }) => ({
      gtin,
      quantity,
      from: facing === null ? 'backroom' : `shelf:${facing}`,
    })),
  });

const rounds = [];
for (const factor of [1, 10]) {
  rounds.push(await measure(factor, factor * perSecond));
  console.log(JSON.stringify(rounds.at(-1)));
}
const [normal, tenfold] = rounds.map(({ taskVisible }) => taskVisible.p99Ms);
console.log(JSON.stringify({ bench: 'sync-orders', orders, taskP99Ms: normal, taskP99MsTenfold: tenfold }));
