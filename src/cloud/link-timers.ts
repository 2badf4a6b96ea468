import type { Clock } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';

export interface LinkTimers {
  /** The other side said something. */
  heard(): void;
  /** The other side acknowledged something. */
  answered(): void;
  stop(): void;
}

interface LinkAlarms {
  readonly heartbeat: () => void;
  /** limits.uplinkSilenceMs without a word. */
  readonly silence: () => void;
  /** limits.uplinkAckMs without an acknowledgement, although something waits for one. */
  readonly unanswered: () => void;
  readonly isWaiting: () => boolean;
}

/** Heartbeats on our side (limits.uplinkHeartbeatMs), and the alarms about the other one. */
export function createLinkTimers(clock: Clock, on: LinkAlarms): LinkTimers {
  const silence = watch(clock, limits.uplinkSilenceMs, on.silence);
  let idleMs = clock.monotonicMs();
  const beat = clock.every(limits.uplinkHeartbeatMs, () => {
    const nowMs = clock.monotonicMs();
    if (!on.isWaiting()) idleMs = nowMs;
    if (nowMs - idleMs >= limits.uplinkAckMs) on.unanswered();
    else on.heartbeat();
  });
  return {
    heard: silence.feed,
    answered() {
      idleMs = clock.monotonicMs();
    },
    stop() {
      silence.stop();
      beat.cancel();
    },
  };
}

/** Rings once when it was not fed for `forMs`. Feeding costs no timer. */
function watch(clock: Clock, forMs: number, ring: () => void) {
  let fedMs = clock.monotonicMs();
  const waitFor = (leftMs: number) =>
    clock.after(leftMs, () => {
      const restMs = fedMs + forMs - clock.monotonicMs();
      if (restMs <= 0) ring();
      else timer = waitFor(restMs);
    });
  let timer = waitFor(forMs);
  return {
    feed() {
      fedMs = clock.monotonicMs();
    },
    stop: () => timer.cancel(),
  };
}
