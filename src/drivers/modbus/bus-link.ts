import { fullJitterMs } from '../../shared/backoff.ts';
import { sleep } from '../../shared/clock.ts';
import type { Result } from '../../shared/result.ts';
import type { DriverContext } from '../driver.ts';
import type { Dial, Wire } from './wire.ts';

export type BusContext = Pick<DriverContext, 'clock' | 'log' | 'counters'> & {
  /** 0 <= x < 1, for jitter. */
  readonly random: () => number;
};

/** The wire under a bus: opened when asked for, and after a loss not before its back-off is over. */
export interface BusLink {
  /** The open wire, a new one, or null when there is none to be had now. Never rejects. */
  open(): Promise<Wire | null>;
  isOpen(): boolean;
  /** Throws the wire away; `reason` becomes a label of a counter. */
  drop(reason: string): void;
  /** The far end gave a sensible answer, so the next back-off starts small again. */
  prove(): void;
  close(): void;
}

interface LinkSettings {
  readonly bus: string;
  readonly dial: Dial;
  /** Some converters lose what is sent right after the connection is made. */
  readonly pauseAfterConnectMs: number;
}

interface Listener {
  opened(): void;
  data(chunk: Uint8Array): void;
  lost(): void;
}

const RECONNECT_BASE_MS = 500;
const RECONNECT_CAP_MS = 15_000;

export function createBusLink(settings: LinkSettings, context: BusContext, listener: Listener): BusLink {
  const { bus, dial, pauseAfterConnectMs } = settings;
  const log = context.log.child({ bus });
  const backoff = createReconnectBackoff(context);
  const closing = new AbortController();
  let wire: Wire | null = null;

  function drop(reason: string): void {
    if (!wire) return;
    wire.close();
    wire = null;
    context.counters.add('modbus_connections_lost_total', { bus, reason });
    if (backoff.lose()) log.warn({ reason }, 'the Modbus connection was dropped');
    listener.lost();
  }

  async function connect(): Promise<Wire | null> {
    const opened: Result<Wire> = await dial(
      { data: listener.data, closed: () => drop('closed') },
      closing.signal,
    );
    if (!opened.ok) {
      if (backoff.lose()) log.warn({ reason: opened.error.message }, 'no Modbus connection could be made');
      return null;
    }
    wire = opened.value;
    listener.opened();
    log.info({}, 'the Modbus connection is open');
    if (pauseAfterConnectMs > 0) await sleep(context.clock, pauseAfterConnectMs);
    return wire;
  }

  return {
    open: async () => wire ?? (closing.signal.aborted || !backoff.isOver() ? null : await connect()),
    isOpen: () => wire !== null,
    drop,
    prove: backoff.prove,
    close() {
      closing.abort();
      wire?.close();
      wire = null;
    },
  };
}

function createReconnectBackoff({ clock, random }: BusContext) {
  let attempt = 0;
  let notBeforeMs = 0;
  return {
    isOver: () => clock.monotonicMs() >= notBeforeMs,
    /** True for the first loss of a series, which is the one worth a line in the log. */
    lose(): boolean {
      notBeforeMs = clock.monotonicMs() + fullJitterMs(attempt, RECONNECT_BASE_MS, RECONNECT_CAP_MS, random);
      attempt += 1;
      return attempt === 1;
    },
    prove() {
      attempt = 0;
    },
  };
}
