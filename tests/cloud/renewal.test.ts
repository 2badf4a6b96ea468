import { describe, expect, it } from 'vitest';
import { createRenewal } from '../../src/cloud/renewal.ts';
import { silentLog } from '../../src/shared/log.ts';
import { manualClock } from '../support/manual-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A store whose certificate ends in so many days, and a hub that gives out 90 more or says no. */
async function storeWith(daysLeft: number) {
  const clock = manualClock();
  let expiresMs = clock.nowMs() + daysLeft * DAY_MS;
  let asked = 0;
  let refusal: string | null = null;
  const part = createRenewal({
    identity: { expiresMs: () => expiresMs },
    async renewNow() {
      asked += 1;
      if (refusal !== null) throw new Error(refusal);
      expiresMs = clock.nowMs() + 90 * DAY_MS;
    },
    clock,
    log: silentLog,
  });
  await part.start();
  return {
    part,
    asked: () => asked,
    refuse(why: string | null) {
      refusal = why;
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= HOUR_MS) {
        clock.advance(Math.min(HOUR_MS, left));
        // What was asked is answered before the next hour.
        for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      }
    },
  };
}

describe('the certificate of a store', () => {
  it('is left alone while it has more than 30 days', async () => {
    const store = await storeWith(32);
    await store.pass(DAY_MS);
    expect(store.asked()).toBe(0);
    expect(store.part.health()).toEqual({ state: 'ok' });
  });

  it('is renewed once, with 30 days left', async () => {
    const store = await storeWith(31);
    await store.pass(3 * DAY_MS);
    expect(store.asked()).toBe(1);
  });

  it('is asked for every hour while the hub says no, and a person hears of it ten days before the end', async () => {
    const store = await storeWith(31);
    store.refuse('the hub did not answer');
    await store.pass(2 * DAY_MS);
    expect(store.asked()).toBeGreaterThan(20);
    expect(store.part.health().state).toBe('ok');
    await store.pass(20 * DAY_MS);
    expect(store.part.health()).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(
        /ends on \d{4}-\d\d-\d\d and could not be renewed: the hub did not answer/,
      ),
    });
    store.refuse(null);
    await store.pass(HOUR_MS);
    expect(store.part.health()).toEqual({ state: 'ok' });
  });

  it('that has ended says what to do', async () => {
    const store = await storeWith(31);
    store.refuse('no');
    await store.pass(32 * DAY_MS);
    expect(store.part.health()).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('aisle enrol'),
    });
  });

  it('is no concern of a gateway that has stopped', async () => {
    const store = await storeWith(31);
    await store.part.stop(0);
    await store.pass(3 * DAY_MS);
    expect(store.asked()).toBe(0);
  });
});

describe('the signing keys', () => {
  it('are asked for when a key is not known, but not for every document that comes', async () => {
    const store = await storeWith(80);
    await store.part.learnKeys();
    await store.part.learnKeys();
    expect(store.asked()).toBe(1);
    await store.pass(60_000);
    await store.part.learnKeys();
    expect(store.asked()).toBe(2);
  });
});
