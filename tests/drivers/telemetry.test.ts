import { expect, test } from 'vitest';
import type { DriverContext } from '../../src/drivers/driver.ts';
import { createReport, createTelemetry, telemetryHealth } from '../../src/drivers/telemetry.ts';
import { GOOD } from '../../src/readings/quality.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Outcome } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { limits } from '../../src/shared/limits.ts';
import { silentLog } from '../../src/shared/log.ts';
import { manualClock } from '../support/manual-clock.ts';

function inboxThat(answer: () => Promise<Outcome>) {
  const submitted: Reading[] = [];
  const context: DriverContext = {
    clock: manualClock(),
    log: silentLog,
    counters: createCounters(),
    random: () => 0,
    submit: readings => {
      submitted.push(...readings);
      return answer();
    },
  };
  const voice = createTelemetry('dairy', context, createReport(context, 'modbus'));
  return {
    submitted,
    voice,
    counted: () => context.counters.snapshot().map(({ labels, value }) => [labels.reason, value]),
  };
}

const temperature = { point: 'air_temperature' as const, value: 3.4, quality: GOOD };

test('values are dropped and counted while too much is uncommitted; a change of state never is', () => {
  const { submitted, voice, counted } = inboxThat(() => new Promise(() => {}));
  for (let i = 0; i < limits.telemetryUncommitted + 3; i++) voice.values([temperature]);
  expect(submitted).toHaveLength(limits.telemetryUncommitted);
  expect(counted()).toEqual([['uncommitted', 3]]);
  voice.presence('offline', 'comms');
  expect(submitted.at(-1)).toMatchObject({ kind: 'presence', state: 'offline' });
});

test('values that the inbox refuses are counted', async () => {
  const refused: Outcome = { status: 'refused', failure: { code: 'busy', message: 'full', retry: true } };
  const { voice, counted } = inboxThat(async () => refused);
  voice.values([temperature]);
  await Promise.resolve();
  expect(counted()).toEqual([['refused', 1]]);
});

test('presence is told when it changes', () => {
  const { submitted, voice } = inboxThat(async () => ({ status: 'accepted', seq: null }));
  for (const state of ['online', 'online', 'offline', 'offline', 'online'] as const)
    voice.presence(state, null);
  expect(submitted.map(reading => reading.kind === 'presence' && reading.state)).toEqual([
    'online',
    'offline',
    'online',
  ]);
});

test('a presence that the inbox refuses is told again', async () => {
  const outcomes: Outcome[] = [
    { status: 'refused', failure: { code: 'busy', message: 'full', retry: true } },
    { status: 'accepted', seq: 1 },
  ];
  const { submitted, voice } = inboxThat(async () => outcomes.shift()!);
  for (let poll = 0; poll < 3; poll++) {
    voice.presence('online', null);
    await Promise.resolve();
  }
  expect(submitted).toHaveLength(2);
});

test('health names the devices that do not answer', () => {
  const { voice } = inboxThat(async () => ({ status: 'accepted', seq: null }));
  expect(telemetryHealth([voice])).toEqual({ state: 'ok' });
  voice.presence('offline', 'comms');
  expect(telemetryHealth([voice])).toEqual({
    state: 'degraded',
    detail: '1 of 1 devices do not answer: dairy',
  });
});
