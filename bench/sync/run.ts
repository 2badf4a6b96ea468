import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * What the sync protocol promises, measured: random histories, cut links with orders and leases, real processes that are cut and
 * killed, and a backlog that drains. Each part is a program of its own, so that none finds the memory of another. Ends on one line of JSON.
 *
 * Usage: npm run bench:sync
 */
type Figures = Readonly<Record<string, number | null>>;

const HISTORIES_SECONDS = 120;
const PARTITION_CUTS = 200;
const CUTS = 20;
const KILLS = 8;
const HALF_OPENS = 1;
const BACKLOG_EVENTS = 100_000;
const STALLED_SECONDS = 15;
const SEED = 1_000;

/** Runs `bench/sync/<name>.ts`, shows what it prints and returns its last line. */
async function measure(name: string, ...args: readonly number[]): Promise<Figures> {
  console.log(`\n${name} ${args.join(' ')}`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(`  ${line}`);
    last = line;
  }
  const code = await ended;
  if (!last.startsWith('{')) throw new Error(`${name} ended with ${code} and without its figures`);
  return JSON.parse(last) as Figures;
}

const histories = await measure('histories', 1_000_000, SEED, HISTORIES_SECONDS);
const partitions = await measure('partitions', PARTITION_CUTS, SEED);
const cuts = await measure('cuts', CUTS, KILLS, HALF_OPENS, SEED);
const backlog = await measure('backlog', BACKLOG_EVENTS, STALLED_SECONDS);
// A history that breaks a law counts as a loss, and so does a balance that differs.
const lost = (histories.broken ?? 0) + (cuts.lost ?? 0) + (cuts.differing ?? 0) + (backlog.lost ?? 0);
const twice = cuts.twice ?? 0;
const oversold = partitions.oversold ?? 0;
console.log(
  JSON.stringify({
    bench: 'sync',
    histories: histories.runs,
    lost,
    twice,
    oversold,
    drainPerSecond: backlog.drainPerSecond,
    livePing99Ms: backlog.livePing99Ms,
    stalledGrowthMegabytes: backlog.stalledGrowthMegabytes,
    halfOpenFoundMs: cuts.halfOpenFoundMs,
  }),
);
process.exitCode = lost + twice + oversold === 0 ? 0 : 1;
