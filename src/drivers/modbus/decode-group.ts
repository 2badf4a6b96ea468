import { bad } from '../../readings/quality.ts';
import type { RawRead, ResolvePoints } from '../point-set.ts';
import type { TimedValue } from '../telemetry.ts';
import { decodeBlock, type PollBlock } from './poll-plan.ts';

/** What one block gave: its raw words, or null where the device refuses it for good. */
export interface BlockRead {
  readonly block: PollBlock;
  readonly words: readonly number[] | null;
}

/** The points of blocks that were read together. Those of a refused block are bad. */
export function decodeGroup(reads: readonly BlockRead[], resolve: ResolvePoints): TimedValue[] {
  const read = new Map<string, RawRead>();
  for (const { block, words } of reads) {
    for (const { key } of block.points) read.set(key, { quality: bad('device') });
    if (words) for (const [key, raw] of decodeBlock(block, words)) read.set(key, raw);
  }
  return resolve(read);
}
