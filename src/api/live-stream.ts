import type { Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import type { Change } from '../store/views.ts';
import type { ApiDeps } from './deps.ts';
import { createLiveAudience, type LiveClient } from './live-audience.ts';
import { createLiveChanges, type LiveEvent } from './live-changes.ts';

export interface LiveStream {
  start(): void;
  stop(): void;
  /** Greets the client and sends it every change from now on. Returns the function that ends it. */
  join(client: LiveClient): () => void;
  isFull(): boolean;
  clients(): number;
}

/** A burst is told in turns this far apart; a lone change goes out at once. */
const TURN_MS = 50;
const STATE_CHECK_MS = 1_000;
const HEARTBEAT_MS = 15_000;

type StreamDeps = Pick<ApiDeps, 'clock' | 'counters' | 'queries' | 'subscribe' | 'health' | 'sync'>;

/** Turns changes into server-sent events, once for all clients. */
export function createLiveStream(deps: StreamDeps): LiveStream {
  const { clock, health, sync } = deps;
  const audience = createLiveAudience(deps.counters);
  const changes = createLiveChanges(deps.queries);
  const endings: (() => void)[] = [];
  let turn: Timer | null = null;
  let lastTurnMs = Number.NEGATIVE_INFINITY;
  let lastSeq = 0;
  let known = { sync: '', parts: '' };

  const format = ({ event, view }: LiveEvent) =>
    `id: ${lastSeq}\nevent: ${event}\ndata: ${JSON.stringify(view)}\n\n`;
  const tellTurn = () => {
    turn = null;
    lastTurnMs = clock.monotonicMs();
    const events = changes.take();
    if (events.length > 0) audience.send(events.map(format).join(''));
  };
  const listen = (change: Change) => {
    if (change.kind === 'facts') lastSeq = Math.max(lastSeq, change.entries.at(-1)?.seq ?? 0);
    if (audience.size() === 0) return;
    changes.note(change);
    turn ??= clock.after(Math.max(0, lastTurnMs + TURN_MS - clock.monotonicMs()), tellTurn);
  };
  const states = () => ({ sync: JSON.stringify(sync()), parts: JSON.stringify(health().parts) });
  const tellStates = () => {
    if (audience.size() === 0) return;
    const now = states();
    if (now.sync !== known.sync) audience.send(format({ event: 'sync', view: sync() }));
    if (now.parts !== known.parts) audience.send(format({ event: 'health', view: health() }));
    known = now;
  };
  const beat = () => audience.send(`: beat\n\n${format({ event: 'health', view: health() })}`);

  return {
    start() {
      const timers = [clock.every(STATE_CHECK_MS, tellStates), clock.every(HEARTBEAT_MS, beat)];
      endings.push(deps.subscribe(listen), ...timers.map(timer => () => timer.cancel()));
    },
    stop() {
      for (const end of endings.splice(0)) end();
      turn?.cancel();
      turn = null;
      audience.close();
    },
    join(client) {
      // What changed while nobody listened is in the lists that a client reads after the greeting.
      if (audience.size() === 0) {
        changes.reset();
        known = states();
      }
      lastSeq = Math.max(lastSeq, sync().lastSeq);
      const hello = format({ event: 'hello', view: { seq: lastSeq, nowMs: clock.nowMs() } });
      client.write(`retry: 2000\n${hello}`);
      return audience.add(client);
    },
    isFull: () => audience.size() >= limits.liveClients,
    clients: () => audience.size(),
  };
}
