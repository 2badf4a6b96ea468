import { systemClock } from '../../src/shared/clock.ts';
import { has } from '../../tests/support/needs.ts';
import { BUSY_LINE, type DeadSlaveFigures, measureDeadSlaves } from './dead-slave.ts';
import { runLateReplies } from './late-replies.ts';
import { opcuaRestarts } from './opcua-restarts.ts';
import { profileTable } from './profile-table.ts';
import { runRequests } from './requests.ts';

/**
 * The drivers' benchmarks: late replies, planned reads, dead slaves, OPC UA restarts and the device library. Prints its figures and
 * ends on one line of JSON. Without Debian's socat it leaves the serial line out, and says so.
 *
 * Usage: npm run bench:drivers
 */
const clock = systemClock();
const print = (line: string) => void process.stdout.write(`${line}\n`);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const ms = (value: number | null) => (value === null ? 'not waited for' : `${Math.round(value)} ms`);

const WINDOW_MS = 20_000;
const OPCUA_RESTARTS = 5;

async function section<T>(title: string, measure: () => Promise<T> | T): Promise<T> {
  const startMs = clock.monotonicMs();
  print(`\n${title}`);
  const result = await measure();
  print(`  (${Math.round((clock.monotonicMs() - startMs) / 1000)} s)`);
  return result;
}

function describeDeadSlaves(figures: DeadSlaveFigures): void {
  const { transport, slaves, dead, beforeMs, duringMs, besideBeforeMs, besideDuringMs } = figures;
  print(`  ${transport}: ${dead} of ${slaves} slaves die`);
  print(`    the others' interval ${ms(beforeMs)} before, ${ms(duringMs)} after`);
  print(
    `    on the line beside it ${ms(besideBeforeMs)} and ${ms(besideDuringMs)}: moved ${percent(figures.shift)}`,
  );
  print(
    `    ${figures.timeouts} time-outs for one dead slave at most; all called offline after ${ms(figures.saidAfterMs)}`,
  );
  if (figures.backAfterMs !== null) print(`    back ${ms(figures.backAfterMs)} after it was mended`);
}

async function deadSlaves(): Promise<number> {
  const shifts: number[] = [];
  const wires = has('socat', 'socat') ? (['rtu-tcp', 'pty'] as const) : (['rtu-tcp'] as const);
  for (const transport of wires) {
    for (const dead of [1, 10]) {
      const figures = await measureDeadSlaves(
        { ...BUSY_LINE, transport },
        { dead, windowMs: WINDOW_MS, comesBack: dead === 1 },
      );
      describeDeadSlaves(figures);
      if (dead === 1) shifts.push(figures.shift);
    }
  }
  return Math.max(...shifts);
}

/** All maps together: requests of a poller without a plan by those of ours. */
const ratioOf = (figures: typeof requests) =>
  figures.reduce((sum, { naiveRequests }) => sum + naiveRequests, 0) /
  figures.reduce((sum, row) => sum + row.requests, 0);

const rounded = (value: number) => Math.round(value * 10_000) / 10_000;

const rows = await section('The device library', () => {
  const table = profileTable();
  for (const { id, model, protocol, points, trust, frames, passing } of table) {
    print(
      `  ${id.padEnd(24)} ${protocol.padEnd(6)} ${String(points).padStart(2)} points  ${trust.padEnd(6)} ${passing} of ${frames} golden frames  ${model}`,
    );
  }
  return table;
});
const late = await section('10,000 reads with late and damaged replies', async () => {
  const figures = await runLateReplies();
  for (const [name, row] of Object.entries(figures)) print(`  ${name.padEnd(10)} ${JSON.stringify(row)}`);
  return figures;
});
const requests = await section('Planned reads against one request per point, at 9,600 baud', async () => {
  const figures = await runRequests();
  for (const row of figures) {
    print(
      `  ${row.profile}: ${row.points} points in ${row.requests} requests instead of ${row.naiveRequests}`,
    );
    print(`    ${row.valuesPerSecond} values a second instead of ${row.naiveValuesPerSecond}`);
  }
  return figures;
});
const deadSlaveShift = await section('Dead slaves on a line that is always busy', deadSlaves);
const opcua = await section('OPC UA server restarts', async () => {
  const figures = await opcuaRestarts(OPCUA_RESTARTS);
  print(
    `  ${figures.back} of ${figures.restarts} times back within 10 s, the slowest after ${ms(figures.slowestMs)}`,
  );
  return figures;
});

print('');
print(
  JSON.stringify({
    bench: 'drivers',
    deadSlaveShift: rounded(deadSlaveShift),
    wrongRegister: late.own.wrong + late.ownOverTcp.wrong,
    wrongRegisterLibrary: late.library.wrong,
    requestsRatio: rounded(ratioOf(requests)),
    profiles: rows.filter(({ frames, passing }) => frames > 0 && frames === passing).length,
    opcuaBack: opcua.back,
    opcuaRestarts: opcua.restarts,
  }),
);
process.exit(0);
