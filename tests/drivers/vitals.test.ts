import { describe, expect, test } from 'vitest';
import { createVitals } from '../../src/drivers/vitals.ts';
import { manualClock } from '../support/manual-clock.ts';

describe('the vitals of a device', () => {
  const fresh = () => {
    const clock = manualClock();
    return { clock, vitals: createVitals(clock) };
  };

  test('are unknown before anything happened', () => {
    expect(fresh().vitals.read()).toEqual({
      errorRate: null,
      roundTripMs: null,
      clockOffsetMs: null,
      detail: null,
    });
  });

  test('tell the share that failed and the median round trip', () => {
    const { vitals } = fresh();
    for (const ms of [40, 10, 20]) vitals.good(ms);
    vitals.failed('no answer within 500 ms');
    expect(vitals.read()).toMatchObject({
      errorRate: 0.25,
      roundTripMs: 20,
      detail: 'no answer within 500 ms',
    });
  });

  test('forget what is older than five minutes', () => {
    const { clock, vitals } = fresh();
    vitals.failed('no answer');
    clock.advance(4 * 60_000);
    vitals.good();
    expect(vitals.read().errorRate).toBe(0.5);
    clock.advance(60_000);
    expect(vitals.read().errorRate).toBe(0);
  });

  test('drop the words of a passing trouble with the next success, and keep those of a standing one', () => {
    const { vitals } = fresh();
    vitals.failed('busy');
    vitals.good();
    expect(vitals.read().detail).toBeNull();
    vitals.note('the certificate is not trusted');
    vitals.good();
    expect(vitals.read().detail).toBe('the certificate is not trusted');
    vitals.note(null);
    expect(vitals.read().detail).toBeNull();
  });

  test('tell how far the device’s clock is from ours', () => {
    const { vitals } = fresh();
    vitals.clock(-1_500.4);
    expect(vitals.read().clockOffsetMs).toBe(-1_500);
  });
});
