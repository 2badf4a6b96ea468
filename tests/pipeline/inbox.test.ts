import { describe, expect, it, vi } from 'vitest';
import { createInbox } from '../../src/pipeline/inbox.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { createCounters } from '../../src/shared/counters.ts';

const tick = (ms: number): Reading => ({ kind: 'tick', eventTimeMs: ms, receivedTimeMs: ms });

function inboxOf(maxReadings: number) {
  const counters = createCounters();
  const onWork = vi.fn();
  return { inbox: createInbox({ maxReadings, counters, onWork }), counters, onWork };
}

describe('the inbox', () => {
  it('gives deliveries back in the order in which they came', () => {
    const { inbox } = inboxOf(10);
    void inbox.submit([tick(1), tick(2)]);
    void inbox.submit([tick(3)]);
    expect(inbox.take(10).map(({ readings }) => readings.map(({ eventTimeMs }) => eventTimeMs))).toEqual([
      [1, 2],
      [3],
    ]);
    expect(inbox.waiting).toBe(0);
  });

  it('never splits one delivery over two batches', () => {
    const { inbox } = inboxOf(10);
    void inbox.submit([tick(1), tick(2)]);
    void inbox.submit([tick(3), tick(4)]);
    expect(inbox.take(3)).toHaveLength(1);
    expect(inbox.waiting).toBe(2);
  });

  it('lets a delivery larger than a batch through by itself', () => {
    const { inbox } = inboxOf(10);
    void inbox.submit([tick(1), tick(2), tick(3)]);
    expect(inbox.take(1)).toHaveLength(1);
  });

  it('refuses with retry when it is full, counts that, and takes again when there is room', async () => {
    const { inbox, counters } = inboxOf(2);
    void inbox.submit([tick(1), tick(2)]);
    expect(await inbox.submit([tick(3)])).toMatchObject({
      status: 'refused',
      failure: { code: 'busy', retry: true },
    });
    expect(counters.snapshot()).toMatchObject([{ name: 'inbox_refused_total', value: 1 }]);
    inbox.take(10);
    void inbox.submit([tick(4)]);
    expect(inbox.waiting).toBe(1);
  });

  it('asks for work once when it turns from empty to not empty', () => {
    const { inbox, onWork } = inboxOf(10);
    void inbox.submit([tick(1)]);
    void inbox.submit([tick(2)]);
    expect(onWork).toHaveBeenCalledTimes(1);
  });

  it('refuses everything with retry once it is closed', async () => {
    const { inbox } = inboxOf(10);
    inbox.close();
    expect(await inbox.submit([tick(1)])).toMatchObject({ status: 'refused', failure: { retry: true } });
  });
});
