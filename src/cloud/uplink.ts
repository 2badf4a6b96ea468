import type { Submit } from '../readings/submit.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { Part, PartHealth } from '../shared/part.ts';
import { fail, type Result } from '../shared/result.ts';
import type { Outbox } from '../store/outbox.ts';
import type { ReplayView, Subscribe, SyncView } from '../store/views.ts';
import type { Dial } from './dial.ts';
import { createDownlink, type DownlinkOptions } from './downlink.ts';
import { openSession, type Session, type SessionOptions } from './sync-session.ts';
import { syncView } from './sync-view.ts';

export interface UplinkOptions {
  /** host:port of the cloud's SyncService, for people. */
  readonly address: string;
  readonly dial: Dial;
  readonly storeGln: string;
  readonly version: string;
  readonly outbox: Outbox;
  readonly readState: SessionOptions['readState'];
  readonly stockOf: SessionOptions['stockOf'];
  readonly storeHealth: SessionOptions['storeHealth'];
  readonly configState: SessionOptions['configState'];
  readonly soon: SessionOptions['soon'];
  readonly submit: Submit;
  readonly subscribe: Subscribe;
  readonly wasDone: DownlinkOptions['wasDone'];
  readonly lookupReservation: DownlinkOptions['lookupReservation'];
  readonly trust: DownlinkOptions['trust'];
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  /** 0 to 1, for the jitter of the back-off. */
  readonly random: () => number;
}

export interface Uplink extends Part {
  view(): SyncView;
  /** Sends events again that the cloud had put aside: these, or (null) the oldest of all. Fails without a link. */
  replay(seqs: readonly number[] | null): Promise<Result<ReplayView>>;
}

/** Bound of the first wait after a failure; it doubles with each further one. */
const RETRY_FIRST_MS = 500;
/** A stream that lived this long counts as a success, so the next failure is retried quickly. */
const STABLE_MS = 10_000;

interface LinkState {
  phase: 'stopped' | 'connecting' | 'connected' | 'waiting';
  sinceMs: number | null;
  /** Why it is not connected, or why events do not go on although it is. */
  detail: string | null;
}

/** Keeps one stream to the cloud alive for as long as the gateway runs. */
export function createUplink(options: UplinkOptions): Uplink {
  const { address, dial, outbox, subscribe, clock, log, counters, random } = options;
  const downlink = createDownlink(options);
  let state: LinkState = { phase: 'stopped', sinceMs: null, detail: null };
  let session: Session | null = null;
  let retry: Timer | null = null;
  let unsubscribe: (() => void) | null = null;
  let failures = 0;

  const enter = (phase: LinkState['phase'], detail: string | null) => {
    state = { phase, sinceMs: clock.nowMs(), detail };
  };
  const lost = (reason: string, connectedMs: number | null) => {
    session = null;
    outbox.linkDown(clock.nowMs());
    if (state.phase === 'stopped') return;
    failures = connectedMs !== null && connectedMs >= STABLE_MS ? 1 : failures + 1;
    const inMs = Math.round(fullJitterMs(failures - 1, RETRY_FIRST_MS, limits.uplinkBackoffMaxMs, random));
    counters.add('cloud_link_failures_total');
    const isNew = failures === 1 || connectedMs !== null;
    if (isNew) log.warn({ address, reason, retryInMs: inMs }, 'no cloud link');
    const sinceMs = state.phase === 'connected' ? clock.nowMs() : state.sinceMs;
    state = { phase: 'waiting', sinceMs, detail: reason };
    retry = clock.after(inMs, connect);
  };
  function connect() {
    const line = dial();
    let connectedAtMs: number | null = null;
    const watchdog = clock.after(limits.uplinkConnectMs, () =>
      session?.end(`${address} did not answer within ${limits.uplinkConnectMs / 1000} s`),
    );
    if (state.phase !== 'waiting') enter('connecting', null);
    session = openSession(line.stream, {
      ...options,
      downlink,
      onWelcome() {
        watchdog.cancel();
        connectedAtMs = clock.monotonicMs();
        outbox.linkUp();
        enter('connected', null);
        log.info({ address, ackedSeq: outbox.ackedSeq(), lastSeq: outbox.lastSeq() }, 'cloud link is up');
      },
      onEnd(reason) {
        watchdog.cancel();
        line.close();
        lost(reason, connectedAtMs === null ? null : clock.monotonicMs() - connectedAtMs);
      },
    });
  }
  return {
    name: 'cloud',
    start: async () => {
      unsubscribe = subscribe(change => change.kind === 'facts' && session?.wake(change.entries));
      outbox.linkDown(clock.nowMs());
      connect();
    },
    stop: async () => {
      enter('stopped', null);
      unsubscribe?.();
      retry?.cancel();
      session?.end('the gateway stops');
    },
    health: () => healthOf(state, address),
    view: () => viewOf(options, state),
    replay: async seqs =>
      state.phase === 'connected' && session ? await session.replay(seqs) : notSent(address),
  };
}

const notSent = (address: string) =>
  fail('comms', `there is no link to the cloud at ${address}; send them again when it is back`, true);

function healthOf({ phase, detail }: LinkState, address: string): PartHealth {
  if (phase === 'stopped') return { state: 'stopped' };
  if (phase === 'connected') return detail === null ? { state: 'ok' } : { state: 'degraded', detail };
  const why = detail === null ? '' : `: ${detail}`;
  return { state: 'degraded', detail: `not connected to the cloud at ${address}${why}; events are kept` };
}

const viewOf = ({ address, outbox }: UplinkOptions, { phase, sinceMs, detail }: LinkState): SyncView =>
  syncView(outbox, { configured: true, connected: phase === 'connected', peer: address, sinceMs, detail });
