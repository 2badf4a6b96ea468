import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeWeightBatch, type WeightBatch } from '../../../src/drivers/mqtt/weight-batch.ts';
import { packageRoot } from '../../../src/shared/package-root.ts';

interface Sample {
  t0: number;
  hz: number;
  stepHundredths: number;
  plates: { plate: number; base: number; offsets: number[] }[];
}

/** The binary form as docs/device-maker.md specifies it, written down a second time. */
function encode({ t0, hz, stepHundredths, plates }: Sample): Buffer {
  const samples = plates[0]?.offsets.length ?? 0;
  const head = Buffer.alloc(16 + plates.length * 5);
  head.writeUInt8(0xa1, 0);
  head.writeUInt8(1, 1);
  head.writeUInt16LE(hz, 2);
  head.writeBigUInt64LE(BigInt(t0), 4);
  head.writeUInt8(plates.length, 12);
  head.writeUInt8(samples, 13);
  head.writeUInt16LE(stepHundredths, 14);
  plates.forEach(({ plate, base }, index) => {
    head.writeUInt8(plate, 16 + index * 5);
    head.writeInt32LE(base, 17 + index * 5);
  });
  const body = Buffer.alloc(plates.length * samples * 2);
  plates
    .flatMap(({ offsets }) => offsets)
    .forEach((offset, index) => void body.writeInt16LE(offset, index * 2));
  return Buffer.concat([head, body]);
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const plain = ({ t0Ms, hz, plates }: WeightBatch) => ({
  t0Ms,
  hz,
  g: Object.fromEntries(plates.map(({ plate, grams }) => [plate, [...grams]])),
});
function read(payload: Uint8Array) {
  const result = decodeWeightBatch(payload);
  if (!result.ok) throw new Error(result.rejection.detail);
  return plain(result.value);
}
const reason = (payload: Uint8Array) => {
  const result = decodeWeightBatch(payload);
  return result.ok ? 'accepted' : result.rejection.reason;
};

const t0 = 1_767_600_000_000;
const good = { t0, hz: 80, g: { '1': [500, 500.5], '2': [0, -1] } };
const binary = encode({
  t0,
  hz: 80,
  stepHundredths: 50,
  plates: [
    { plate: 1, base: 1000, offsets: [0, 1] },
    { plate: 2, base: 0, offsets: [0, -2] },
  ],
});

describe('a weight batch', () => {
  test('is the same in JSON and in binary', () => {
    expect(read(json(good))).toEqual({ t0Ms: t0, hz: 80, g: good.g });
    expect(read(binary)).toEqual(read(json(good)));
  });

  test('is the worked example of the guide for device makers', () => {
    const guide = readFileSync(join(packageRoot(), 'docs/device-maker.md'), 'utf8');
    const lines = /```hex\n([^`]+)```/.exec(guide)?.[1]?.split('\n') ?? [];
    const hex = lines.map(line => line.split('   ')[0]).join('');
    expect(Buffer.from(hex.replaceAll(' ', ''), 'hex')).toEqual(binary);
  });

  test('may lack samples, which become NaN', () => {
    expect(read(json({ ...good, g: { '1': [1, null, 3] } })).g['1']).toEqual([1, Number.NaN, 3]);
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing at all', Buffer.alloc(0), 'syntax'],
    ['text', Buffer.from('hello'), 'syntax'],
    ['an array', json([]), 'shape'],
    ['no start time', json({ hz: 80, g: { '1': [1] } }), 'shape'],
    ['half a millisecond', json({ ...good, t0: 1.5 }), 'range'],
    ['a rate of 0', json({ ...good, hz: 0 }), 'range'],
    ['a rate over 1000', json({ ...good, hz: 1001 }), 'range'],
    ['no plates', json({ ...good, g: {} }), 'shape'],
    ['no samples', json({ ...good, g: { '1': [] } }), 'shape'],
    ['plates of different length', json({ ...good, g: { '1': [1], '2': [1, 2] } }), 'shape'],
    ['plate 0', json({ ...good, g: { '0': [1] } }), 'shape'],
    ['plate 256', json({ ...good, g: { '256': [1] } }), 'range'],
    ['a plate that is no number', json({ ...good, g: { left: [1] } }), 'shape'],
    ['text for a sample', json({ ...good, g: { '1': ['1'] } }), 'shape'],
    ['an infinite sample', Buffer.from(`{"t0":${t0},"hz":80,"g":{"1":[1e999]}}`), 'range'],
    ['over a tonne', json({ ...good, g: { '1': [1_000_001] } }), 'range'],
    ['too many samples', json({ ...good, g: { '1': Array(256).fill(1) } }), 'range'],
    [
      'too many plates',
      json({ ...good, g: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [i + 1, [1]])) }),
      'range',
    ],
    ['binary without its end', binary.subarray(0, -1), 'syntax'],
    ['binary with more than its end', Buffer.concat([binary, Buffer.of(0)]), 'syntax'],
    ['binary of another version', Buffer.concat([Buffer.of(0xa1, 2), binary.subarray(2)]), 'syntax'],
    [
      'binary with a step of 0',
      encode({ t0, hz: 80, stepHundredths: 0, plates: [{ plate: 1, base: 0, offsets: [0] }] }),
      'range',
    ],
    [
      'binary with a plate twice',
      encode({
        t0,
        hz: 80,
        stepHundredths: 1,
        plates: [1, 1].map(plate => ({ plate, base: 0, offsets: [0] })),
      }),
      'shape',
    ],
  ])('with %s is refused', (_what, payload, expected) => {
    expect(reason(payload)).toBe(expected);
  });
});

const sample: fc.Arbitrary<Sample> = fc
  .record({
    t0: fc.integer({ min: 0, max: 2 ** 45 }),
    hz: fc.integer({ min: 1, max: 1000 }),
    stepHundredths: fc.integer({ min: 1, max: 100 }),
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 12 }),
    samples: fc.integer({ min: 1, max: 20 }),
  })
  .chain(({ numbers, samples, ...rest }) =>
    fc
      .tuple(
        ...numbers.map(plate =>
          fc.record({
            plate: fc.constant(plate),
            base: fc.integer({ min: -100_000, max: 100_000 }),
            offsets: fc.array(fc.integer({ min: -32_768, max: 32_767 }), {
              minLength: samples,
              maxLength: samples,
            }),
          }),
        ),
      )
      .map(plates => ({ ...rest, plates })),
  );

describe('for every batch', () => {
  property.prop([sample], { seed: 7, numRuns: 300 })('what was encoded is what is read', batch => {
    const grams = (base: number, offset: number) => ((base + offset) * batch.stepHundredths) / 100;
    expect(read(encode(batch))).toEqual({
      t0Ms: batch.t0,
      hz: batch.hz,
      g: Object.fromEntries(
        batch.plates.map(({ plate, base, offsets }) => [plate, offsets.map(offset => grams(base, offset))]),
      ),
    });
  });

  property.prop([fc.uint8Array({ maxLength: 200 }), fc.boolean()], { seed: 7, numRuns: 10_000 })(
    'random bytes are answered and never thrown at',
    (bytes, marked) => {
      if (marked) bytes.set([0xa1, 1].slice(0, bytes.length));
      expect(reason(bytes)).toMatch(/^(syntax|shape|range|accepted)$/);
    },
  );

  property.prop([fc.json(), fc.constantFrom('t0', 'hz', 'g')], { seed: 7, numRuns: 3_000 })(
    'random JSON is answered and never thrown at',
    (text, name) => {
      expect(reason(Buffer.from(text))).not.toBe('accepted');
      const almost = json({ ...good, [name]: JSON.parse(text) });
      expect(reason(almost)).toMatch(/^(shape|range|accepted)$/);
    },
  );
});
