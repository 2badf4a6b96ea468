import type { Part } from '../shared/part.ts';

/** Starts parts in order. When one cannot start, those before it are stopped again and the reason is thrown. */
export async function startParts(parts: readonly Part[], stopWithinMs: number): Promise<void> {
  for (const [index, part] of parts.entries()) {
    try {
      await part.start();
    } catch (error) {
      await stopParts(parts.slice(0, index), stopWithinMs);
      throw error;
    }
  }
}

/** Stops parts backwards, so that nobody feeds a part that has stopped. */
export async function stopParts(parts: readonly Part[], withinMs: number): Promise<void> {
  for (const part of parts.toReversed()) await part.stop(withinMs / parts.length);
}
