import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createFrameFilter } from '../../../src/drivers/mqtt/frame-filter.ts';

const small = { firstBytes: 20, packetBytes: 300 };

/** A packet of `bytes` bytes after its header, with the length written as MQTT 3.1.1 section 2.2.3 says. */
function packet(bytes: number, type = 0x82, body: Uint8Array = new Uint8Array()): Buffer {
  const digits: number[] = [];
  let rest = bytes;
  do {
    digits.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.of(type, ...digits), body, Buffer.alloc(bytes - body.length, 0xff)]);
}

/** A QoS 1 PUBLISH to the topic `a` with the packet id 7. */
const publish = (bytes: number) => packet(bytes, 0x33, Buffer.of(0, 1, 0x61, 0, 7));

describe('the frame filter', () => {
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
    ['a message over its limit', Buffer.concat([packet(2), publish(298)]), null],
    [
      'a message over its limit without a topic',
      Buffer.concat([packet(2), packet(298, 0x30, Buffer.of(0, 0))]),
      'packet_too_large',
    ],
  ])('sees %s', (_what, bytes, fault) => {
    expect(createFrameFilter(small)(bytes).fault).toBe(fault);
  });

  test('passes on what is small as it came', () => {
    const stream = Buffer.concat([packet(2), publish(100), packet(0, 0xc0), publish(297)]);
    expect(Buffer.from(createFrameFilter(small)(stream).forward)).toEqual(stream);
  });

  test('puts a small message in the place of a large one, with its id and without its content', () => {
    const before = packet(2);
    const after = packet(0, 0xc0);
    const { forward } = createFrameFilter(small)(Buffer.concat([before, publish(70_000), after]));
    const topic = Buffer.from('$oversize/a');
    const body = Buffer.concat([Buffer.of(0, topic.length), topic, Buffer.of(0, 7), Buffer.from('70000')]);
    // QoS 1 as before, RETAIN taken away, the length in two digits.
    const stand = Buffer.concat([Buffer.of(0x32, body.length | 0x80, 0), body]);
    expect(Buffer.from(forward)).toEqual(Buffer.concat([before, stand, after]));
  });

  property.prop(
    [
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 6, max: 320 })), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    ],
    { seed: 7, numRuns: 500 },
  )('says the same however the bytes are cut into chunks', (packets, cuts) => {
    const stream = Buffer.concat([
      packet(0),
      ...packets.map(([isPublish, size]) => (isPublish ? publish(size) : packet(size))),
    ]);
    const whole = createFrameFilter(small)(stream);
    const filter = createFrameFilter(small);
    const forwarded: Uint8Array[] = [];
    let fault: string | null = null;
    for (let at = 0, cut = 0; at < stream.length && fault === null; cut++) {
      const size = cuts[cut % cuts.length]!;
      const part = filter(stream.subarray(at, at + size));
      forwarded.push(part.forward);
      fault = part.fault;
      at += size;
    }
    expect(fault).toBe(whole.fault);
    if (fault === null) expect(Buffer.concat(forwarded)).toEqual(Buffer.from(whole.forward));
  });
});
