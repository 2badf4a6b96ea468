import { describe, expect, it } from 'vitest';
import { createStoreHealth } from '../../src/cloud/store-health.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('what a heartbeat says of the store', () => {
  it('counts errors and discrepancies since the heartbeat before, and devices as they are', () => {
    const signs = { errors: 2, discrepancies: 5, devices: 20, devicesOnline: 19 };
    let confirmed = false;
    const health = createStoreHealth({
      outbox: {
        pending: () => 7,
        backlog: () => ({ bytes: 700, budgetBytes: 1000, usedShare: 0.7, level: 'none', reason: null }),
      },
      signs: () => signs,
      isConfirmed: () => confirmed,
      clock: manualClock(),
    });
    expect(health()).toMatchObject({
      ...{ errors: 2, discrepancies: 5, devices: 20, devicesOnline: 19, confirmed: false },
      ...{ pendingEvents: 7n, pendingBytes: 700n, budgetUsed: 0.7 },
    });
    signs.errors = 3;
    confirmed = true;
    expect(health()).toMatchObject({ errors: 1, discrepancies: 0, confirmed: true });
    expect(health()).toMatchObject({ errors: 0, discrepancies: 0 });
  });
});
