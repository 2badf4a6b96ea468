import { type Outcome, openHistories } from '../../tests/sync/history.ts';

/**
 * The sync protocol over many random histories: `node bench/sync/histories.ts [runs] [seed] [seconds]`, as many as fit in the
 * time when one is given. A history that breaks a law is named by its seed, and `node bench/sync/histories.ts 1 <seed>` lives it
 * again.
 */
const wanted = Number(process.argv[2] ?? 100_000);
const first = Number(process.argv[3] ?? 1_000);
const withinMs = Number(process.argv[4] ?? Number.POSITIVE_INFINITY) * 1_000;
const startedMs = performance.now();
const sum = {
  ...{ events: 0, crashes: 0, restores: 0, epochs: 0 },
  ...{ discarded: 0, inSnapshots: 0, mended: 0, receipts: 0 },
};
const histories = openHistories();
let broken = 0;
let runs = 0;
while (runs < wanted && performance.now() - startedMs < withinMs) {
  const seed = first + runs++;
  const outcome: Outcome = await histories.live(seed);
  for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
  if (outcome.violations.length === 0) continue;
  broken += 1;
  if (broken <= 20) console.log(`seed ${seed}: ${outcome.violations.join('; ')}`);
}
histories.close();
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify({ bench: 'sync-histories', runs, seed: first, ...sum, broken, seconds }));
process.exitCode = broken === 0 ? 0 : 1;
