import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { gtinOf } from '../../tests/cloud/facts.ts';
import { shop } from '../../tests/hub/hub-bench.ts';
import { type AisleProcess, startAisle } from '../../tests/support/aisle-process.ts';
import { auditCrowd } from '../../tests/support/crowd-books.ts';
import { freePorts } from '../../tests/support/free-ports.ts';
import { hasPostgres, privateServer } from '../../tests/support/postgres-server.ts';
import { type CrowdStore, createCrowd } from '../../tests/support/store-crowd.ts';
import { waitFor } from '../../tests/support/wait-for.ts';

/**
 * A chain's worth of stores on two hub processes and one PostgreSQL 15 with fsync, all on this machine: memory of a store, rows a
 * second of a backlog and of small batches, questions while stores send, a storm of reconnects, a receiver that is killed.
 * `node bench/sync/hub-scale.ts [stores] [events of each store's backlog] [seconds of live trade]`.
 */
const [stores = 1000, backlog = 200, seconds = 30] = process.argv.slice(2).map(Number);
const EVENTS_PER_SECOND = 2;
const HEARTBEAT_MS = 15_000;
const PATIENCE_MS = 300_000;

if (!hasPostgres()) {
  console.log(JSON.stringify({ bench: 'sync-hub-scale', skipped: 1 }));
  process.exit(0);
}

