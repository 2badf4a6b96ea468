import { migrate } from '../../src/hub/database.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { livePartitions } from '../../tests/sync/partition.ts';

/**
 * Cut links with tills, orders and leases competing for few units, until so many were cut: `node bench/sync/partitions.ts [cuts]
 * [seed]`. A history that breaks a law is named by its seed, and `node bench/sync/partitions.ts 1 <seed>` lives it again.
 */
const wanted = Number(process.argv[2] ?? 1_000);
const first = Number(process.argv[3] ?? 1_000);
const database = await openPglite(null);
await migrate(database);
const startedMs = performance.now();
const sum = { histories: 0, cuts: 0, orders: 0, leased: 0, shortages: 0, kills: 0, picked: 0, oversold: 0 };
for (let seed = first; sum.cuts < wanted; seed++) {
  const outcome = await livePartitions(database, seed);
  sum.histories += 1;
  sum.cuts += outcome.cuts;
  sum.orders += outcome.orders;
  sum.leased += outcome.leased;
  sum.shortages += outcome.shortages;
  sum.kills += outcome.kills;
  sum.picked += outcome.picked;
  sum.oversold += outcome.violations.length;
  if (outcome.violations.length === 0) continue;
  console.log(
    `seed ${seed}: ${outcome.violations.join('; ')} (again: node bench/sync/partitions.ts 1 ${seed})`,
  );
}
await database.close();
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify({ bench: 'sync-partitions', seed: first, ...sum, seconds }));
process.exitCode = sum.oversold === 0 ? 0 : 1;
