import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEvents } from '../../docs/examples/typescript/event-file.ts';
import { fileOf, type HubPart, serve } from '../../docs/examples/typescript/hub-part.ts';
import { type Caller, callerOf } from '../../docs/examples/typescript/rpc.ts';
import { find, follow, order, stateName, watch } from '../../docs/examples/typescript/shop.ts';
import { placeStores } from '../../src/hub/candidates.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import type { Hub } from '../../src/hub/hub.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import type { Submit } from '../../src/readings/submit.ts';
import type { Fact } from '../../src/store/outbox.ts';
import { gtinOf, pick } from '../cloud/facts.ts';
import { settled, startHub, startStore, type TestStore } from '../hub/hub-bench.ts';

const STORE = '9521321000018';
const GTIN = gtinOf(1);
const NEAR = { latitude: 52.52, longitude: 13.4 };
const delivery = (quantity: number) =>
  pick({ gtin: GTIN, from: 'supplier', to: 'backroom', quantity, cause: 'delivery' });

const PICKED: ReadonlySet<Reservation['state']> = new Set(['staged', 'handed_over']);
type Reservation = Extract<Fact, { type: 'reservation' }>;
/** What the commands of an order come to at the store. */
interface Ordered {
  readonly document: { readonly type: string; readonly reservation: string };
}

describe('docs/examples/typescript/shop.ts against the hub', () => {
  let database: HubDatabase;
  let hub: Hub;
  let caller: Caller;
  let store: TestStore;
  let held: Reservation | null = null;
  const become = (state: Reservation['state']) => {
    const lines = [{ gtin: GTIN, quantity: 2, ...(PICKED.has(state) && { staged: 2 }) }];
    held = { ...held!, state, lines };
    store.commit(held);
  };
  /** A store that grants whatever is asked. */
  const submit: Submit = async readings => {
    for (const { document } of readings as unknown as readonly Ordered[]) {
      const terms = { lines: [], expiresAtMs: null, reason: null };
      held ??= {
        type: 'reservation',
        key: 'k',
        reservation: document.reservation,
        state: 'pending',
        ...terms,
      };
      become(document.type === 'reserve' ? 'pending' : 'confirmed');
    }
    return { status: 'accepted', seq: 1 };
  };

  beforeAll(async () => {
    database = await openPglite(null);
    hub = await startHub(database);
    await placeStores(database, [{ store: STORE, name: 'Mitte', timeZone: 'Europe/Berlin', ...NEAR }]);
    caller = callerOf(`127.0.0.1:${hub.port}`, credentials.createInsecure());
    const lookupReservation = () => held;
    store = await startStore({ gln: STORE, port: hub.port, submit, lookupReservation });
    store.commit(delivery(9));
    await settled(store);
  }, 60_000);
  afterAll(async () => {
    caller.close();
    await store.uplink.stop(500);
    await hub.stop(500);
    await database.close();
  });

  it('finds the stores that have an item', async () => {
    const [line, ...more] = await find(caller, GTIN, NEAR);
    expect(line).toMatch(/^9521321000018 Mitte: 9 to promise, \d+ % sure, 0\.0 km away$/);
    expect(more).toEqual([]);
    await expect(find(caller, 'x', NEAR)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it('places an order and watches it until it was fetched', async () => {
    const placed = await order(caller, GTIN, 2, NEAR);
    expect(placed.storeGln).toBe(STORE);
    const states: string[] = [];
    await watch(
      caller,
      placed.orderId,
      ({ state }) => {
        states.push(stateName(state));
        become(state === placed.state ? 'staged' : 'handed_over');
      },
      10,
    );
    expect(states).toEqual(['PICKING', 'READY', 'COMPLETED']);
  });

  it('follows what changes, and goes on behind the position that it stored', async () => {
    const seqs: number[] = [];
    let stored = '0';
    const followToEnd = async () => {
      const stop = new AbortController();
      const tell = {
        onChange: (_: string, { seq }: { seq: bigint }) => void seqs.push(Number(seq)),
        onPosition(position: string) {
          stored = position;
          if (seqs.at(-1) === store.outbox.lastSeq()) stop.abort();
        },
      };
      await follow(caller, stored, tell, stop.signal);
    };
    await followToEnd();
    store.commit(delivery(1));
    await followToEnd();
    expect(seqs).toEqual(Array.from({ length: store.outbox.lastSeq() }, (_, index) => index + 1));
  });
});

describe("docs/examples/typescript/hub-part.ts against a store's uplink", () => {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-example-'));
  let part: HubPart;
  let store: TestStore;
  afterAll(async () => {
    await store.uplink.stop(500);
    part.stop();
    rmSync(folder, { recursive: true });
  });

  it('holds every event once, over a start of its own', async () => {
    part = await serve(folder, '127.0.0.1:0');
    store = await startStore({ gln: STORE, port: part.port });
    for (let units = 1; units <= 700; units++) store.commit(delivery(units));
    await settled(store);
    part.stop();
    store.commit(delivery(1));
    part = await serve(folder, `127.0.0.1:${part.port}`);
    await settled(store);
    const { events } = readEvents(fileOf(folder, { storeGln: STORE, epoch: store.outbox.epoch() }));
    expect(events.map(({ seq }) => Number(seq))).toEqual(
      Array.from({ length: 701 }, (_, index) => index + 1),
    );
  });
});