const rounded = (value: number, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;
const percentile = (values: readonly number[], share: number) => {
  const sorted = values.toSorted((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN, 1);
};
const residentKb = ({ pid }: AisleProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
/** Seconds of processor time that a process and those of its children that ended have taken. */
const cpuSeconds = (pid: number | string) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
};
const postgresSeconds = () => {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
  return [server.pid, ...children].reduce((sum: number, pid) => sum + cpuSeconds(pid), 0);
};
async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

const server = await privateServer(['shared_buffers=512MB', 'max_wal_size=2GB']);
const database = new pg.Client({ connectionString: server.url });
const ports = await freePorts(2);
const hubAt = (port: number) => startAisle(['hub', '--grpc', String(port), '--postgres', server.url]);
const hubs = [await hubAt(ports[0]!)];
const balancer = [ports[0]!];
const acks: number[] = [];
const crowd = createCrowd({ stores, ports: balancer, random: Math.random, onAcked: ms => acks.push(ms) });
await database.connect();

const isBack = ({ uplink }: CrowdStore) => uplink.view().connected;
const allBack = () => waitFor('every store is connected', () => crowd.every(isBack), PATIENCE_MS);
const isStored = (store: CrowdStore) => store.ackedSeq() === store.lastSeq();
const allStored = () => waitFor('everything is acknowledged', () => crowd.every(isStored), PATIENCE_MS);
const acknowledged = () => crowd.reduce((sum, store) => sum + store.ackedSeq(), 0);
const say = (what: string, figures: object) =>
  console.log(`${what.padEnd(34)} ${JSON.stringify(figures)}  load ${loadavg()[0]!.toFixed(1)}`);

async function connect() {
  await pause(2000);
  const emptyKb = residentKb(hubs[0]!);
  const ms = await timed(async () => {
    for (const store of crowd) await store.uplink.start();
    await allBack();
  });
  await pause(2000);
  const kbPerStore = rounded((residentKb(hubs[0]!) - emptyKb) / stores, 1);
  return { connectMs: rounded(ms), emptyMegabytes: rounded(emptyKb / 1024), kbPerStore };
}

/** Processor seconds of hub and database for each second in which nothing is told: heartbeats, leases, receivers. */
const idle = { hub: 0, postgres: 0 };
async function rest() {
  const [hub, postgres, startMs] = [cpuSeconds(hubs[0]!.pid), postgresSeconds(), performance.now()];
  await pause(2 * HEARTBEAT_MS);
  const passed = (performance.now() - startMs) / 1000;
  idle.hub = (cpuSeconds(hubs[0]!.pid) - hub) / passed;
  idle.postgres = (postgresSeconds() - postgres) / passed;
  const each = (seconds: number) => rounded((seconds / stores) * 1e6);
  return {
    idleHubMicrosPerStoreSecond: each(idle.hub),
    idlePostgresMicrosPerStoreSecond: each(idle.postgres),
  };
}

/** Rows a second when every store has `each` events to tell at once, and again when they are stored. */
async function drain(each: number, rounds: number) {
  const [hubCpu, postgresCpu] = [cpuSeconds(hubs[0]!.pid), postgresSeconds()];
  const ms = await timed(async () => {
    for (let round = 0; round < rounds; round++) {
      for (const store of crowd) store.produce(each);
      await allStored();
    }
  });
  const rows = stores * each * rounds;
  const perRow = (seconds: number) => rounded((Math.max(0, seconds) / rows) * 1e6);
  return {
    rowsPerSecond: rounded((rows / ms) * 1000),
    hubCpuMicrosPerRow: perRow(cpuSeconds(hubs[0]!.pid) - hubCpu - (idle.hub * ms) / 1000),
    postgresCpuMicrosPerRow: perRow(postgresSeconds() - postgresCpu - (idle.postgres * ms) / 1000),
  };
}

/** Two events a second of each store, one after the other, while shops ask. */
async function trade() {
  const caller = shop(ports[0]!);
  const [overAll, ofOne]: [number[], number[]] = [[], []];
  const before = acknowledged();
  acks.length = 0;
  let isOver = false;
  const asking = Promise.allSettled([ask()]);
  async function ask() {
    for (let n = 0; !isOver; n++) {
      overAll.push(
        await timed(() => caller.getStock({ gtin: gtinOf(1 + (n % 79)), pageSize: 1000 }, 60_000)),
      );
      const storeGln = crowd[n % stores]!.gln;
      ofOne.push(await timed(() => caller.getStock({ storeGln, gtin: gtinOf(1) }, 60_000)));
      await pause(100);
    }
  }
  const startMs = performance.now();
  for (let sent = 0; performance.now() - startMs < seconds * 1000; ) {
    const due = Math.floor(((performance.now() - startMs) / 1000) * EVENTS_PER_SECOND * stores);
    for (; sent < due; sent++) crowd[sent % stores]!.produce(1);
    await pause(5);
  }
  const inTime = (acknowledged() - before) / ((performance.now() - startMs) / 1000);
  isOver = true;
  const [asked] = await asking;
  if (asked?.status === 'rejected') throw asked.reason;
  await allStored();
  caller.close();
  return {
    liveRowsPerSecond: rounded(inTime),
    ackP50Ms: percentile(acks, 0.5),
    ackP99Ms: percentile(acks, 0.99),
    itemOverAllP50Ms: percentile(overAll, 0.5),
    itemOverAllP99Ms: percentile(overAll, 0.99),
    oneStoreP50Ms: percentile(ofOne, 0.5),
    oneStoreP99Ms: percentile(ofOne, 0.99),
    asked: overAll.length,
  };
}

async function storm() {
  hubs.push(await hubAt(ports[1]!));
  balancer.push(ports[1]!);
  const ms = await timed(async () => {
    for (const store of crowd) store.cut();
    await waitFor('the cut is felt', () => !crowd.every(isBack));
    await allBack();
  });
  const { rows } = await database.query<{ n: string }>(
    'SELECT count(*) AS n FROM store_link GROUP BY receiver',
  );
  return { stormMs: rounded(ms), sharesOfReceivers: rows.map(({ n }) => Number(n)).join('/') };
}

async function killOne() {
  const ms = await timed(async () => {
    for (const store of crowd) store.produce(backlog / 2);
    await pause(500);
    await hubs[1]!.kill();
    balancer.pop();
    await allBack();
    await allStored();
  });
  return { killedToStoredMs: rounded(ms), ...(await auditCrowd(server.url, crowd)) };
}

const sizes = async () => {
  await database.query('VACUUM');
  const { rows } = await database.query<{ table: string; bytes: string; n: string }>(
    `SELECT 'event' AS table, sum(pg_total_relation_size(relid)) AS bytes, (SELECT count(*) FROM event) AS n
     FROM pg_partition_tree('event')
     UNION ALL SELECT 'stock', pg_total_relation_size('stock'), (SELECT count(*) FROM stock)`,
  );
  return Object.fromEntries(
    rows.map(row => [`${row.table}BytesPerRow`, rounded(Number(row.bytes) / Number(row.n))]),
  );
};

const figures: Record<string, number | string> = {};
const step = async (what: string, work: () => Promise<Record<string, number | string>>) => {
  const found = await work();
  say(what, found);
  Object.assign(figures, found);
};
try {
  await step(`${stores} stores connect`, connect);
  await step('nothing to tell', rest);
  await step(`a backlog of ${backlog} events each`, () => drain(backlog, 1));
  await step('one event each, all at once', async () => {
    const small = await drain(1, 5);
    return {
      smallBatchesPerSecond: small.rowsPerSecond,
      hubCpuMicrosPerBatch: small.hubCpuMicrosPerRow,
      postgresCpuMicrosPerBatch: small.postgresCpuMicrosPerRow,
    };
  });
  await step(`live trade for ${seconds} s, and questions`, trade);
  await step('all are cut; two receivers', storm);
  await step('one of two receivers is killed', killOne);
  await step('bytes of a row with its indexes', sizes);
} finally {
  for (const { uplink } of crowd) await uplink.stop(1000);
  for (const hub of hubs) await hub.stop();
  await database.end();
  await server.remove();
}
console.log(JSON.stringify({ bench: 'sync-hub-scale', stores, ...figures }));
process.exitCode = Number(figures.lost) + Number(figures.twice) === 0 ? 0 : 1;
