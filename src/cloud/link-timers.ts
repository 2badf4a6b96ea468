import type { Clock, Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';

export interface LinkTimers {
  /** The other side said something. */
  heard(): void;
  stop(): void;
}

/** Heartbeats on our side (limits.uplinkHeartbeatMs), and the alarm after limits.uplinkSilenceMs without a word. */
export function createLinkTimers(
  clock: Clock,
  on: { readonly heartbeat: () => void; readonly silence: () => void },
): LinkTimers {
  let heardMs = clock.monotonicMs();
  let silence: Timer;
  const watch = (forMs: number) => {
    silence = clock.after(forMs, () => {
      const leftMs = heardMs + limits.uplinkSilenceMs - clock.monotonicMs();
      if (leftMs <= 0) on.silence();
      else watch(leftMs);
    });
  };
  watch(limits.uplinkSilenceMs);
  const beat = clock.every(limits.uplinkHeartbeatMs, on.heartbeat);
  return {
    heard() {
      heardMs = clock.monotonicMs();
    },
    stop() {
      silence.cancel();
      beat.cancel();
    },
  };
}
