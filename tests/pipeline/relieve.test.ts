import { describe, expect, it } from 'vitest';
import { createRelieve, roomHealth } from '../../src/pipeline/relieve.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { type Log, silentLog } from '../../src/shared/log.ts';
import type { BacklogView } from '../../src/store/outbox.ts';
import { levelOf } from '../../src/store/relief.ts';
import type { BacklogLevelFact } from '../../src/store/sync-facts.ts';
import { coldAlarm, deviceState, footfall, movement, temperature } from '../store/facts.ts';
import { manualClock } from '../support/manual-clock.ts';

/** A store whose room is as full as the test says. */
function bench() {
  const clock = manualClock();
  const told: string[] = [];
  const facts: BacklogLevelFact[] = [];
  const log: Log = { ...silentLog, warn: (_, message) => void told.push(message) };
  let share = 0;
  let full = false;
  const backlog = (): BacklogView => {
    const level = full ? 'last' : levelOf(share);
    const reason = full ? 'disk_full' : level === 'none' ? null : 'budget';
    return { bytes: share * 1000, budgetBytes: 1000, usedShare: share, level, reason };
  };
  const relieve = createRelieve({
    outbox: { backlog, relieve: () => 0, oldestPendingMs: () => 7 },
    clock,
    log,
    counters: createCounters(),
    commit(fact) {
      if (full) throw new Error('disk full');
      facts.push(fact);
    },
  });
  return {
    ...{ clock, told, facts, relieve },
    levels: () => facts.map(({ level }) => level),
    /** The room of each second from now on. */
    seconds(shares: readonly number[], isFull = false) {
      full = isFull;
      for (const next of shares) {
        share = next;
        clock.advance(1_000);
        relieve.makeRoom();
      }
    },
    view: backlog,
  };
}

const taken = [movement('backroom', 'shelf:A1-1'), coldAlarm(), deviceState()];
const refused = [footfall(0, 1, 0), temperature()];
const calm = Array.from({ length: 12 }, () => 0.5);

describe('the room for events that wait', () => {
  it('is told once at each of its levels, in the log of facts and in that of the process', () => {
    const { seconds, levels, told } = bench();
    seconds([0.5, 0.71, 0.72, 0.86, 0.96, 0.97]);
    expect(levels()).toEqual(['coalesce', 'discard', 'last']);
    expect(told.length).toBe(3);
  });

  it('does not flutter at the edge of a level', () => {
    const { seconds, levels } = bench();
    seconds([0.71, 0.69, 0.71, 0.69, 0.69, 0.7, 0.69, 0.69, 0.69, 0.69, 0.69, 0.69, 0.69, 0.69]);
    expect(levels()).toEqual(['coalesce']);
    seconds(calm);
    expect(levels()).toEqual(['coalesce', 'none']);
  });

  it('at 95 % takes no new footfall and temperatures, and says afterwards how many', () => {
    const { seconds, relieve, facts } = bench();
    seconds([0.94]);
    expect(refused.map(relieve.takes)).toEqual([true, true]);
    seconds([0.96]);
    expect(taken.map(relieve.takes)).toEqual([true, true, true]);
    expect(refused.map(relieve.takes)).toEqual([false, false]);
    seconds(calm);
    expect(refused.map(relieve.takes)).toEqual([true, true]);
    expect(facts.at(-1)).toMatchObject({
      level: 'none',
      reason: null,
      refused: [
        { of: 'footfall', count: 1 },
        { of: 'temperature', count: 1 },
      ],
    });
  });

  it('on a full disk tells it in its health at once, and in the log of facts when that takes it', () => {
    const { seconds, relieve, facts, view } = bench();
    seconds([0.1, 0.1], true);
    expect(roomHealth(view())).toMatchObject({ state: 'degraded' });
    expect(roomHealth(view()).detail).toMatch(/^the disk is full; .* not taken$/);
    expect(refused.map(relieve.takes)).toEqual([false, false]);
    expect(facts).toEqual([]);
    seconds([0.1]);
    expect(facts).toMatchObject([{ level: 'last', reason: 'disk_full' }]);
  });
});
