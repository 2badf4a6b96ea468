import type { Timer } from '../shared/clock.ts';
import { limits } from '../shared/limits.ts';
import type { Change } from '../store/views.ts';
import type { ApiDeps } from './deps.ts';
import { createLiveChanges, type LiveEvent } from './live-changes.ts';

/** One reader of the stream, whatever carries it. */
export interface LiveClient {
  write(text: string): void;
  /** Bytes written and not yet taken by the reader. */
  unreadBytes(): number;
  close(): void;
}

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

/** Turns changes into server-sent events, once for all clients, and drops a client that does not read. */
export function createLiveStream(deps: StreamDeps): LiveStream {
  const { clock, counters, health, sync } = deps;
  const clients = new Set<LiveClient>();
  const changes = createLiveChanges(deps.queries);
  const endings: (() => void)[] = [];
  let turn: Timer | null = null;
  let lastTurnMs = Number.NEGATIVE_INFINITY;
  let lastSeq = 0;
  let known = { sync: '', health: '' };

  const send = (text: string) => {
    for (const client of clients) {
      if (client.unreadBytes() + text.length <= limits.liveClientBytes) client.write(text);
      else {
        clients.delete(client);
        client.close();
        counters.add('live_clients_dropped_total', { reason: 'slow' });
      }
    }
  };
  const format = ({ event, view }: LiveEvent) =>
    `id: ${lastSeq}\nevent: ${event}\ndata: ${JSON.stringify(view)}\n\n`;
  const tellTurn = () => {
    turn = null;
    lastTurnMs = clock.monotonicMs();
    const events = changes.take();
    if (events.length > 0) send(events.map(format).join(''));
  };
  const listen = (change: Change) => {
    if (change.kind === 'facts') lastSeq = Math.max(lastSeq, change.entries.at(-1)?.seq ?? 0);
    if (clients.size === 0) return;
    changes.note(change);
    const waitMs = Math.max(0, lastTurnMs + TURN_MS - clock.monotonicMs());
    turn ??= clock.after(waitMs, tellTurn);
  };
  const stateTexts = () => ({ sync: JSON.stringify(sync()), health: JSON.stringify(health().parts) });
  const tellState = () => {
    if (clients.size === 0) return;
    const now = stateTexts();
    if (now.sync !== known.sync) send(format({ event: 'sync', view: sync() }));
    if (now.health !== known.health) send(format({ event: 'health', view: health() }));
    known = now;
  };
  const beat = () => send(`: beat\n\n${format({ event: 'health', view: health() })}`);

  return {
    start() {
      const timers = [clock.every(STATE_CHECK_MS, tellState), clock.every(HEARTBEAT_MS, beat)];
      endings.push(deps.subscribe(listen), ...timers.map(timer => () => timer.cancel()));
    },
    stop() {
      for (const end of endings.splice(0)) end();
      turn?.cancel();
      turn = null;
      for (const client of clients) client.close();
      clients.clear();
    },
    join(client) {
      // What changed while nobody listened is in the lists that a client reads after the greeting.
      if (clients.size === 0) {
        changes.forget();
        known = stateTexts();
      }
      lastSeq = Math.max(lastSeq, sync().lastSeq);
      client.write(
        `retry: 2000\n${format({ event: 'hello', view: { seq: lastSeq, nowMs: clock.nowMs() } })}`,
      );
      clients.add(client);
      return () => void clients.delete(client);
    },
    isFull: () => clients.size >= limits.liveClients,
    clients: () => clients.size,
  };
}
