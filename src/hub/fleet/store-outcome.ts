import type { TrackedStore } from './rollout-stores.ts';

interface Rules {
  readonly version: number;
  readonly confirmMs: number;
}

/** A heartbeat may have been written before the change and be heard after it. */
const CROSSING_MS = 1_000;
/** Heartbeats come every 15 s, and one may be lost. */
const GRACE_MS = 45_000;

/** What a store that took a configuration has made of it, by what it has said since; null while that is open. */
export function outcomeOf(
  { state, appliedMs, reported }: Pick<TrackedStore, 'state' | 'appliedMs' | 'reported'>,
  { version, confirmMs }: Rules,
): { readonly state: 'confirmed' | 'failed'; readonly reason: string } | null {
  if (state !== 'applied' || appliedMs === null || reported.atMs <= appliedMs + CROSSING_MS) return null;
  if (reported.version !== version) return { state: 'failed', reason: 'went back by itself' };
  if (reported.isConfirmed) return { state: 'confirmed', reason: '' };
  return reported.atMs > appliedMs + confirmMs + GRACE_MS
    ? { state: 'failed', reason: `was not well within ${confirmMs / 1000} s` }
    : null;
}
