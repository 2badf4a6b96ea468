import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fulfilment } from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { shop } from '../../tests/hub/hub-bench.ts';
import { startAisle } from '../../tests/support/aisle-process.ts';
import { freePorts } from '../../tests/support/free-ports.ts';
import { hasPostgres, privateServer } from '../../tests/support/postgres-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { cpuTimeMs } from './cpu-time.ts';
import { durations } from './durations.ts';
import { type HostedStore, ITEMS, itemOf, SCARCE } from './store-host.ts';

/**
 * Reservations through the hub at real gateways over gRPC, with the hub on PGlite and on PostgreSQL: how many a second at one
 * store and at many, with what processor time each, how many orders, and whether exactly the units that there are get promised when all want the same
 * item: `node bench/sync/reservations.ts [seconds] [stores] [clients]`.
 */
const [seconds = 10, many = 10, clients = 32] = process.argv.slice(2).map(Number);
const gain = (from: readonly number[], to: readonly number[]) =>
  to.map((value, index) => value - (from[index] ?? 0));

type Shop = ReturnType<typeof shop>;

/** `clients` callers, each with its next call as soon as the last one is answered. */
async function press(pids: readonly number[], call: (n: number) => Promise<unknown>) {
  const before = pids.map(cpuTimeMs);
  const spans = durations();
  const endMs = performance.now() + seconds * 1000;
  let n = 0;
  let failed = 0;
  const client = async () => {
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      await call(n++).catch(() => {
        failed += 1;
      });
      spans.add(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const [hubCpuMs = 0, storesCpuMs = 0] = gain(before, pids.map(cpuTimeMs)).map(each);
  return {
    perSecond: Math.round((spans.count() - failed) / seconds),
    failed,
    ...spans.summary(),
    hubCpuMs,
    storesCpuMs,
  };

  function each(ms: number) {
    return Math.round((100 * ms) / spans.count()) / 100;
  }
}

const reserve = (hub: Shop, { gln }: HostedStore, id: string, item: number) =>
  hub.reserve(
    {
      storeGln: gln,
      requestId: id,
      reserve: { reservationId: id, lines: [{ gtin: itemOf(item), quantity: 1n }] },
    },
    10_000,
  );

/** More callers than units, all at once. Returns what was promised beyond or below what there is. */
async function scramble(hub: Shop, stores: readonly HostedStore[]) {
  let [promised, wrong] = [0, 0];
  for (const store of stores) {
    const wanted = Array.from({ length: SCARCE + 100 }, (_, n) => `scarce-${n}`);
    const granted = await Promise.all(
      wanted.map(id =>
        reserve(hub, store, id, 0).then(
          () => 1,
          () => 0,
        ),
      ),
    );
    const units = granted.reduce<number>((sum, one) => sum + one, 0);
    promised += units;
    wrong += Math.abs(units - SCARCE);
  }
  return { promised, wrong };
}

/** Commands that the stores answered, and of these within 100 ms of their coming, as the stores themselves count. */
async function storeShare(stores: readonly HostedStore[]): Promise<number[]> {
  const sums = [0, 0];
  for (const { api } of stores) {
    const text = await (await fetch(`${api}/metrics`)).text();
    const figure = (name: string) =>
      Number(
        text
          .split('\n')
          .find(line => line.startsWith(name))
          ?.split(' ')[1] ?? 0,
      );
    sums[0]! += figure('aisle_cloud_command_ms_count');
    sums[1]! += figure('aisle_cloud_command_ms_bucket{le="100"}');
  }
  return sums;
}

async function measure(name: string, database: readonly string[], count: number) {
  const [port] = (await freePorts(1)) as [number];
  const hubProcess = await startAisle(['hub', '--grpc', String(port), ...database]);
  const host = fork(join(import.meta.dirname, 'store-host.ts'), [String(port), String(count)]);
  const hub = shop(port);
  try {
    const stores = await new Promise<HostedStore[]>(resolve =>
      host.once('message', message => resolve(message as HostedStore[])),
    );
    await waitFor('every store is in step', async () => {
      const { stores: views } = await hub.listStores({});
      return views.filter(({ online, ackedSeq, lastSeq }) => online && ackedSeq === lastSeq).length === count;
    });
    const pids = [hubProcess.pid, host.pid!];
    const before = await storeShare(stores);
    const store = (n: number) => stores[n % count]!;
    const item = (n: number) => 1 + (n % (ITEMS - 1));
    const reservations = await press(pids, n => reserve(hub, store(n), `r-${n}`, item(n)));
    const orders = await press(pids, n =>
      hub.placeOrder(
        {
          requestId: `o-${n}`,
          storeGln: store(n).gln,
          fulfilment: Fulfilment.PICKUP,
          lines: [{ gtin: itemOf(item(n)), quantity: 1n }],
        },
        10_000,
      ),
    );
    const scarce = await scramble(hub, stores);
    const [commands = 0, inTime = 0] = gain(before, await storeShare(stores));
    const slowStoreShare = commands === 0 ? 1 : (commands - inTime) / commands;
    return { database: name, stores: count, reservations, orders, scarce, commands, slowStoreShare };
  } finally {
    hub.close();
    host.disconnect();
    await hubProcess.stop();
  }
}

const results = [];
for (const count of [1, many]) {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-hub-'));
  results.push(await measure('pglite', ['--data', folder], count));
  console.log(JSON.stringify(results.at(-1)));
  rmSync(folder, { recursive: true, force: true });
  if (!hasPostgres()) continue;
  const server = await privateServer();
  try {
    results.push(await measure('postgres', ['--postgres', server.url], count));
    console.log(JSON.stringify(results.at(-1)));
  } finally {
    await server.remove();
  }
}
const wrong = results.reduce((sum, { scarce }) => sum + scarce.wrong, 0);
const best = Math.max(...results.map(({ reservations }) => reservations.perSecond));
const slowest = Math.max(...results.map(({ slowStoreShare }) => slowStoreShare));
console.log(
  JSON.stringify({
    bench: 'sync-reservations',
    reservationsPerSecond: best,
    wrong,
    overHundredMsAtStore: slowest,
  }),
);
process.exitCode = wrong === 0 ? 0 : 1;
