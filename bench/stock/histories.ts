import fc from 'fast-check';
import { histories, live, repeat } from '../../tests/support/histories.ts';

/** The laws of the ledger over many random histories: `node bench/stock/histories.ts [runs] [seed]`. */
const runs = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1_000);
const startedMs = performance.now();
fc.assert(
  fc.property(histories, history => {
    live(history);
    repeat(history);
  }),
  { numRuns: runs, seed },
);
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify({ bench: 'stock-histories', runs, seed, seconds }));
