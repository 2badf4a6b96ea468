import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createMbapReader, encodeMbap, type MbapFrame } from '../../../src/drivers/modbus/mbap.ts';

const frames = fc.array(
  fc.record({
    transaction: fc.nat(0xffff),
    unit: fc.nat(0xff),
    pdu: fc.uint8Array({ minLength: 1, maxLength: 253 }),
  }),
  { maxLength: 8 },
);

function readInPieces(bytes: Uint8Array, cuts: readonly number[]) {
  const reader = createMbapReader();
  const edges = [0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  const read: MbapFrame[] = [];
  let broken = false;
  for (let i = 1; i < edges.length; i++) {
    const result = reader.push(bytes.subarray(edges[i - 1], edges[i]));
    read.push(...result.frames);
    broken = result.broken;
  }
  return { frames: read, broken };
}

describe('MBAP frames', () => {
  test('look as the specification prints them', () => {
    const bytes = encodeMbap({ transaction: 0x1501, unit: 0xff, pdu: Uint8Array.of(3, 0, 4, 0, 1) });
    expect(Buffer.from(bytes).toString('hex')).toBe('150100000006ff0300040001');
  });

  property.prop([frames, fc.array(fc.nat(3000), { maxLength: 12 })], { seed: 3 })(
    'decode the same however the stream is split or merged',
    (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encodeMbap));
      expect(readInPieces(bytes, cuts)).toEqual({ frames: sent, broken: false });
    },
  );

  property.prop([fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(600), { maxLength: 8 })], { seed: 4 })(
    'any bytes whatever are read without an error and alike in any pieces',
    (bytes, cuts) => {
      expect(readInPieces(bytes, cuts)).toEqual(readInPieces(bytes, []));
    },
  );

  test.each([
    ['another protocol', '000100010002ff03'],
    ['no function code', '000100000001ff03'],
    ['a length above 254', '0001000000ffff03'],
  ])('with %s break the stream, and nothing after them is believed', (_what, hex) => {
    const reader = createMbapReader();
    expect(reader.push(Buffer.from(hex, 'hex'))).toEqual({ frames: [], broken: true });
    const good = encodeMbap({ transaction: 1, unit: 1, pdu: Uint8Array.of(3) });
    expect(reader.push(good)).toEqual({ frames: [], broken: true });
  });
});
