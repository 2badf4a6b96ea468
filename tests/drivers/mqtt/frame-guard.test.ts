import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createFrameGuard } from '../../../src/drivers/mqtt/frame-guard.ts';

const small = { firstBytes: 20, packetBytes: 300 };

/** A packet of `bytes` bytes after its header, with the length written as MQTT 3.1.1 section 2.2.3 says. */
function packet(bytes: number): Buffer {
  const digits: number[] = [];
  let rest = bytes;
  do {
    digits.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.of(0x30, ...digits), Buffer.alloc(bytes, 0xff)]);
}

describe('the frame guard', () => {
  test.each<[string, Buffer, string | null]>([
    ['a first packet within its limit', packet(18), null],
    ['a first packet over its limit', packet(19), 'connect_too_large'],
    [
      'a CONNECT that declares 256 MB, on its first five bytes',
      Buffer.of(0x10, 0xff, 0xff, 0xff, 0x7f),
      'connect_too_large',
    ],
    ['a length of five digits', Buffer.of(0x10, 0xff, 0xff, 0xff, 0xff), 'malformed_length'],
    ['a later packet within its limit', Buffer.concat([packet(2), packet(297)]), null],
    ['a later packet over its limit', Buffer.concat([packet(2), packet(298)]), 'packet_too_large'],
  ])('sees %s', (_what, bytes, fault) => {
    expect(createFrameGuard(small)(bytes)).toBe(fault);
  });

  property.prop(
    [
      fc.array(fc.integer({ min: 0, max: 310 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    ],
    { seed: 7, numRuns: 500 },
  )('says the same however the bytes are cut into chunks', (sizes, cuts) => {
    const stream = Buffer.concat([packet(0), ...sizes.map(packet)]);
    const whole = createFrameGuard(small)(stream);
    const guard = createFrameGuard(small);
    let fault: string | null = null;
    for (let at = 0, cut = 0; at < stream.length && fault === null; cut++) {
      const size = cuts[cut % cuts.length]!;
      fault = guard(stream.subarray(at, at + size));
      at += size;
    }
    expect(fault).toBe(whole);
    expect(whole === null).toBe(sizes.every(size => packet(size).length <= small.packetBytes));
  });
});
