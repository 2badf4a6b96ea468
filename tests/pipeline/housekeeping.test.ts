import { describe, expect, it } from 'vitest';
import { createHousekeeping } from '../../src/pipeline/housekeeping.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { silentLog } from '../../src/shared/log.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('housekeeping', () => {
  it('tells each second that time passes, and since when nobody shops where that is known', async () => {
    const clock = manualClock();
    const startMs = clock.nowMs();
    const closesMs = startMs + 1_500;
    const told: Reading[] = [];
    const part = createHousekeeping({
      clock,
      log: silentLog,
      submit: async readings => {
        told.push(...readings);
        return { status: 'accepted', seq: null };
      },
      trim: () => 0,
      relieve: () => 0,
      checkpoint: () => true,
      retainMs: () => 0,
      emptySince: nowMs => (nowMs >= closesMs ? closesMs : null),
    });
    await part.start();
    clock.advance(2_000);
    await part.stop(0);
    expect(told).toEqual([
      { kind: 'tick', eventTimeMs: startMs + 1_000, receivedTimeMs: startMs + 1_000 },
      {
        kind: 'tick',
        eventTimeMs: startMs + 2_000,
        receivedTimeMs: startMs + 2_000,
        emptySinceMs: closesMs,
      },
    ]);
  });
});
