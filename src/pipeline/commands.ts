import type { Driver } from '../drivers/driver.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Part } from '../shared/part.ts';
import type { Store, StoredCommand } from '../store/store.ts';

interface CommandOptions {
  readonly store: Store;
  readonly drivers: readonly Driver[];
  readonly clock: Clock;
  readonly counters: Counters;
  readonly maxInFlight: number;
}

const SWEEP_MS = 1_000;
const FIRST_RETRY_MS = 4_000;
const LAST_RETRY_MS = 60_000;

/**
 * Carries stored orders to devices until the device's answer, which comes back as a reading, settles them.
 * An order is sent again after 4, 8, 16 ... 60 s; its id is the same each time, so a device does it once.
 */
export function createCommands({ store, drivers, clock, counters, maxInFlight }: CommandOptions) {
  let timer: Timer | null = null;
  let sending = 0;

  const send = async (command: StoredCommand) => {
    const driver = drivers.find(({ devices }) => devices.has(command.device));
    const { id, device, name, body } = command;
    const sent = driver ? await driver.send({ id, device, name, body }) : null;
    counters.add('commands_sent_total', { name, result: sent?.ok ? 'sent' : 'failed' });
  };
  const sweep = () => {
    if (timer === null) return;
    const nowMs = clock.nowMs();
    for (const command of store.dueCommands(nowMs, maxInFlight - sending)) {
      const waitMs = Math.min(FIRST_RETRY_MS * 2 ** command.attempts, LAST_RETRY_MS);
      store.postponeCommand(command.id, nowMs + waitMs);
      sending++;
      void send(command).finally(() => sending--);
    }
  };
  const part: Part = {
    name: 'commands',
    start: async () => {
      timer = clock.every(SWEEP_MS, sweep);
    },
    stop: async () => {
      timer?.cancel();
      timer = null;
    },
    health: () => ({ state: timer ? 'ok' : 'stopped' }),
  };
  return { part, sweep };
}
