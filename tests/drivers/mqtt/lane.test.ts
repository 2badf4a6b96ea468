import { describe, expect, test } from 'vitest';
import { createLane, type Lane } from '../../../src/drivers/mqtt/lane.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import type { Outcome } from '../../../src/readings/submit.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { limits } from '../../../src/shared/limits.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { ACCEPTED, BUSY, INVALID } from './test-store.ts';

const tick = (eventTimeMs: number): Reading => ({ kind: 'tick', eventTimeMs, receivedTimeMs: 0 });
const sale = (key: string): Reading => ({
  kind: 'document',
  source: 'mqtt',
  document: { type: 'sale', key, till: 'till-1', lines: [] },
  eventTimeMs: 0,
  receivedTimeMs: 0,
});
const settle = () => new Promise(resolve => setImmediate(resolve));

/** A lane into a store whose every answer the test gives by hand. */
function laneWithStore() {
  const clock = manualClock();
  const calls: { readings: readonly Reading[]; answer: (outcome: Outcome) => void }[] = [];
  const lane = createLane({
    clock,
    counters: createCounters(),
    submit: readings => new Promise(answer => calls.push({ readings, answer })),
  });
  const log: string[] = [];
  const push = (name: string, ...readings: Reading[]) =>
    lane.push({
      readings,
      bytes: 10,
      acknowledge: () => log.push(`ack ${name}`),
      refused: ({ message }) => log.push(`${name}: ${message}`),
    });
  return { clock, calls, lane, log, push };
}

describe('a lane', () => {
  test('acknowledges after the commit and not before', async () => {
    const { calls, log, push } = laneWithStore();
    push('a', tick(1));
    await settle();
    expect(log).toEqual([]);
    calls[0]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual(['ack a']);
  });

  test('hands in together what arrived together, and documents alone', async () => {
    const { calls, push } = laneWithStore();
    push('a', tick(1));
    push('b', tick(2));
    push('c', sale('s1'));
    push('d', tick(3));
    await settle();
    expect(calls.map(({ readings }) => readings.length)).toEqual([2, 1, 1]);
  });

  test('acknowledges in the order of arrival, whatever the order of the commits', async () => {
    const { calls, log, push } = laneWithStore();
    push('a', sale('s1'));
    push('b', sale('s2'));
    await settle();
    calls[1]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual([]);
    calls[0]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual(['ack a', 'ack b']);
  });

  test('repeats what the store could not take, and holds back what came later', async () => {
    const { clock, calls, log, push } = laneWithStore();
    push('a', sale('s1'));
    await settle();
    push('b', tick(1));
    calls[0]?.answer(BUSY);
    await settle();
    expect([calls.length, log]).toEqual([1, []]);
    clock.advance(limits.mqttRetryMaxMs);
    await settle();
    expect(calls[1]?.readings).toEqual([sale('s1')]);
    calls[1]?.answer({ status: 'duplicate', seq: 4 });
    await settle();
    calls[2]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual(['ack a', 'ack b']);
  });

  test('does not commit again what was committed beside a message that must be repeated', async () => {
    const { clock, calls, log, push } = laneWithStore();
    push('a', sale('s1'));
    push('b', sale('s2'));
    await settle();
    calls[0]?.answer(BUSY);
    calls[1]?.answer(ACCEPTED);
    await settle();
    clock.advance(limits.mqttRetryMaxMs);
    await settle();
    expect(calls).toHaveLength(3);
    calls[2]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual(['ack a', 'ack b']);
  });

  test('tells of a refusal for good and acknowledges, so that it is not sent for ever', async () => {
    const { calls, log, push } = laneWithStore();
    push('a', sale('s1'));
    await settle();
    calls[0]?.answer(INVALID);
    await settle();
    expect(log).toEqual(['a: no such item', 'ack a']);
  });

  test('acknowledges in its turn what holds no reading', async () => {
    const { calls, log, push } = laneWithStore();
    push('a', sale('s1'));
    push('not understood');
    await settle();
    expect(log).toEqual([]);
    calls[0]?.answer(ACCEPTED);
    await settle();
    expect(log).toEqual(['ack a', 'ack not understood']);
  });

  test('gives up repeating when its sender is gone, and never acknowledges', async () => {
    const { clock, calls, lane, log, push } = laneWithStore();
    push('a', sale('s1'));
    await settle();
    lane.close();
    calls[0]?.answer(BUSY);
    await lane.idle();
    clock.advance(60_000);
    expect([calls.length, log]).toEqual([1, []]);
  });

  test('still hands in what was sent right before the sender left', async () => {
    const { calls, lane, push } = laneWithStore();
    push('a', tick(1));
    lane.close();
    push('b', tick(2));
    await settle();
    expect(calls[0]?.readings).toEqual([tick(1), tick(2)]);
  });

  test.each<[string, number, (lane: Lane) => number]>([
    ['messages', limits.mqttWaitingMessages, lane => fill(lane, 0)],
    ['bytes', 8, lane => fill(lane, limits.mqttWaitingBytes / 8)],
  ])('takes no more than its bound of %s', (_what, expected, filled) => {
    expect(filled(laneWithStore().lane)).toBe(expected);
  });
});

function fill(lane: Lane, bytes: number): number {
  let taken = 0;
  while (lane.push({ readings: [tick(taken)], bytes, acknowledge() {}, refused() {} })) taken++;
  return taken;
}
