import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';

/** Names of messages that were stored, so that a repeat is known. Bounded over all devices together. */
export interface SeenKeys {
  has(device: string, key: string): boolean;
  /** To be called after the commit: until then a repeat may be the only copy that survives. */
  add(device: string, key: string, windowMs: number): void;
}

export function createSeenKeys(clock: Pick<Clock, 'monotonicMs'>): SeenKeys {
  /** Until when each name counts, in the order of sight. */
  const untilMs = new Map<string, number>();
  const nameOf = (device: string, key: string) => `${device} ${key}`;
  return {
    has(device, key) {
      const until = untilMs.get(nameOf(device, key));
      return until !== undefined && clock.monotonicMs() <= until;
    },
    add(device, key, windowMs) {
      const name = nameOf(device, key);
      untilMs.delete(name);
      untilMs.set(name, clock.monotonicMs() + windowMs);
      const oldest = untilMs.keys().next();
      if (untilMs.size > limits.messageKeys && !oldest.done) untilMs.delete(oldest.value);
    },
  };
}
