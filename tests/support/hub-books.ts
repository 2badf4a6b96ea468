import { PlaceKind } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import type { StockView, SyncView } from '../../src/store/views.ts';
import { shop } from '../hub/hub-bench.ts';
import { waitFor } from './wait-for.ts';
import type { WholeStore } from './whole-store.ts';

export const DEMO_GLN = '9521321000018';

/** Units by `gtin place`; zeros are left out. */
export type Books = Readonly<Record<string, number>>;

export async function gatewayBooks(store: Pick<WholeStore, 'get'>): Promise<Books> {
  const stock = await store.get<StockView[]>('stock');
  return Object.fromEntries(
    stock.flatMap(({ gtin, places }) =>
      Object.entries(places as Books).map(([place, quantity]) => [`${gtin} ${place}`, quantity]),
    ),
  );
}

/** What the hub says of the demo store over gRPC: its figures of the log, and its stock. */
export async function askHub(port: number) {
  const hub = shop(port);
  try {
    const { stores } = await hub.listStores({});
    const { levels } = await hub.getStock({ storeGln: DEMO_GLN });
    const places = levels.flatMap(({ gtin, places }) =>
      places.map(({ place, quantity }): [string, number] => {
        const kind = Object.entries(PlaceKind)
          .find(([, number]) => number === place!.kind)![0]
          .toLowerCase();
        return [`${gtin} ${kind === 'shelf' ? `shelf:${place!.facing}` : kind}`, Number(quantity)];
      }),
    );
    return { store: stores[0]!, stores: stores.length, books: Object.fromEntries(places) as Books };
  } finally {
    hub.close();
  }
}

/** Waits until the hub has stored the whole log, and returns both sides of that moment. */
export const inStep = (store: Pick<WholeStore, 'get' | 'ports'>, withinMs = 30_000) =>
  waitFor(
    'the hub holds the whole log',
    async () => {
      const sync = await store.get<SyncView>('sync');
      const hub = await askHub(store.ports.hub);
      const books = await gatewayBooks(store);
      const after = await store.get<SyncView>('sync');
      const still = sync.lastSeq === after.lastSeq && sync.pending === 0;
      return still && Number(hub.store.ackedSeq) === sync.lastSeq ? { sync, hub, books } : null;
    },
    withinMs,
  );

/** Waits until the simulated store is open, which is after its opening counts. */
export const opened = (store: Pick<WholeStore, 'truth'>) =>
  waitFor('the simulated store is open', async () => (await store.truth()).opened, 60_000);

/** Nobody comes in any more, every receipt is acknowledged, and the devices go. */
export async function closeShop(store: WholeStore, simulator: { stop(): Promise<number | null> }) {
  await store.tell('pause');
  await waitFor('every receipt is acknowledged', async () => {
    const { sales, documents } = await store.truth();
    return sales.waiting === 0 && documents.waiting === 0;
  });
  await simulator.stop();
}
