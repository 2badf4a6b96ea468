import { expect, test } from 'vitest';
import { apply, createDevicesState, decide, restore } from '../../../src/domain/devices/devices.ts';
import type { QualityReason } from '../../../src/readings/quality.ts';
import type { DeviceState, PresenceReading } from '../../../src/readings/reading.ts';

const presence = (state: DeviceState, reason: QualityReason | null = null): PresenceReading => ({
  kind: 'presence',
  device: 'door-main',
  state,
  reason,
  eventTimeMs: 0,
  receivedTimeMs: 0,
});

test('a device state becomes a fact when it is another than before, the first one too', () => {
  const state = createDevicesState();
  const heard = [
    presence('online'),
    presence('online'),
    presence('offline', 'comms'),
    presence('offline', 'stale'),
    presence('offline', 'stale'),
    presence('online'),
  ];
  const facts = heard.flatMap(reading => {
    const decided = decide(state, reading);
    for (const fact of decided) apply(state, fact);
    return decided;
  });
  expect(facts.map(fact => [fact.state, fact.reason])).toEqual([
    ['online', null],
    ['offline', 'comms'],
    ['offline', 'stale'],
    ['online', null],
  ]);
});

test('after a restart the stored state is not news', () => {
  const state = createDevicesState();
  restore(state, [{ type: 'device', device: 'door-main', state: 'offline', reason: 'comms' }]);
  expect(decide(state, presence('offline', 'comms'))).toEqual([]);
});
