import type { Clock } from '../../shared/clock.ts';
import type { BusAnswer } from './bus.ts';
import type { BlockRead } from './decode-group.ts';
import { type PollBlock, splitBlock } from './poll-plan.ts';

/** One group of a unit on its way through its blocks, one request at a time. */
export interface GroupPoll {
  /** The block to read next; null when the round is over. */
  next(): PollBlock | null;
  isUnderWay(): boolean;
  /** What became of the block that `next` gave. */
  heard(block: PollBlock, answer: BusAnswer): Heard;
  /** Ends the round and gives what it read; `isWhole` when nothing of the group is missing. */
  finish(): { readonly reads: readonly BlockRead[]; readonly isWhole: boolean };
  /** Places that the device refuses, with the exception's number. */
  refused(): readonly { readonly block: PollBlock; readonly code: number }[];
  /** Requests of a whole round. */
  requests(): number;
}

/** `again`: the device is alive and asks for patience. `held`: another time, before which nothing can be asked. */
export type Heard = 'read' | 'silent' | 'unreachable' | 'again' | { readonly heldUntilMs: number };

// Exception codes: MODBUS Application Protocol Specification V1.1b3, section 7.
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;
const ACKNOWLEDGE = 5;
const BUSY = 6;
const GATEWAY_PATH_UNAVAILABLE = 10;
const GATEWAY_TARGET_SILENT = 11;

// A register that is not there today comes with a new firmware at best.
const REFUSED_FOR_MS = 600_000;

interface Round {
  /** The blocks of a whole round, as the device has them. */
  blocks: readonly PollBlock[];
  waiting: readonly PollBlock[];
  reads: BlockRead[];
  isUnderWay: boolean;
  /** A block was left out, because a late reply could have been taken for its answer. */
  wasHeld: boolean;
  readonly refused: Map<PollBlock, { readonly code: number; readonly againMs: number }>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
}

/** `planned` are the blocks as the profile has them; the group keeps what the device taught it about them. */
export function createGroupPoll(planned: readonly PollBlock[], clock: Pick<Clock, 'monotonicMs'>): GroupPoll {
  const round: Round = {
    blocks: planned,
    waiting: [],
    reads: [],
    isUnderWay: false,
    wasHeld: false,
    refused: new Map(),
    clock,
  };
  return {
    next() {
      if (!round.isUnderWay) {
        Object.assign(round, { isUnderWay: true, wasHeld: false, waiting: round.blocks, reads: [] });
      }
      skipRefused(round);
      return round.waiting[0] ?? null;
    },
    isUnderWay: () => round.isUnderWay,
    heard(block, answer) {
      switch (answer.kind) {
        case 'values':
          round.refused.delete(block);
          advance(round, block, answer.values);
          return 'read';
        case 'exception':
          return refuse(round, block, answer.code);
        case 'held':
          leaveOut(round, block);
          return { heldUntilMs: answer.untilMs };
        case 'unreachable':
          return 'unreachable';
        default:
          return 'silent';
      }
    },
    finish() {
      // The block that was not answered is the first of the next round: only it may be asked while its reply is owed.
      const failed = round.waiting[0];
      const { blocks, reads, wasHeld } = round;
      if (failed && blocks.includes(failed)) {
        round.blocks = [failed, ...blocks.filter(block => block !== failed)];
      }
      round.isUnderWay = false;
      return { reads, isWhole: !failed && !wasHeld };
    },
    refused: () => [...round.refused].map(([block, { code }]) => ({ block, code })),
    requests: () => round.blocks.filter(block => !round.refused.has(block)).length,
  };
}

/** Blocks that are known to be refused cost no request. */
function skipRefused(round: Round): void {
  for (let block = round.waiting[0]; block; block = round.waiting[0]) {
    const refusal = round.refused.get(block);
    if (!refusal || refusal.againMs <= round.clock.monotonicMs()) return;
    advance(round, block, null);
  }
}

function advance(round: Round, block: PollBlock, words: readonly number[] | null): void {
  round.waiting = round.waiting.slice(1);
  round.reads.push({ block, words });
}

function refuse(round: Round, block: PollBlock, code: number): Heard {
  if (code === GATEWAY_PATH_UNAVAILABLE || code === GATEWAY_TARGET_SILENT) return 'silent';
  if (code === ACKNOWLEDGE || code === BUSY) return 'again';
  const mayBeSmaller = code === ILLEGAL_ADDRESS || code === ILLEGAL_VALUE;
  const halves = mayBeSmaller ? splitBlock(block) : null;
  if (halves) {
    // For good: a merged read that was refused once is not tried again.
    round.blocks = round.blocks.flatMap(each => (each === block ? halves : [each]));
    round.waiting = [...halves, ...round.waiting.slice(1)];
    return 'read';
  }
  const isForGood = mayBeSmaller || code === ILLEGAL_FUNCTION;
  round.refused.set(block, { code, againMs: isForGood ? round.clock.monotonicMs() + REFUSED_FOR_MS : 0 });
  advance(round, block, null);
  return 'read';
}

/** Half of it looks different on the wire, and this once it is asked so. */
function leaveOut(round: Round, block: PollBlock): void {
  const halves = splitBlock(block);
  const isSmaller = halves !== null && halves[0].count < block.count && halves[1].count < block.count;
  round.wasHeld = true;
  round.waiting = [...(isSmaller ? halves : []), ...round.waiting.slice(1)];
}
