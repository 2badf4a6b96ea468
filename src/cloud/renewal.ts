import type { Clock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartHealth } from '../shared/part.ts';
import type { StoreIdentity } from './identity.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A third of a certificate's time: from here to its end a new one is asked for, again and again. */
const RENEW_BEFORE_MS = 30 * DAY_MS;
/** So near the end, a person is called. */
const ALARM_BEFORE_MS = 10 * DAY_MS;
const LOOK_MS = 60 * 60_000;
const LEARN_MS = 60_000;

export interface Renewal extends Part {
  /** Asks for the signing keys anew, at most once a minute. Rejects with a sentence. */
  learnKeys(): Promise<void>;
}

export interface RenewalOptions {
  readonly identity: Pick<StoreIdentity, 'expiresMs'>;
  /** Gets a new certificate and keeps it. Rejects with a sentence. */
  readonly renewNow: () => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Renews the store's certificate in time, for as long as the gateway runs; the next connection uses the new one. */
export function createRenewal({ identity, renewNow, clock, log }: RenewalOptions): Renewal {
  let stopLooking: (() => void) | null = null;
  let isAsking = false;
  let learnedMs = Number.NEGATIVE_INFINITY;
  let trouble: string | null = null;
  const leftMs = () => identity.expiresMs() - clock.nowMs();
  const ask = async () => {
    isAsking = true;
    try {
      await renewNow();
      trouble = null;
      log.info({ ends: day(identity.expiresMs()) }, 'the certificate was renewed');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (trouble === null) log.warn({ reason }, 'the certificate could not be renewed; trying every hour');
      trouble = reason;
    }
    isAsking = false;
  };
  const look = () => {
    if (!isAsking && leftMs() < RENEW_BEFORE_MS) void ask();
  };
  return {
    name: 'identity',
    start: async () => {
      const timer = clock.every(LOOK_MS, look);
      stopLooking = timer.cancel;
      look();
    },
    stop: async () => stopLooking?.(),
    async learnKeys() {
      if (clock.monotonicMs() - learnedMs < LEARN_MS) return;
      learnedMs = clock.monotonicMs();
      await renewNow();
    },
    health: () => healthOf(identity.expiresMs(), leftMs(), trouble),
  };
}

function healthOf(endMs: number, leftMs: number, trouble: string | null): PartHealth {
  if (leftMs >= ALARM_BEFORE_MS) return { state: 'ok' };
  const why = trouble === null ? '' : ` and could not be renewed: ${trouble}`;
  const detail = (verb: string) => `the store's certificate ${verb} on ${day(endMs)}${why}`;
  if (leftMs > 0) return { state: 'degraded', detail: detail('ends') };
  return { state: 'failed', detail: `${detail('ended')}; run "aisle enrol" again` };
}

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
