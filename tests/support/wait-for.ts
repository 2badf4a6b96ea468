import { setTimeout as pause } from 'node:timers/promises';

/**
 * Polls until `probe` gives something other than null, undefined or false, and returns it. Throws with the last error or
 * `what` when the time is up. Tests wait for a state, never for a time.
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T> | T,
  withinMs = 10_000,
): Promise<Exclude<NonNullable<T>, false>> {
  const untilMs = performance.now() + withinMs;
  let lastError: unknown = null;
  while (performance.now() < untilMs) {
    try {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false)
        return found as Exclude<NonNullable<T>, false>;
      lastError = null;
    } catch (error) {
      lastError = error;
    }
    await pause(25);
  }
  throw new Error(`not within ${withinMs} ms: ${what}${lastError ? ` (${lastError})` : ''}`);
}
