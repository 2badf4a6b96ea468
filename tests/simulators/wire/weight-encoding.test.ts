import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeBinary, encodeJson, type WeightBatch } from '../../../simulators/wire/weight-encoding.ts';

const T0 = Date.UTC(2026, 0, 5, 8);

const batch = (plates: Record<number, readonly number[]>): WeightBatch => ({
  t0Ms: T0,
  hz: 80,
  plates: Object.keys(plates).map(Number),
  grams: Object.values(plates).map(samples => Float64Array.from(samples)),
});

describe('a weight batch as JSON', () => {
  it('names time, rate and the grams of each plate, to the milligram', () => {
    const text = encodeJson(batch({ 1: [100.1234, 100.5], 12: [-5000, 0] }));
    expect(text).toBe(`{"t0":${T0},"hz":80,"g":{"1":[100.123,100.5],"12":[-5000,0]}}`);
  });
});

describe('a weight batch in the binary form', () => {
  it('is what a person would write by hand', () => {
    const bytes = encodeBinary(batch({ 3: [10, 10.05, 9.9], 7: [-2.5, -2.5, -2] }));
    const expected = [
      'a1 01', // magic, version
      '50 00', // 80 Hz
      '00 84 03 8d 9b 01 00 00', // 2026-01-05 08:00 UTC in ms
      '02 03', // two plates, three samples
      '05 00', // steps of 0.05 g
      '03 c8 00 00 00', // plate 3 from 200 steps
      '07 ce ff ff ff', // plate 7 from -50 steps
      '00 00 01 00 fe ff',
      '00 00 00 00 0a 00',
    ].join(' ');
    const t0 = Buffer.alloc(8);
    t0.writeBigUInt64LE(BigInt(T0));
    const withTime = expected.replace(
      '00 84 03 8d 9b 01 00 00',
      t0.toString('hex').replace(/(..)(?=.)/g, '$1 '),
    );
    expect(bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ')).toBe(withTime);
  });

  it('takes coarser steps when a heavy thing lands within one batch', () => {
    const bytes = encodeBinary(batch({ 1: [0, 15_000] }));
    const step = bytes.readUInt16LE(14);
    expect(step).toBeGreaterThan(5);
    expect((bytes.readInt16LE(bytes.length - 2) * step) / 100).toBeCloseTo(15_000, 0);
  });

  test.prop(
    [
      fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 32 }),
      fc.infiniteStream(fc.double({ min: -20_000, max: 20_000, noNaN: true })),
    ],
    { seed: 7, numRuns: 60 },
  )('says every sample to half a step', (plates, count, grams) => {
    const samples = plates.map(() =>
      Float64Array.from({ length: count }, () => grams.next().value as number),
    );
    const bytes = encodeBinary({ t0Ms: T0, hz: 80, plates, grams: samples });
    expect(bytes.length).toBe(16 + plates.length * (5 + 2 * count));
    const step = bytes.readUInt16LE(14) / 100;
    const offsetsAt = 16 + plates.length * 5;
    samples.forEach((row, p) => {
      expect(bytes.readUInt8(16 + p * 5)).toBe(plates[p]);
      const base = bytes.readInt32LE(17 + p * 5);
      row.forEach((expected, k) => {
        const offset = bytes.readInt16LE(offsetsAt + (p * count + k) * 2);
        expect(Math.abs((base + offset) * step - expected)).toBeLessThanOrEqual(step / 2 + 1e-9);
      });
    });
  });
});
