import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf } from '../../src/cloud/batch.ts';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { limits } from '../../src/shared/limits.ts';
import type { LogEntry } from '../../src/store/outbox.ts';
import { factsByType, pick } from './facts.ts';
import { factOf } from './read-event.ts';

const entryOf = (fact: LogEntry['fact'], seq = 1): LogEntry => ({
  seq,
  fact,
  eventTimeMs: 1000,
  receivedTimeMs: 2000,
});

describe('an event on the wire', () => {
  for (const [type, arbitrary] of Object.entries(factsByType)) {
    test.prop({ fact: arbitrary }, { seed: 7, numRuns: 60 })(
      `carries every figure and word of a ${type} fact`,
      ({ fact }) => {
        const bytes = toBinary(EventSchema, encodeEntry(entryOf(fact)));
        expect(factOf(fromBinary(EventSchema, bytes))).toEqual(fact);
      },
    );
  }

  test.prop({ seq: fc.maxSafeNat(), atMs: fc.integer({ min: 0, max: 4e12 }) }, { seed: 7 })(
    'carries its number and both times',
    ({ seq, atMs }) => {
      const event = encodeEntry({ seq, fact: pick(), eventTimeMs: atMs, receivedTimeMs: atMs + 1 });
      expect(Number(event.seq)).toBe(seq);
      expect(timestampMs(event.eventTime!)).toBe(atMs);
      expect(timestampMs(event.receivedTime!)).toBe(atMs + 1);
    },
  );

  it('keeps half milliseconds of a device that samples at 80 Hz', () => {
    const { body } = encodeEntry(entryOf(pick()));
    expect(body).toMatchObject({
      value: { evidence: { kind: { value: { onsetTime: { nanos: 12_500_000 } } } } },
    });
  });
});

describe('a batch', () => {
  it('ends before it is larger than one message may be', () => {
    const lines = Array.from({ length: 20_000 }, () => ({ gtin: pick().gtin, quantity: 1 }));
    const entries = [1, 2, 3, 4].map(seq =>
      entryOf({ type: 'sale', key: `k${seq}`, till: 'till-1', lines }, seq),
    );
    const batch = batchOf(entries, 0, () => expect.unreachable());
    const bytes = batch.events.reduce((sum, event) => sum + toBinary(EventSchema, event).length, 0);
    expect(batch.events.length).toBe(2);
    expect(bytes).toBeLessThanOrEqual(limits.uplinkBatchBytes);
  });

  it('sends an entry that cannot be expressed without a body, so that it holds up nothing behind it', () => {
    const unfit: number[] = [];
    const entries = [entryOf(pick(), 1), entryOf(pick({ quantity: 0.5 }), 2), entryOf(pick(), 3)];
    const batch = batchOf(entries, 0, ({ seq }) => unfit.push(seq));
    expect(batch.events.map(({ seq, body }) => [Number(seq), body.case])).toEqual([
      [1, 'movement'],
      [2, undefined],
      [3, 'movement'],
    ]);
    expect(unfit).toEqual([2]);
  });
});
