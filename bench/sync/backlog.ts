import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { PlaceKind } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import type { StockView, SyncView } from '../../src/store/views.ts';
import { type ScriptedCloud, scriptedCloud } from '../../tests/cloud/scripted-cloud.ts';
import { shop } from '../../tests/hub/hub-bench.ts';
import { type AisleProcess, startAisle } from '../../tests/support/aisle-process.ts';
import type { DemoSite } from '../../tests/support/demo-site.ts';
import { inStep } from '../../tests/support/hub-books.ts';
import { getJson, postJson } from '../../tests/support/json-http.ts';
import { hasPostgres, type PostgresServer, privateServer } from '../../tests/support/postgres-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { outageSite } from './outage-site.ts';

/**
 * A store that was cut off for 72 hours: what its events take on the disk, what a receiver that stalls costs in memory, how fast
 * they drain when the hub is there, and how long a till's sale takes to be known there meanwhile. Gateway and hub are processes
 * of their own: `node bench/sync/backlog.ts [events] [stalled seconds] [pglite | postgres]`.
 */
const [eventsText = '1000000', stalledText = '40', kind = 'pglite'] = process.argv.slice(2);
const MEGABYTE = 1024 * 1024;
const TICKS_PER_SECOND = 100;
const STALLED_SECONDS = Number(stalledText);
const PING_EVERY_MS = 250;
const LOOK_MS = 20;
/** An answer that takes so long is a figure too. */
const ASK_WITHIN_MS = 60_000;
const PINGED = { gtin: '09521321001275', gln: '9521321000018' };

interface Filled {
  readonly events: number;
  readonly hours: number;
  readonly countedBytes: number;
  readonly budgetBytes: number;
  readonly worstShare: number;
  readonly eventBytesOnDisk: number;
}

