import { toBinary } from '@bufbuild/protobuf';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { createStoreLinks } from '../../src/hub/store-links.ts';
import { serveSync } from '../../src/hub/sync-service.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { Fact } from '../../src/store/outbox.ts';
import { gtinOf, pick } from '../cloud/facts.ts';
import { copyOf, createMemoryLedger, type LedgerDisk } from './memory-ledger.ts';
import { randomOf } from './random.ts';
import {
  backupOf,
  emptyDisk,
  STORE,
  type StoreDisk,
  type StoreProcess,
  startStoreProcess,
} from './store-node.ts';
import { createVirtualTime, processClock, STARTS_MS, type VirtualTime } from './virtual-time.ts';
import { type Connection, connect, type Weather } from './wire.ts';

/** What one history did, and what was wrong with it. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly events: number;
  readonly crashes: number;
  readonly restores: number;
  readonly epochs: number;
}

const TROUBLE_MS = 10 * 60_000;
const HEALING_MS = 30 * 60_000;
const CALM: Weather = { loss: 0, twice: 0, overtaking: 0, latencyMs: 20 };

/**
 * The store's and the hub's own code, from the log of one to the ledger of the other, over a line that loses, repeats and swaps
 * messages, between processes that crash and disks that are put back to an older copy. After ten minutes the weather
 * clears, and everything must have come out even.
 */
export async function liveHistory(seed: number): Promise<Outcome> {
  const world = createWorld(seed);
  plan(world);
  await world.time.run(() => false, STARTS_MS + TROUBLE_MS);
  heal(world);
  await world.time.run(() => isEven(world), STARTS_MS + TROUBLE_MS + HEALING_MS);
  check(world);
  return {
    violations: world.violations,
    events: world.events,
    crashes: world.crashes,
    restores: world.restores,
    epochs: world.epochs,
  };
}

interface World {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly weather: Weather;
  readonly violations: string[];
  readonly open: Set<Connection>;
  disk: StoreDisk;
  ledger: LedgerDisk;
  diskBackup: StoreDisk | null;
  ledgerBackup: LedgerDisk | null;
  store: StoreProcess | null;
  hub: Hub | null;
  hubWasRestored: boolean;
  events: number;
  crashes: number;
  restores: number;
  epochs: number;
}

interface Hub {
  accept(connection: Connection): void;
  crash(): void;
}

function createWorld(seed: number): World {
  const random = randomOf(seed);
  const world: World = {
    time: createVirtualTime(),
    random,
    weather: {
      loss: random() < 0.3 ? 0 : random() * 0.08,
      twice: random() < 0.3 ? 0 : random() * 0.08,
      overtaking: random() < 0.3 ? 0 : random() * 0.15,
      latencyMs: 2 + random() * 400,
    },
    violations: [],
    open: new Set(),
    disk: emptyDisk('e1'),
    ledger: new Map(),
    diskBackup: null,
    ledgerBackup: null,
    store: null,
    hub: null,
    hubWasRestored: false,
    events: 0,
    crashes: 0,
    restores: 0,
    epochs: 1,
  };
  startHub(world);
  startStore(world);
  return world;
}

function startStore(world: World): void {
  const { time, random, disk } = world;
  world.store ??= startStoreProcess({
    time,
    disk,
    random,
    newEpoch: () => `e${++world.epochs}`,
    connect() {
      const connection = connect(time, random, world.weather);
      world.open.add(connection);
      if (world.hub) world.hub.accept(connection);
      else connection.cut();
      return connection;
    },
    onAcknowledged(epoch, seq) {
      const held = world.ledger.get(`${STORE} ${epoch}`)?.ackedSeq ?? 0;
      if (seq > held && !world.hubWasRestored) {
        world.violations.push(`event ${seq} of ${epoch} was acknowledged, the hub holds ${held}`);
      }
    },
  });
}

function startHub(world: World): void {
  if (world.hub) return;
  const { time, random } = world;
  const clock = processClock(time);
  const links = createStoreLinks(clock);
  const connections = new Set<Connection>();
  let isAlive = true;
  // A crash may come before the commit, or after it and before the answer.
  const commit = <T>(work: () => T): Promise<T> =>
    new Promise(resolve => {
      time.after(1 + random() * 30, () => {
        if (!isAlive) return;
        const result = work();
        clock.after(random() * 10, () => resolve(result));
      });
    });
  const ledger = createMemoryLedger(world.ledger, commit);
  world.hub = {
    accept(connection) {
      connections.add(connection);
      const call = connection.call as unknown as Parameters<typeof serveSync>[0];
      void serveSync(call, () => null, { ledger, links, clock, log: silentLog });
    },
    crash() {
      isAlive = false;
      clock.die();
      for (const connection of connections) connection.cut();
    },
  };
}

