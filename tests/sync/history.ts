import { createStoreLinks } from '../../src/hub/store-links.ts';
import { serveSync } from '../../src/hub/sync-service.ts';
import { silentLog } from '../../src/shared/log.ts';
import { breaches, heldOf, isEven } from './laws.ts';
import { copyOf, createMemoryLedger, emptyLedger, type LedgerDisk } from './memory-ledger.ts';
import { randomOf } from './random.ts';
import { factsOf } from './random-facts.ts';
import { createStoreDisk, type StoreDisk } from './store-disk.ts';
import { STORE, type StoreProcess, startStoreProcess } from './store-node.ts';
import { createVirtualTime, processClock, STARTS_MS, type VirtualTime } from './virtual-time.ts';
import { type Connection, connect, type Weather } from './wire.ts';

/** What one history did, and what was wrong with it. */
export interface Outcome {
  readonly violations: readonly string[];
  readonly events: number;
  readonly crashes: number;
  readonly restores: number;
  readonly epochs: number;
  /** Events that were given up or put together, that a snapshot answered for, and that were put aside and mended. */
  readonly discarded: number;
  readonly inSnapshots: number;
  readonly mended: number;
  readonly receipts: number;
}

export interface Histories {
  live(seed: number): Promise<Outcome>;
  close(): void;
}

const TROUBLE_MS = 4 * 60_000;
const HEALING_MS = 30 * 60_000;
const LOOK_MS = 2_000;
const CALM: Weather = { loss: 0, twice: 0, overtaking: 0, latencyMs: 20 };

/**
 * The store's and the hub's own code, from the database of one to the ledger of the other, over a line that loses, repeats and
 * swaps messages, between processes that crash and disks that fill up or are put back to an older copy. After ten minutes
 * the weather clears, and everything must have come out even.
 */
export function openHistories(): Histories {
  const disk = createStoreDisk();
  return { live: seed => live(seed, disk), close: disk.close };
}

async function live(seed: number, disk: StoreDisk): Promise<Outcome> {
  disk.wipe();
  const world = createWorld(seed, disk);
  plan(world);
  await world.time.run(() => false, STARTS_MS + TROUBLE_MS);
  heal(world);
  await world.time.run(() => isEven(world), STARTS_MS + TROUBLE_MS + HEALING_MS);
  const held = heldOf(world);
  const { events, crashes, restores, epochs, mended } = world;
  return {
    violations: [...world.violations, ...breaches(world)],
    ...{ events, crashes, restores, epochs, mended },
    discarded: held?.discarded.size ?? 0,
    inSnapshots: held?.inSnapshot.size ?? 0,
    receipts: disk.journal.filter(({ fact }) => fact.type === 'outage_receipt').length,
  };
}

export interface World {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly weather: Weather;
  readonly violations: string[];
  readonly open: Set<Connection>;
  readonly disk: StoreDisk;
  readonly budgetBytes: number;
  /** Numbers of movements that the store's software of these days sends without their item. */
  readonly spoilt: Set<number>;
  ledger: LedgerDisk;
  ledgerBackup: LedgerDisk | null;
  store: StoreProcess | null;
  hub: Hub | null;
  hubWasRestored: boolean;
  events: number;
  crashes: number;
  restores: number;
  epochs: number;
  mended: number;
}

interface Hub {
  accept(connection: Connection): void;
  crash(): void;
}

function createWorld(seed: number, disk: StoreDisk): World {
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
    disk,
    // Some stores have room for everything, some for a dozen events.
    budgetBytes: random() < 0.4 ? 1_000_000 : 3_000 + random() * 12_000,
    spoilt: new Set(),
    ledger: emptyLedger(),
    ledgerBackup: null,
    store: null,
    hub: null,
    hubWasRestored: false,
    events: 0,
    crashes: 0,
    restores: 0,
    epochs: 1,
    mended: 0,
  };
  startHub(world);
  startStore(world);
  return world;
}

