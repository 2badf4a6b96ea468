import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledged, maySend, resumeAt, rewound, sent } from '../../src/cloud/send-window.ts';

describe('the send window', () => {
  it('takes so many batches and no more until one is acknowledged', () => {
    let window = resumeAt(10);
    window = sent(sent(window, 20), 30);
    expect(maySend(window, 2)).toBe(false);
    expect(maySend(acknowledged(window, 20)!, 2)).toBe(true);
  });

  it('keeps a batch under way that is acknowledged only in part', () => {
    const window = acknowledged(sent(resumeAt(0), 10), 5)!;
    expect(window).toEqual({ ackedSeq: 5, sentSeq: 10, underWay: [10] });
  });

  it('does not move backwards on an old acknowledgement', () => {
    expect(acknowledged(acknowledged(sent(resumeAt(0), 10), 8)!, 3)!.ackedSeq).toBe(8);
  });

  it.each([
    ['an acknowledgement', acknowledged(sent(resumeAt(0), 10), 11)],
    ['a gap', rewound(sent(resumeAt(0), 10), 11)],
  ])('refuses %s that names what was never sent', (_, window) => {
    expect(window).toBeNull();
  });
});

/** A receiver by the contract: takes what joins on, answers with what it holds or what it misses. */
function receiver() {
  const held: number[] = [];
  return {
    held,
    take(first: number, last: number): { ack: number } | { gap: number } {
      if (first > held.length + 1) return { gap: held.length + 1 };
      for (let seq = held.length + 1; seq <= last; seq++) held.push(seq);
      return { ack: held.length };
    },
  };
}

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 1, max: 7 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('forget' as const),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

describe('the protocol over a bad link', () => {
  test.prop({ steps: fc.array(step, { maxLength: 200 }) }, { seed: 11, numRuns: 300 })(
    'brings every event once and in order, whatever is cut, lost in the receiver or forgotten by it',
    ({ steps }) => {
      const total = 60;
      const cloud = receiver();
      let window = resumeAt(0);
      let up: { first: number; last: number }[] = [];
      let down: ({ ack: number } | { gap: number })[] = [];
      const reconnect = () => {
        up = [];
        down = [];
        window = resumeAt(cloud.held.length);
      };
      const send = (size: number) => {
        const last = Math.min(window.sentSeq + size, total);
        if (!maySend(window, 4) || last === window.sentSeq) return;
        up.push({ first: window.sentSeq + 1, last });
        window = sent(window, last);
      };
      const deliver = () => {
        const batch = up.shift();
        if (batch) down.push(cloud.take(batch.first, batch.last));
      };
      const hear = () => {
        const word = down.shift();
        if (!word) return;
        const next = 'ack' in word ? acknowledged(window, word.ack) : rewound(window, word.gap);
        if (next) window = next;
        else reconnect();
      };
      for (const now of steps) {
        if (now.do === 'send') send(now.size);
        else if (now.do === 'deliver') deliver();
        else if (now.do === 'answer') hear();
        else if (now.do === 'lose') up.shift();
        else {
          if (now.do === 'forget') cloud.held.length = Math.floor(cloud.held.length * now.keep);
          reconnect();
        }
      }
      reconnect();
      for (let round = 0; round < total && window.ackedSeq < total; round++) {
        send(7);
        deliver();
        hear();
      }
      expect(cloud.held).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    },
  );
});
