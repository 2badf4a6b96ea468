import { describe, expect, it } from 'vitest';
import type { DeviceCommand, Driver } from '../../src/drivers/driver.ts';
import { createCommands } from '../../src/pipeline/commands.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { fail, ok } from '../../src/shared/result.ts';
import type { Store, StoredCommand } from '../../src/store/store.ts';
import { manualClock } from '../support/manual-clock.ts';

/** A store that holds one order until it is settled. */
function storeWith(command: StoredCommand, nowMs: number) {
  let dueMs = nowMs;
  let attempts = 0;
  const store = {
    dueCommands: (now: number, limit: number) =>
      dueMs <= now && limit > 0 ? [{ ...command, attempts }] : [],
    postponeCommand: (_id: string, nextMs: number) => {
      dueMs = nextMs;
      attempts++;
    },
  };
  return { store: store as unknown as Store, settle: () => (dueMs = Number.POSITIVE_INFINITY) };
}

const show: StoredCommand = {
  id: 'c1',
  device: 'label-1',
  name: 'show',
  body: { price: '1.99' },
  attempts: 0,
};

function commandsFor(device: string, answer: 'sent' | 'offline') {
  const clock = manualClock();
  const sent: { atS: number; command: DeviceCommand }[] = [];
  const driver = {
    devices: new Set([device]),
    send: async (command: DeviceCommand) => {
      sent.push({ atS: clock.monotonicMs() / 1000, command });
      return answer === 'sent' ? ok(undefined) : fail('comms', 'not connected', true);
    },
  } as unknown as Driver;
  const { store, settle } = storeWith(show, clock.nowMs());
  const counters = createCounters();
  const commands = createCommands({ store, drivers: [driver], clock, counters, maxInFlight: 10 });
  return { clock, sent, settle, counters, part: commands.part };
}

describe('orders to devices', () => {
  it('go to the driver of their device, with the id that was stored', async () => {
    const { part, clock, sent } = commandsFor('label-1', 'sent');
    await part.start();
    clock.advance(1000);
    expect(sent.map(({ command }) => command)).toEqual([
      { id: 'c1', device: 'label-1', name: 'show', body: { price: '1.99' } },
    ]);
  });

  it.each(['sent', 'offline'] as const)(
    'come again with growing pauses until the device answered (%s)',
    async answer => {
      const { part, clock, sent, settle } = commandsFor('label-1', answer);
      await part.start();
      for (let second = 0; second < 40; second++) {
        clock.advance(1000);
        await Promise.resolve();
      }
      expect(sent.map(({ atS }) => atS)).toEqual([1, 5, 13, 29]);
      settle();
      clock.advance(600_000);
      expect(sent).toHaveLength(4);
    },
  );

  it('wait in the database, counted, when no driver serves the device', async () => {
    const { part, clock, sent, counters } = commandsFor('another-label', 'sent');
    await part.start();
    clock.advance(1000);
    await Promise.resolve();
    expect(sent).toEqual([]);
    expect(counters.snapshot()).toMatchObject([
      { name: 'commands_sent_total', labels: { result: 'failed' } },
    ]);
  });

  it('are not sent after the stop', async () => {
    const { part, clock, sent } = commandsFor('label-1', 'sent');
    await part.start();
    await part.stop(1000);
    clock.advance(60_000);
    expect(sent).toEqual([]);
  });
});
