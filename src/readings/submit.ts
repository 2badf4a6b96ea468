import type { Failure } from '../shared/result.ts';
import type { Reading } from './reading.ts';

/** What became of a reading. `seq` is the log position of its first fact, null when it led to none. */
export type Outcome =
  | { readonly status: 'accepted'; readonly seq: number | null }
  | { readonly status: 'duplicate'; readonly seq: number | null }
  | { readonly status: 'refused'; readonly failure: Failure };

/**
 * Hands readings to the inbox. Resolves after the transaction that holds their effect is committed,
 * in the order of submission, and never rejects. One outcome stands for all readings of the call:
 * refused if any was refused, duplicate if all were.
 */
export type Submit = (readings: readonly Reading[]) => Promise<Outcome>;
