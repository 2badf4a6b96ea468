import { createMbapReader, encodeMbap } from './mbap.ts';
import { createRtuReader, encodeRtu } from './rtu.ts';

/** A reply as it was heard. `question` is the number of the request that it names; null where the framing has none. */
export interface Reply {
  readonly unit: number;
  readonly pdu: Uint8Array;
  readonly question: number | null;
}

export interface Heard {
  readonly replies: readonly Reply[];
  /** The stream lost its framing for good: only a new connection mends that. */
  readonly isBroken: boolean;
  /** Bytes of damaged frames and noise. */
  readonly damaged: number;
}

/** How requests and replies are put on a wire. */
export interface Framing {
  /** Replies name their request, so that a late one cannot be taken for another's. */
  readonly namesQuestions: boolean;
  /** `question` is 0 to 65535. */
  encode(unit: number, pdu: Uint8Array, question: number): Uint8Array;
  push(chunk: Uint8Array): Heard;
  /** The wire has been quiet for longer than a frame is ever interrupted. */
  quiet(): Heard;
  /** Something unfinished is waiting for more bytes or for silence. */
  isWaiting(): boolean;
  /** A new connection begins. */
  reset(): void;
}

export function mbapFraming(): Framing {
  let reader = createMbapReader();
  return {
    namesQuestions: true,
    encode: (unit, pdu, question) => encodeMbap({ transaction: question, unit, pdu }),
    push(chunk) {
      const { frames, broken } = reader.push(chunk);
      const replies = frames.map(({ transaction, unit, pdu }) => ({ unit, pdu, question: transaction }));
      return { replies, isBroken: broken, damaged: 0 };
    },
    quiet: () => ({ replies: [], isBroken: false, damaged: 0 }),
    isWaiting: () => false,
    reset() {
      reader = createMbapReader();
    },
  };
}

export function rtuFraming(): Framing {
  const reader = createRtuReader();
  const heard = ({ frames, skipped }: ReturnType<typeof reader.push>): Heard => ({
    replies: frames.map(frame => ({ ...frame, question: null })),
    isBroken: false,
    damaged: skipped,
  });
  return {
    namesQuestions: false,
    encode(unit, pdu) {
      const bytes = encodeRtu({ unit, pdu });
      reader.sent(bytes);
      return bytes;
    },
    push: chunk => heard(reader.push(chunk)),
    quiet: () => heard(reader.quiet()),
    isWaiting: reader.isWaiting,
    reset: reader.reset,
  };
}