/** Runs the store through its outage in a process of its own. */
async function fill(site: string, data: string): Promise<Filled> {
  const program = join(import.meta.dirname, 'fill-outage.ts');
  const child = spawn(process.execPath, [program, site, data, eventsText], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) last = line;
  console.log(last);
  return JSON.parse(last) as Filled;
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;

async function residentBytes({ ports }: DemoSite): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${ports.http}/metrics`);
  const line = /^process_resident_memory_bytes (\S+)/m.exec(await response.text());
  return Number(line?.[1]);
}

const sync = (demo: DemoSite) => getJson<SyncView>(`${demo.api}/sync`);

/** The most that the gateway's memory grows above what it was without a link, in bytes. */
async function growthWith(demo: DemoSite, meet: () => Promise<ScriptedCloud>): Promise<number> {
  const before = await residentBytes(demo);
  const cloud = await meet();
  await waitFor('the gateway has dialled', () => cloud.streams.length > 0, 40_000);
  let most = before;
  for (let second = 0; second < STALLED_SECONDS; second++) {
    await postSale(demo, `stalled-${before}-${second}`);
    most = Math.max(most, await residentBytes(demo));
    await pause(1_000);
  }
  cloud.close();
  await waitFor('the link is down', async () => !(await sync(demo)).connected, 40_000);
  return most - before;
}

const postSale = ({ api }: DemoSite, key: string) =>
  postJson(`${api}/sales`, { key, lines: [{ gtin: PINGED.gtin, quantity: 1 }] });

async function soldAtHub(hub: ReturnType<typeof shop>): Promise<number> {
  const { levels } = await hub.getStock({ gtin: PINGED.gtin, storeGln: PINGED.gln }, ASK_WITHIN_MS);
  const customer = levels[0]?.places.find(({ place }) => place?.kind === PlaceKind.CUSTOMER);
  return Number(customer?.quantity ?? 0);
}

async function soldHere({ api }: DemoSite): Promise<number> {
  const { places } = await getJson<StockView>(`${api}/stock/${PINGED.gtin}`);
  return (places as Readonly<Record<string, number>>).customer ?? 0;
}

/** Sells one unit again and again and times each until the hub says so, as long as events wait. */
async function pingWhile(demo: DemoSite, hubPort: number, waiting: () => Promise<boolean>) {
  const hub = shop(hubPort);
  const times: number[] = [];
  try {
    for (let ping = 0; await waiting(); ping++) {
      const startedMs = performance.now();
      await postSale(demo, `ping-${ping}`);
      const sold = await soldHere(demo);
      while ((await soldAtHub(hub)) < sold) await pause(LOOK_MS);
      times.push(performance.now() - startedMs);
      await pause(Math.max(0, PING_EVERY_MS - times.at(-1)!));
    }
  } finally {
    hub.close();
  }
  return times.sort((a, b) => a - b);
}

/** Processor time of a process so far, whatever else the machine does; null where there is no /proc. */
function cpuSeconds({ pid }: AisleProcess): number | null {
  if (!existsSync(`/proc/${pid}/stat`)) return null;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

interface Drain {
  readonly perSecond: number;
  /** Processor time for one event, in microseconds: of the gateway, and of the hub without its database server. */
  readonly gatewayMicros: number | null;
  readonly hubMicros: number | null;
  readonly pings: readonly number[];
}

/** From the hub's first acknowledgement to its last. */
async function drain(
  demo: DemoSite,
  gateway: AisleProcess,
  startHub: () => Promise<AisleProcess>,
): Promise<Drain> {
  const { ackedSeq: fromSeq } = await sync(demo);
  const hub = await startHub();
  const first = await waitFor(
    'the hub acknowledges',
    async () => {
      const view = await sync(demo);
      return view.ackedSeq > fromSeq ? view : null;
    },
    60_000,
  );
  const startedMs = performance.now();
  const before = [cpuSeconds(gateway), cpuSeconds(hub)] as const;
  let last = { ackedSeq: first.ackedSeq, atMs: startedMs };
  let toldMs = startedMs;
  const pings = await pingWhile(demo, demo.ports.hub, async () => {
    const { ackedSeq, pending } = await sync(demo);
    last = { ackedSeq, atMs: performance.now() };
    if (last.atMs - toldMs > 10_000) {
      toldMs = last.atMs;
      console.log(`${ackedSeq} acknowledged, ${pending} wait`);
    }
    return pending > 100;
  });
  const events = last.ackedSeq - first.ackedSeq;
  const perSecond = Math.round((events * 1000) / (last.atMs - startedMs));
  const micros = (now: number | null, then: number | null) =>
    now === null || then === null ? null : Math.round(((now - then) * 1_000_000) / events);
  const gatewayMicros = micros(cpuSeconds(gateway), before[0]);
  return { perSecond, gatewayMicros, hubMicros: micros(cpuSeconds(hub), before[1]), pings };
}

const demo = await outageSite();
const data = join(demo.folder, 'data');
const started: AisleProcess[] = [];
let server: PostgresServer | null = null;
const start = async (...args: string[]) => {
  const process = await startAisle(args);
  started.push(process);
  return process;
};
try {
  const filled = await fill(demo.site, data);
  const gateway = await start('run', demo.site, '--data', data);
  await pause(5_000);
  const meet = (read: boolean) => () =>
    scriptedCloud(stream => {
      stream.welcome(0);
      if (!read) stream.pause();
    }, demo.ports.hub);
  const unread = await growthWith(demo, meet(false));
  const unacked = await growthWith(demo, meet(true));
  console.log(`a stalled receiver: ${unread / MEGABYTE} MB unread, ${unacked / MEGABYTE} MB unacknowledged`);
  server = kind === 'postgres' && hasPostgres() ? await privateServer() : null;
  const kept = server ? ['--postgres', server.url] : ['--data', join(demo.folder, 'hub')];
  const { perSecond, pings, ...cpu } = await drain(demo, gateway, () =>
    start('hub', '--grpc', String(demo.ports.hub), ...kept),
  );
  const store = { get: <T>(path: string) => getJson<T>(`${demo.api}/${path}`), ports: demo.ports };
  const { hub, books, sync: after } = await inStep(store, 60_000);
  const names = new Set([...Object.keys(books), ...Object.keys(hub.books)]);
  const differing = [...names].filter(name => books[name] !== hub.books[name]).length;
  const held = Number(hub.store.eventCount) + Number(hub.store.skippedCount);
  const round = (value: number | null) => (value === null ? null : Math.round(value));
  console.log(
    JSON.stringify({
      bench: 'sync-backlog',
      hub: server ? 'postgres' : 'pglite',
      events: filled.events,
      hours: filled.hours,
      budgetBytes: filled.budgetBytes,
      worstShare: filled.worstShare,
      diskToBudget: filled.eventBytesOnDisk / filled.budgetBytes,
      diskToCounted: filled.eventBytesOnDisk / filled.countedBytes,
      stalledGrowthMegabytes: Math.round((10 * Math.max(unread, unacked)) / MEGABYTE) / 10,
      drainPerSecond: perSecond,
      ...cpu,
      pings: pings.length,
      livePing50Ms: round(percentile(pings, 0.5)),
      livePing99Ms: round(percentile(pings, 0.99)),
      lost: after.lastSeq - held,
      differing,
    }),
  );
  process.exitCode = differing === 0 && held === after.lastSeq ? 0 : 1;
} finally {
  for (const process of started.toReversed()) await process.stop();
  await server?.remove();
  demo.remove();
}
