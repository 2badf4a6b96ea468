import { createPause } from '../pause.ts';
import { createBus } from './bus.ts';
import type { BusAddress, BusContext } from './bus-link.ts';
import type { Unit } from './unit.ts';

/** Polls the units of one bus in turn, one request at a time, until it is stopped. */
export interface BusPoller {
  start(): void;
  /** Resolves when the last request is over and the connection is closed. */
  stop(): Promise<void>;
}

// A timer takes no infinite wait, which is what a unit without points asks for.
const LONGEST_WAIT_MS = 60_000;

export function createBusPoller(address: BusAddress, units: readonly Unit[], context: BusContext): BusPoller {
  const bus = createBus(address, context);
  let isStopping = false;
  let running: Promise<void> | null = null;
  const pause = createPause(context.clock);

  async function run(): Promise<void> {
    let turn = 0;
    while (!isStopping) {
      const next = firstDue(units, turn, context.clock.monotonicMs());
      if (next === null) {
        const dueMs = Math.min(...units.map(unit => unit.dueMs()));
        await pause.wait(clamp(dueMs - context.clock.monotonicMs(), 1, LONGEST_WAIT_MS));
        continue;
      }
      await units[next]!.poll(bus);
      turn = next + 1;
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      isStopping = true;
      pause.end();
      bus.close();
      await running;
    },
  };
}

const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Index of the first unit from `turn` on that is due, going round; null when none is. */
function firstDue(units: readonly Unit[], turn: number, nowMs: number): number | null {
  for (let step = 0; step < units.length; step++) {
    const index = (turn + step) % units.length;
    if (units[index]!.dueMs() <= nowMs) return index;
  }
  return null;
}