function startStore(world: World): void {
  const { time, random, disk, budgetBytes } = world;
  world.store ??= startStoreProcess({
    ...{ time, disk, random, budgetBytes },
    connect() {
      const connection = connect(time, random, world.weather, world.spoilt);
      world.open.add(connection);
      if (world.hub) world.hub.accept(connection);
      else connection.cut();
      return connection;
    },
    onNewEpoch() {
      world.epochs += 1;
    },
    onMended(events) {
      world.mended += events;
    },
    onAcknowledged(epoch, seq) {
      const held = world.ledger.logs.get(`${STORE} ${epoch}`)?.ackedSeq ?? 0;
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

function plan(world: World): void {
  const { time, random, disk } = world;
  const some = (most: number, happen: () => void) => {
    const times = Math.floor(random() * (most + 1));
    for (let i = 0; i < times; i++) time.after(random() * TROUBLE_MS, happen);
  };
  const randomFact = factsOf(random);
  const facts = 10 + Math.floor(random() * 70);
  for (let i = 0; i < facts; i++) {
    time.after(random() * TROUBLE_MS, () => {
      if (world.store?.commit(randomFact())) world.events += 1;
      // The number is known now, and nothing was sent in this turn.
      const last = disk.journal.at(-1);
      if (last?.fact.type === 'movement' && last.fact.quantity > 0 && random() < 0.03)
        world.spoilt.add(last.seq);
    });
  }
  some(5, () => crashStore(world));
  some(5, () => crashHub(world, 20_000));
  if (random() < 0.5) time.after(random() * TROUBLE_MS, () => crashHub(world, TROUBLE_MS));
  some(4, () => [...world.open].at(-1)?.cut());
  some(2, () => [...world.open].at(-1)?.fallSilent());
  some(3, () => trim(world));
  some(2, () => void world.store?.uplink.replay(null));
  if (random() < 0.3) some(2, () => fillDisk(world));
  if (random() < 0.3) {
    some(3, () => disk.backUp());
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

function crashHub(world: World, longestMs: number): void {
  if (!world.hub) return;
  world.crashes += 1;
  world.hub.crash();
  world.hub = null;
  world.time.after(world.random() * longestMs, () => startHub(world));
}

/**
 * Entries are kept for days after they were acknowledged. By then a store has had another stream, on whose Welcome it heard of
 * everything that was put aside.
 */
function trim(world: World): void {
  const { store, random, disk } = world;
  const letters = new Set(store?.deadLetters().map(({ entry }) => entry.seq));
  const rows = Math.floor(random() * disk.journal.length);
  if ([...(heldOf(world)?.unfit.keys() ?? [])].every(seq => letters.has(seq))) store?.trim(rows);
}

function fillDisk({ disk, random, time }: World): void {
  disk.become(random() < 0.7 ? 'full' : 'stuck');
  time.after(random() * 120_000, () => disk.become('roomy'));
}

function restoreStore(world: World): void {
  const { disk } = world;
  if (!world.store) return;
  crashStore(world);
  if (disk.restore()) world.restores += 1;
}

function restoreHub(world: World): void {
  if (!world.ledgerBackup) return;
  world.restores += 1;
  world.hubWasRestored = true;
  crashHub(world, 20_000);
  world.ledger = copyOf(world.ledgerBackup);
}

/** Better weather, better software, and a person who sends again what was put aside. */
function heal(world: World): void {
  Object.assign(world.weather, CALM);
  world.disk.become('roomy');
  world.spoilt.clear();
  // A message that was lost within a stream, which no real line does, is made good by the next Welcome.
  [...world.open].at(-1)?.cut();
  // What still wants to start, starts now; what is planned for later finds it running.
  startHub(world);
  startStore(world);
  const look = () => {
    void world.store?.uplink.replay(null);
    world.time.after(LOOK_MS, look);
  };
  look();
}
