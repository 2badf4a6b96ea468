import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openPglite } from '../../src/hub/pglite-database.ts';
import type { SyncView } from '../../src/store/views.ts';
import { randomOf } from '../sync/random.ts';
import { type AisleProcess, startAisle } from './aisle-process.ts';
import { type DemoSite, demoSite } from './demo-site.ts';
import { readEventLog } from './event-log.ts';
import { type Direction, type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { inStep } from './hub-books.ts';
import { getJson } from './json-http.ts';
import { startTrading, type Trading } from './trading.ts';
import { waitFor } from './wait-for.ts';
import { troubleIn } from './whole-store.ts';

export interface TrialOptions {
  readonly cuts: number;
  /** Of the gateway and the hub in turn. */
  readonly kills: number;
  /** Lines that go half-open: in both directions, then up alone, then down alone. */
  readonly halfOpens: number;
  readonly seed: number;
  /** Hears how it goes. */
  readonly tell: (text: string) => void;
}

export interface TrialOutcome {
  readonly cuts: number;
  readonly kills: number;
  /** How long each half-open line was taken for whole. */
  readonly foundMs: readonly number[];
  readonly documents: number;
  readonly events: number;
  /** Acknowledged receipts that are not in the log, and events of the log that the hub does not hold. */
  readonly lost: number;
  /** Receipts that are in the log twice, and events that the hub holds twice. */
  readonly twice: number;
  /** Balances that differ between the gateway and the hub. */
  readonly differing: number;
  /** Errors that a process printed. */
  readonly trouble: readonly string[];
}

/** A facing without plates, so that the sales, which no shelf sees, come from it. */
const ITEM = { gtin: '09521321001275', facing: 'C2-5' };
const HALF_OPEN: readonly (readonly Direction[])[] = [['up', 'down'], ['up'], ['down']];

interface Stage {
  readonly demo: DemoSite;
  readonly proxy: FaultProxy;
  readonly random: () => number;
  readonly printed: () => readonly string[];
  get<T>(path: string): Promise<T>;
  kill(side: Side): Promise<void>;
  stop(): Promise<void>;
}

type Side = 'gateway' | 'hub';

/** A real gateway and a real hub with a bad line between them, killed and cut while the store trades. */
export async function liveThroughFaults(options: TrialOptions): Promise<TrialOutcome> {
  const { cuts, kills, halfOpens, seed, tell } = options;
  const stage = await setStage(randomOf(seed));
  try {
    const trading = startTrading(stage.demo.api, ITEM);
    const faults = planOf(cuts, kills);
    for (const [index, fault] of faults.entries()) {
      await (fault === 'cut' ? cutOnce(stage) : stage.kill(fault));
      if (index % 20 === 19)
        tell(`${index + 1} of ${faults.length} faults, ${trading.documents()} documents`);
    }
    const foundMs: number[] = [];
    for (let index = 0; index < halfOpens; index++) {
      const directions = HALF_OPEN[index % HALF_OPEN.length]!;
      foundMs.push(await findHalfOpen(stage, directions));
      tell(`half-open ${directions.join(' and ')}: found after ${foundMs.at(-1)} ms`);
    }
    await trading.stop();
    return { cuts, kills, foundMs, ...(await judge(stage, trading)) };
  } finally {
    await stage.stop();
    stage.demo.remove();
  }
}

async function setStage(random: () => number): Promise<Stage> {
  let hubPort = 0;
  const proxy = await startFaultProxy(() => hubPort, random);
  const demo = await demoSite(yaml =>
    yaml
      .replace(/(cloud:\s+address: 127\.0\.0\.1:)\d+/, `$1${proxy.port}`)
      // Nobody answers for it here, and the library for it takes longer to load than all the rest.
      .replace(/ {2}- id: walk-in\n(?: {4}.*\n)+/, ''),
  );
  hubPort = demo.ports.hub;
  const data = join(demo.folder, 'data');
  const startArgs: Readonly<Record<Side, readonly string[]>> = {
    hub: ['hub', '--grpc', String(hubPort), '--data', join(demo.folder, 'hub')],
    gateway: ['run', demo.site, '--data', data],
  };
  const ended: AisleProcess[] = [];
  const running = new Map<Side, AisleProcess>();
  const start = async (side: Side) => void running.set(side, await startAisle(startArgs[side]));
  await start('hub');
  await start('gateway');
  return {
    demo,
    proxy,
    random,
    printed: () => [...ended, ...running.values()].map(process => process.output()),
    get: path => getJson(`${demo.api}/${path}`),
    async kill(side) {
      await pause(300 * random());
      const process = running.get(side)!;
      await process.kill();
      ended.push(process);
      await start(side);
    },
    async stop() {
      for (const side of ['gateway', 'hub'] as const) await running.get(side)?.stop();
      await proxy.close();
    },
  };
}

/** At any moment of a connection, its first ones included, on a line of any speed. */
async function cutOnce({ proxy, random }: Stage): Promise<void> {
  proxy.delay(random() < 0.5 ? 0 : 40 * random());
  do {
    await waitFor('the gateway dials', () => proxy.open() > 0, 60_000);
    await pause(800 * random());
  } while (proxy.cut() === 0);
}

async function findHalfOpen({ proxy, get }: Stage, directions: readonly Direction[]): Promise<number> {
  proxy.delay(0);
  const connected = async () => (await get<SyncView>('sync')).connected;
  await waitFor('the link is up', connected, 60_000);
  const dialled = proxy.dialled();
  proxy.swallow(...directions);
  const startedMs = performance.now();
  await waitFor(
    'the half-open link is found',
    async () => proxy.dialled() > dialled || !(await connected()),
    120_000,
  );
  return Math.round(performance.now() - startedMs);
}

async function judge(
  stage: Stage,
  trading: Trading,
): Promise<Omit<TrialOutcome, 'cuts' | 'kills' | 'foundMs'>> {
  const { demo, proxy } = stage;
  proxy.delay(0);
  const { hub, books, sync } = await inStep({ get: stage.get, ports: demo.ports }, 120_000);
  const names = new Set([...Object.keys(books), ...Object.keys(hub.books)]);
  const differing = [...names].filter(name => books[name] !== hub.books[name]).length;
  await stage.stop();
  const keys = readEventLog(join(demo.folder, 'data'))
    .filter(({ fact }) => fact.type === 'sale')
    .map(({ fact }) => String(fact.key));
  const logged = new Set(keys);
  const held = await eventsOfHub(join(demo.folder, 'hub'));
  return {
    documents: trading.documents(),
    events: sync.lastSeq,
    lost:
      [...trading.sales].filter(key => !logged.has(key)).length + Math.max(0, sync.lastSeq - held.different),
    twice: keys.length - logged.size + held.rows - held.different,
    differing,
    trouble: stage.printed().flatMap(troubleIn),
  };
}

/** Straight from the hub's database, as an auditor would. */
async function eventsOfHub(folder: string): Promise<{ rows: number; different: number }> {
  const database = await openPglite(folder);
  try {
    const [counted] = await database.query<{ rows: string; different: string }>(
      'SELECT count(*) AS rows, count(DISTINCT (store, epoch, seq)) AS different FROM event',
    );
    return { rows: Number(counted?.rows), different: Number(counted?.different) };
  } finally {
    await database.close();
  }
}

/** The cuts spread between the kills. A gateway that starts anew dials at once, so its back-off never grows long. */
function planOf(cuts: number, kills: number): ('cut' | Side)[] {
  const plan: ('cut' | Side)[] = [];
  for (let cut = 0, kill = 0; cut < cuts || kill < kills; ) {
    // Two kills together: the hub's, which leaves a gateway that fails to dial, and the gateway's.
    if (kill < kills && kill * cuts <= cut * kills) {
      plan.push(...(['hub', 'gateway'] as const).slice(0, kills - kill));
      kill += 2;
    } else {
      plan.push('cut');
      cut += 1;
    }
  }
  return plan;
}
