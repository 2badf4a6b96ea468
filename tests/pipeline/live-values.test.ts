import { describe, expect, it } from 'vitest';
import { createLiveValues } from '../../src/pipeline/live-values.ts';
import { bad, GOOD } from '../../src/readings/quality.ts';
import type { PointReading } from '../../src/readings/reading.ts';

const air = (eventTimeMs: number, value: number | null): PointReading => ({
  kind: 'point',
  device: 'dairy-case',
  point: 'air_temperature',
  value,
  quality: value === null ? bad('comms') : GOOD,
  eventTimeMs,
  receivedTimeMs: eventTimeMs + 5,
});

describe('live values', () => {
  it('hold the latest value of a point with its unit', () => {
    const live = createLiveValues();
    live.observe([air(1000, 3.9)]);
    expect(live.valuesOf('dairy-case')).toMatchObject([
      { point: 'air_temperature', unit: 'Cel', value: 3.9 },
    ]);
  });

  it('carry no number once the device stopped answering, only the last good one and its time', () => {
    const live = createLiveValues();
    live.observe([air(1000, 3.9)]);
    live.observe([air(2000, null)]);
    expect(live.valuesOf('dairy-case')).toMatchObject([
      {
        value: null,
        quality: { level: 'bad', reason: 'comms' },
        lastGood: { value: 3.9, eventTimeMs: 1000 },
      },
    ]);
  });

  it('are not overtaken by an older reading', () => {
    const live = createLiveValues();
    live.observe([air(2000, 4.1)]);
    live.observe([air(1000, 3.9)]);
    expect(live.valuesOf('dairy-case')).toMatchObject([{ value: 4.1 }]);
  });

  it('are told once however often they changed in between', () => {
    const live = createLiveValues();
    live.observe([air(1000, 3.9)]);
    live.observe([air(2000, 4.1)]);
    expect(live.takeChanged()).toMatchObject([{ value: 4.1 }]);
    expect(live.takeChanged()).toEqual([]);
  });
});
