import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * What the sync protocol promises, measured in its short forms: random histories, cut links with orders and leases, real processes
 * that are cut and killed, a backlog that drains, reservations, a chain of stores on PostgreSQL where that is installed,
 * and rollouts to it.
 * Each part is a program of its own, so that none finds the memory of another. Ends on a table and one line of JSON.
 *
 * Usage: npm run bench:sync
 */
type Figures = Readonly<Record<string, number | null>>;

const SEED = 1_000;
const PARTS = {
  /** Histories at most, first seed, seconds. */
  histories: [1_000_000, SEED, 60],
  /** Cuts, first seed. */
  partitions: [200, SEED],
  /** Cuts, kills, half-open lines, seed. */
  cuts: [20, 8, 1, SEED],
  /** Events, seconds with a receiver that stalls. */
  backlog: [100_000, 15],
  /** Seconds, stores, clients. */
  reservations: [2, 2, 8],
  /** Stores, events of each one's backlog, seconds of live trade. */
  'hub-scale': [100, 200, 10],
  /** Harmful rollouts of each kind, harmless ones, seed, stores. */
  fleet: [5, 10, SEED, 1_000],
} as const;

type Part = keyof typeof PARTS;

/** Runs `bench/sync/<name>.ts`, shows what it prints and returns its last line. */
async function measure(name: Part): Promise<Figures> {
  const args = PARTS[name].map(String);
  console.log(`\n${name} ${args.join(' ')}`);
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], {
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
  const { bench: _, ...figures } = JSON.parse(last) as Record<string, unknown>;
  return figures as Figures;
}

const measured = new Map<Part, Figures>();
const rows: { part: string; seconds: number; lost: number; twice: number; oversold: number }[] = [];
const of = (part: Part, figure: string): number => Number(measured.get(part)?.[figure] ?? 0);
for (const part of Object.keys(PARTS) as Part[]) {
  const startedMs = performance.now();
  measured.set(part, await measure(part));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  // A history that breaks a law counts as a loss, and so does a balance that differs.
  const lost = of(part, 'lost') + of(part, 'broken') + of(part, 'differing');
  rows.push({ part, seconds, lost, twice: of(part, 'twice'), oversold: of(part, 'oversold') });
}
console.table(rows);
const sum = (figure: 'lost' | 'twice' | 'oversold') => rows.reduce((total, row) => total + row[figure], 0);
const [lost, twice, oversold] = [sum('lost'), sum('twice'), sum('oversold')];
const figure = (part: Part, name: string) => measured.get(part)?.[name] ?? null;
console.log(
  JSON.stringify({
    bench: 'sync',
    histories: figure('histories', 'runs'),
    lost,
    twice,
    oversold,
    drainPerSecond: figure('backlog', 'drainPerSecond'),
    livePing99Ms: figure('backlog', 'livePing99Ms'),
    stalledGrowthMegabytes: figure('backlog', 'stalledGrowthMegabytes'),
    halfOpenFoundMs: figure('cuts', 'halfOpenFoundMs'),
    reservationsPerSecond: figure('reservations', 'reservationsPerSecond'),
    rolloutsHaltedBy5Percent: figure('fleet', 'haltedBy5PercentFound'),
    harmlessHaltedPercent: figure('fleet', 'falseHaltPercent'),
  }),
);
process.exitCode = lost + twice + oversold === 0 ? 0 : 1;
