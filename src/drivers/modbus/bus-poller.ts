import type { BusBudget } from '../../readings/bus-budget.ts';
import { createPause } from '../pause.ts';
import { createBus } from './bus.ts';
import type { BusContext } from './bus-link.ts';
import type { Line } from './line.ts';
import { createScheduler } from './scheduler.ts';
import type { Unit } from './unit.ts';

/** Serves the units of one line, one request at a time, until it is stopped. */
export interface BusPoller {
  start(): void;
  /** A unit wants the line sooner than it did. */
  wake(): void;
  /** Resolves when the last request is over and the connection is closed. */
  stop(): Promise<void>;
  budget(): BusBudget;
}

interface PolledLine {
  readonly line: Line;
  readonly units: readonly Unit[];
  readonly pauseAfterConnectMs: number;
}

export function createBusPoller(polled: PolledLine, context: BusContext): BusPoller {
  const { line, units, pauseAfterConnectMs } = polled;
  const byNumber = new Map(units.map(unit => [unit.number, unit]));
  const bus = createBus(line.settings(context.clock, pauseAfterConnectMs), context, {
    asked: (unit, answer, tookMs, what) => byNumber.get(unit)?.book.asked(answer, tookMs, what),
    dropped: (unit, lateMs) => byNumber.get(unit)?.heardLate(lateMs),
  });
  const scheduler = createScheduler(
    units.flatMap(({ jobs }) => jobs),
    context.clock,
  );
  let isStopping = false;
  let running: Promise<void> | null = null;
  const pause = createPause(context.clock);

  async function run(): Promise<void> {
    while (!isStopping) {
      const next = scheduler.next();
      if ('waitMs' in next) await pause.wait(next.waitMs);
      else scheduler.done(next.job, await next.job.run(bus));
    }
  }

  return {
    start() {
      running ??= run();
    },
    wake: pause.wake,
    async stop() {
      isStopping = true;
      pause.end();
      bus.close();
      await running;
      for (const unit of units) unit.close();
    },
    budget: () => budgetOf(line, units, bus.isOpen()),
  };
}

function budgetOf(line: Line, units: readonly Unit[], isConnected: boolean): BusBudget {
  const devices = units.map(unit => unit.budget());
  const needs = units.map(unit => unit.need());
  const perMinute = (key: 'busyMsPerMinute' | 'lostMsPerMinute') =>
    devices.reduce((sum, device) => sum + device[key], 0) / 60_000;
  const wanted = needs.flatMap(({ everyMs }) => everyMs ?? []);
  return {
    bus: line.key,
    transport: line.transport,
    baud: line.baud,
    basis: 'measured',
    windowMs: Math.max(0, ...units.map(({ book }) => book.figures().windowMs)),
    isConnected,
    usedShare: Math.min(1, perMinute('busyMsPerMinute')),
    lostShare: Math.min(1, perMinute('lostMsPerMinute')),
    reachableIntervalMs: Math.round(needs.reduce((sum, { cycleMs }) => sum + cycleMs, 0)),
    wantedIntervalMs: wanted.length > 0 ? Math.min(...wanted) : null,
    devices,
  };
}
