import { sleep, systemClock } from '../../src/shared/clock.ts';
import { type SlaveLine, type SlaveLineOptions, startSlaveLine } from '../../tests/support/slave-line.ts';
import { waitFor } from '../../tests/support/wait-for.ts';

export interface DeadSlaveFigures {
  readonly transport: SlaveLineOptions['transport'];
  readonly slaves: number;
  readonly dead: number;
  /** Mean poll interval of those that live, before and while the others are dead. */
  readonly beforeMs: number;
  readonly duringMs: number;
  /** The same two of a line beside it on which nobody dies: what the machine itself did to intervals meanwhile. */
  readonly besideBeforeMs: number;
  readonly besideDuringMs: number;
  /** How far the mean interval of the living moved against the line beside it; 0.1 is a tenth. */
  readonly shift: number;
  /** Values of the living that came while the others were dead, the fewest of any. */
  readonly fewestValues: number;
  /** From the end of the fault to a value of the last of the dead; null when it was not waited for. */
  readonly backAfterMs: number | null;
  /** Time-outs that one dead slave cost, the most of any. */
  readonly timeouts: number;
  /** From the deaths until the line's budget called all of them offline; null when it did not within a minute more. */
  readonly saidAfterMs: number | null;
}

const clock = systemClock();

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const arrivalsIn = (line: SlaveLine, device: string, { fromMs, toMs }: Span) =>
  line.arrivals(device).filter(atMs => atMs >= fromMs && atMs < toMs);

/** Mean interval between the values of each device that arrived in a span, over all devices. */
function intervalMs(line: SlaveLine, devices: readonly string[], span: Span): number {
  return mean(
    devices.map(device => {
      const within = arrivalsIn(line, device, span);
      if (within.length < 2) return span.toMs - span.fromMs;
      return (within.at(-1)! - within[0]!) / (within.length - 1);
    }),
  );
}

/** As many as shall die, spread over the line. */
const chooseDying = (devices: readonly string[], dead: number) =>
  devices.filter((_, i) => i % Math.floor(devices.length / dead) === 1).slice(0, dead);

/**
 * Lets two equal lines settle, measures every slave's poll interval, kills some on one line and measures the others
 * from that instant on: the time-outs by which their death is noticed count too.
 */
export async function measureDeadSlaves(
  options: SlaveLineOptions,
  { dead, windowMs, comesBack }: { dead: number; windowMs: number; comesBack: boolean },
): Promise<DeadSlaveFigures> {
  const line = await startSlaveLine(options);
  const beside = await startSlaveLine(options);
  try {
    const isRead = (device: string) =>
      line.arrivals(device).length >= 3 && beside.arrivals(device).length >= 3;
    await waitFor('every slave was read', () => line.devices.every(isRead), windowMs);
    const startMs = clock.monotonicMs();
    await sleep(clock, windowMs);
    const killedMs = clock.monotonicMs();
    const dying = chooseDying(line.devices, dead);
    for (const device of dying) line.set(device, 'stopped', true);
    const hearing = whenSaid(line, dying);
    await sleep(clock, windowMs);
    const before = { fromMs: startMs, toMs: killedMs };
    const during = { fromMs: killedMs, toMs: clock.monotonicMs() };
    const living = line.devices.filter(device => !dying.includes(device));
    const beforeMs = intervalMs(line, living, before);
    const duringMs = intervalMs(line, living, during);
    const besideBeforeMs = intervalMs(beside, living, before);
    const besideDuringMs = intervalMs(beside, living, during);
    const budgets = line.driver.budgets().flatMap(({ devices }) => devices);
    const lost = budgets.filter(({ device }) => dying.includes(device));
    const said = await hearing;
    return {
      transport: options.transport,
      slaves: options.slaves,
      dead,
      beforeMs,
      duringMs,
      besideBeforeMs,
      besideDuringMs,
      shift: duringMs / beforeMs / (besideDuringMs / besideBeforeMs) - 1,
      fewestValues: Math.min(...living.map(device => arrivalsIn(line, device, during).length)),
      backAfterMs: comesBack ? await comeBack(line, dying) : null,
      timeouts: Math.max(...lost.map(({ timeouts }) => timeouts)),
      saidAfterMs: said,
    };
  } finally {
    await line.stop();
    await beside.stop();
  }
}

const BACK_WITHIN_MS = 60_000;
const SAID_WITHIN_MS = 75_000;

/** Milliseconds until every one of them is called offline. */
async function whenSaid(line: SlaveLine, dying: readonly string[]): Promise<number | null> {
  const fromMs = clock.monotonicMs();
  const isOffline = (device: string) =>
    line.driver.budgets()[0]!.devices.some(entry => entry.device === device && entry.state === 'offline');
  const isSaid = () => dying.every(isOffline);
  return waitFor('all are called offline', isSaid, SAID_WITHIN_MS).then(
    () => clock.monotonicMs() - fromMs,
    () => null,
  );
}

async function comeBack(line: SlaveLine, dying: readonly string[]): Promise<number> {
  for (const device of dying) line.set(device, 'stopped', false);
  const fromMs = clock.monotonicMs();
  const isBack = (device: string) => (line.arrivals(device).at(-1) ?? 0) > fromMs;
  await waitFor('the dead are back', () => dying.every(isBack), BACK_WITHIN_MS);
  return clock.monotonicMs() - fromMs;
}

/** A line at 19,200 baud: one round of 32 slaves takes about 0.7 s, so a wish of 100 ms keeps it always busy. */
export const BUSY_LINE = { slaves: 32, baud: 19_200, everyMs: 100, timeoutMs: 300 } as const;

if (import.meta.main) {
  for (const transport of ['rtu-tcp', 'pty'] as const) {
    for (const dead of [1, 10]) {
      const figures = await measureDeadSlaves(
        { ...BUSY_LINE, transport },
        { dead, windowMs: 20_000, comesBack: true },
      );
      process.stdout.write(`${JSON.stringify(figures)}\n`);
    }
  }
}
