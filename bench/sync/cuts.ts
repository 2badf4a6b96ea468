import { liveThroughFaults } from '../../tests/support/fault-trial.ts';

/**
 * A real gateway and a real hub, their line cut and both killed while the store trades:
 * `node bench/sync/cuts.ts [cuts] [kills] [half-open lines] [seed]`.
 */
const [cuts = 200, kills = 100, halfOpens = 3, seed = 1_000] = process.argv.slice(2).map(Number);
const startedMs = performance.now();
const { foundMs, trouble, ...sum } = await liveThroughFaults({
  cuts,
  kills,
  halfOpens,
  seed,
  tell: text => console.log(text),
});
for (const line of trouble) console.log(line);
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
const halfOpenFoundMs = foundMs.length === 0 ? null : Math.max(...foundMs);
console.log(JSON.stringify({ bench: 'sync-cuts', seed, ...sum, halfOpenFoundMs, seconds }));
process.exitCode = sum.lost + sum.twice + sum.differing === 0 ? 0 : 1;