const ITEMS = [1, 2, 3].map(gtinOf);
const PLACES = ['backroom', 'shelf:A1-1', 'shelf:A1-2', 'cart', 'customer', 'supplier'] as const;

function randomFact({ random }: World): Fact {
  const one = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  if (random() < 0.1) {
    return { type: 'device', device: `d${Math.floor(random() * 5)}`, state: 'online', reason: null };
  }
  const from = one(PLACES);
  const to = one(PLACES.filter(place => place !== from));
  // Once in a while something that no receiver can use.
  const quantity = random() < 0.01 ? 0 : 1 + Math.floor(random() * 9);
  return pick({ gtin: one(ITEMS), from, to, quantity });
}

function plan(world: World): void {
  const { time, random } = world;
  const some = (most: number, happen: () => void) => {
    const times = Math.floor(random() * (most + 1));
    for (let i = 0; i < times; i++) time.after(random() * TROUBLE_MS, happen);
  };
  const facts = 10 + Math.floor(random() * 70);
  for (let i = 0; i < facts; i++) {
    time.after(random() * TROUBLE_MS, () => {
      if (!world.store) return;
      world.events += 1;
      world.store.commit(randomFact(world));
    });
  }
  some(5, () => crashStore(world));
  some(5, () => crashHub(world));
  some(4, () => [...world.open].at(-1)?.cut());
  some(2, () => [...world.open].at(-1)?.fallSilent());
  some(3, () => trim(world));
  if (random() < 0.3) {
    some(3, () => {
      world.diskBackup = backupOf(world.disk);
    });
    some(2, () => restoreStore(world));
  }
  if (random() < 0.2) {
    some(3, () => {
      world.ledgerBackup = copyOf(world.ledger);
    });
    some(1, () => restoreHub(world));
  }
}

function crashStore(world: World): void {
  if (!world.store) return;
  world.crashes += 1;
  world.store.crash();
  world.store = null;
  world.time.after(world.random() * 20_000, () => startStore(world));
}

function crashHub(world: World): void {
  if (!world.hub) return;
  world.crashes += 1;
  world.hub.crash();
  world.hub = null;
  world.time.after(world.random() * 20_000, () => startHub(world));
}

/** Deletes acknowledged entries, never the last. */
function trim({ disk, random }: World): void {
  const throughSeq = Math.min(Math.floor(disk.ackedSeq * random()), disk.lastSeq - 1);
  disk.entries = disk.entries.filter(({ seq }) => seq > throughSeq);
}

function restoreStore(world: World): void {
  if (!world.diskBackup) return;
  world.restores += 1;
  crashStore(world);
  world.disk = backupOf(world.diskBackup);
}

function restoreHub(world: World): void {
  if (!world.ledgerBackup) return;
  world.restores += 1;
  world.hubWasRestored = true;
  crashHub(world);
  world.ledger = copyOf(world.ledgerBackup);
}

function heal(world: World): void {
  Object.assign(world.weather, CALM);
  // What still wants to start, starts now; what is planned for later finds it running.
  startHub(world);
  startStore(world);
}

const heldOf = ({ ledger, disk }: World) => ledger.get(`${STORE} ${disk.epoch}`);

const isEven = (world: World) =>
  world.disk.ackedSeq === world.disk.lastSeq && heldOf(world)?.ackedSeq === world.disk.lastSeq;

function check(world: World): void {
  const { disk, violations } = world;
  const held = heldOf(world);
  if (!isEven(world) || !held) {
    violations.push(
      `the hub holds ${held?.ackedSeq ?? 0} of ${disk.lastSeq} events, ${disk.ackedSeq} acknowledged`,
    );
    return;
  }
  for (const [key, quantity] of disk.stock) {
    const there = held.stock.get(key) ?? 0;
    if (there !== quantity) violations.push(`${key}: ${quantity} at the store, ${there} at the hub`);
  }
  for (const [key, quantity] of held.stock) {
    if (!disk.stock.has(key)) violations.push(`${key}: none at the store, ${quantity} at the hub`);
  }
  if (held.eventCount + held.skippedCount !== held.ackedSeq) {
    violations.push(`${held.eventCount} events and ${held.skippedCount} skipped make not ${held.ackedSeq}`);
  }
  if (held.strange.length > 0) violations.push(`events ${held.strange} came again with other content`);
  for (const entry of disk.entries) {
    const there = held.events.get(entry.seq) ?? held.unfit.get(entry.seq);
    if (!there) continue;
    const isSame =
      Buffer.compare(toBinary(EventSchema, there), toBinary(EventSchema, encodeEntry(entry))) === 0;
    if (!isSame) violations.push(`event ${entry.seq} is another one at the hub`);
  }
  const missing = disk.lastSeq - held.events.size - held.unfit.size;
  const mayMiss = world.restores > 0;
  if (missing > 0 && !mayMiss)
    violations.push(`${missing} events are missing at the hub, though nothing was put back`);
}
