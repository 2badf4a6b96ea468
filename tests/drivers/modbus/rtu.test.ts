import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { crc16, createRtuReader, encodeRtu, type RtuFrame } from '../../../src/drivers/modbus/rtu.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** A whole reply: registers, bits, an exception, a confirmed write or an identification. */
const pdus = fc.oneof(
  fc
    .tuple(fc.constantFrom(3, 4), fc.uint8Array({ minLength: 1, maxLength: 60 }))
    .map(([code, words]) => Uint8Array.of(code, words.length * 2, ...words, ...words)),
  fc
    .tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([code, bits]) => Uint8Array.of(code, bits.length, ...bits)),
  fc
    .tuple(fc.constantFrom(0x81, 0x83, 0x84, 0x90), fc.constantFrom(1, 2, 4, 6, 11))
    .map(([code, what]) => Uint8Array.of(code, what)),
  fc
    .tuple(fc.constantFrom(5, 6, 15, 16), fc.uint8Array({ minLength: 4, maxLength: 4 }))
    .map(([code, rest]) => Uint8Array.of(code, ...rest)),
  fc
    .uint8Array({ minLength: 1, maxLength: 12 })
    .map(name => Uint8Array.of(0x2b, 0x0e, 1, 1, 0, 0, 1, 0, name.length, ...name)),
);
const frames = fc.record({ unit: fc.integer({ min: 1, max: 247 }), pdu: pdus });

/** Pushes the bytes in pieces, then lets the line fall silent. */
function readInPieces(stream: Uint8Array, cuts: readonly number[] = []) {
  const reader = createRtuReader();
  const edges = [0, ...cuts.map(cut => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  const heard = edges.slice(1).map((edge, index) => reader.push(stream.slice(edges[index], edge)));
  const all = [...heard, reader.quiet()];
  return {
    frames: all.flatMap(each => each.frames),
    skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

describe('RTU frames', () => {
  test('look as the specification prints them', () => {
    expect(crc16(bytes('0207'))).toBe(0x1241);
    expect(hex(encodeRtu({ unit: 1, pdu: bytes('0300000001') }))).toBe('010300000001840a');
  });

  property.prop([fc.array(frames, { maxLength: 6 }), fc.array(fc.nat(500), { maxLength: 10 })], { seed: 5 })(
    'are found however the bytes are split or merged',
    (sent, cuts) => {
      expect(readInPieces(Buffer.concat(sent.map(encodeRtu)), cuts)).toEqual({ frames: sent, skipped: 0 });
    },
  );

  property.prop([fc.array(fc.tuple(fc.uint8Array({ maxLength: 9 }), frames), { maxLength: 4 })], { seed: 6 })(
    'are found behind noise once the line is silent',
    sent => {
      const reader = createRtuReader();
      const found = sent.flatMap(([noise, frame]) => {
        const heard = reader.push(Buffer.concat([noise, encodeRtu(frame)]));
        return [...heard.frames, ...reader.quiet().frames];
      });
      expect(found).toEqual(sent.map(([, frame]) => frame));
    },
  );

  property.prop([frames, fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 3 })], {
    seed: 7,
    numRuns: 400,
  })('with one to three wrong bits are no frames', (frame, places) => {
    const sent = encodeRtu(frame);
    const damaged = Uint8Array.from(sent);
    for (const place of new Set(places.map(each => each % (sent.length * 8)))) {
      damaged[place >> 3]! ^= 1 << (place & 7);
    }
    expect(readInPieces(damaged).frames).not.toContainEqual(frame);
    expect(readInPieces(damaged).frames).toEqual([]);
  });

  property.prop([fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(600), { maxLength: 8 })], { seed: 8 })(
    'any bytes whatever are read without an error and alike in any pieces',
    (stream, cuts) => {
      const { frames: found, skipped } = readInPieces(stream, cuts);
      expect({ frames: found, skipped }).toEqual(readInPieces(stream));
      const used = found.reduce((sum, { pdu }) => sum + pdu.length + 3, 0);
      expect(used + skipped).toBe(stream.length);
    },
  );
});

describe('a line that hears its own requests', () => {
  const request = encodeRtu({ unit: 1, pdu: bytes('0300640001') });
  const reply: RtuFrame = { unit: 1, pdu: bytes('03020022') };

  test.each([1, 3, 8, 11])('the echo is no answer, in pieces of %i bytes', size => {
    const reader = createRtuReader();
    reader.sent(request);
    const stream = Buffer.concat([request, encodeRtu(reply)]);
    const heard = [];
    for (let at = 0; at < stream.length; at += size)
      heard.push(...reader.push(stream.subarray(at, at + size)).frames);
    expect(heard).toEqual([reply]);
  });

  test('a write that is confirmed with its own bytes counts, unless the line is known to echo', () => {
    const write = encodeRtu({ unit: 1, pdu: bytes('0600640022') });
    const reader = createRtuReader();
    reader.sent(write);
    expect(reader.push(write).frames).toHaveLength(1);
    reader.sent(request);
    reader.push(Buffer.concat([request, encodeRtu(reply)]));
    reader.sent(write);
    expect(reader.push(write).frames).toHaveLength(0);
    expect(reader.push(write).frames).toHaveLength(1);
  });
});

test('a frame that is never finished holds up what follows only until the line is silent', () => {
  const reader = createRtuReader();
  expect(reader.push(bytes('0103ff')).frames).toEqual([]);
  reader.push(bytes('010378'));
  expect(reader.isWaiting()).toBe(true);
  reader.push(encodeRtu({ unit: 2, pdu: bytes('03020011') }));
  expect(reader.quiet().frames).toEqual([{ unit: 2, pdu: bytes('03020011') }]);
  expect(reader.isWaiting()).toBe(false);
});
