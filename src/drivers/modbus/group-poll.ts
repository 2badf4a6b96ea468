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
  points(): readonly PollBlock['points'][number][];
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

/** `planned` are the blocks as the profile has them; the group keeps what the device taught it about them. */
export function createGroupPoll(planned: readonly PollBlock[], clock: Clock): GroupPoll {
  let blocks = planned;
  let waiting: readonly PollBlock[] = [];
  let isUnderWay = false;
  let wasHeld = false;
  let reads: BlockRead[] = [];
  const refused = new Map<PollBlock, { readonly code: number; readonly againMs: number }>();

  function begin(): void {
    if (isUnderWay) return;
    isUnderWay = true;
    wasHeld = false;
    waiting = blocks;
    reads = [];
  }

  /** Blocks that are known to be refused cost no request. */
  function skipRefused(): void {
    for (let block = waiting[0]; block; block = waiting[0]) {
      const refusal = refused.get(block);
      if (!refusal || refusal.againMs <= clock.monotonicMs()) return;
      reads.push({ block, words: null });
      waiting = waiting.slice(1);
    }
  }

  function advance(block: PollBlock, words: readonly number[] | null): void {
    waiting = waiting.slice(1);
    reads.push({ block, words });
  }

  function refuse(block: PollBlock, code: number): Heard {
    if (code === GATEWAY_PATH_UNAVAILABLE || code === GATEWAY_TARGET_SILENT) return 'silent';
    if (code === ACKNOWLEDGE || code === BUSY) return 'again';
    const mayBeSmaller = code === ILLEGAL_ADDRESS || code === ILLEGAL_VALUE;
    const halves = mayBeSmaller ? splitBlock(block) : null;
    if (halves) {
      // For good: a merged read that was refused once is not tried again.
      blocks = blocks.flatMap(each => (each === block ? halves : [each]));
      waiting = [...halves, ...waiting.slice(1)];
      return 'read';
    }
    const isForGood = mayBeSmaller || code === ILLEGAL_FUNCTION;
    refused.set(block, { code, againMs: isForGood ? clock.monotonicMs() + REFUSED_FOR_MS : 0 });
    advance(block, null);
    return 'read';
  }

  return {
    next() {
      begin();
      skipRefused();
      return waiting[0] ?? null;
    },
    isUnderWay: () => isUnderWay,
    heard(block, answer) {
      switch (answer.kind) {
        case 'values':
          refused.delete(block);
          advance(block, answer.values);
          return 'read';
        case 'exception':
          return refuse(block, answer.code);
        case 'held': {
          const halves = splitBlock(block);
          wasHeld = true;
          // Half of it looks different on the wire, and this once it is asked so.
          waiting = [...(halves && halves[0].count !== block.count ? halves : []), ...waiting.slice(1)];
          return { heldUntilMs: answer.untilMs };
        }
        case 'unreachable':
          return 'unreachable';
        default:
          return 'silent';
      }
    },
    finish() {
      // The block that was not answered is the first of the next round: only it may be asked while its reply is owed.
      const failed = waiting[0];
      if (failed && blocks.includes(failed)) blocks = [failed, ...blocks.filter(block => block !== failed)];
      const isWhole = !failed && !wasHeld;
      isUnderWay = false;
      return { reads, isWhole };
    },
    refused: () => [...refused].map(([block, { code }]) => ({ block, code })),
    requests: () => blocks.filter(block => !refused.has(block)).length,
    points: () => blocks.flatMap(block => block.points),
  };
}
