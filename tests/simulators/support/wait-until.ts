import { setTimeout as pause } from 'node:timers/promises';

/** Polls until `condition` holds; fails with `what` after `withinMs`. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`never came: ${what}`);
    await pause(10);
  }
}
