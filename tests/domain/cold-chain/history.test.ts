import { describe, expect, test } from 'vitest';
import { createColdChainState, decide } from '../../../src/domain/cold-chain/cold-chain.ts';
import { GOOD } from '../../../src/readings/quality.ts';

const NOW = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
const units = [{ unit: 'dairy', device: 'probe', minCelsius: -1, maxCelsius: 5, alarmAfterMs: 60_000 }];

const reading = (value: number, eventTimeMs: number, historical = false) => ({
  ...{ kind: 'point' as const, device: 'probe', point: 'air_temperature' as const, value, quality: GOOD },
  ...{ eventTimeMs, receivedTimeMs: NOW, ...(historical ? { historical } : {}) },
});

describe('a temperature that the device kept', () => {
  test('is recorded in its own minute at once, and neither raises nor clears an alarm of today', () => {
    const state = createColdChainState({ units });
    decide(state, reading(3, NOW));
    expect(decide(state, reading(12, NOW - 2 * HOUR, true))).toEqual([
      {
        ...{ type: 'temperature', unit: 'dairy', device: 'probe', point: 'air_temperature' },
        ...{
          minuteMs: NOW - 2 * HOUR,
          goodSamples: 1,
          badSamples: 0,
          minCelsius: 12,
          meanCelsius: 12,
          maxCelsius: 12,
        },
      },
    ]);
    expect(decide(state, reading(12, NOW - HOUR, true)).map(({ type }) => type)).toEqual(['temperature']);
  });
});
