import { connect, type Socket } from 'node:net';
import { fullJitterMs } from '../../shared/backoff.ts';
import type { DriverContext } from '../driver.ts';
import { createMbapReader, type MbapFrame } from './mbap.ts';

export interface BusAddress {
  readonly host: string;
  readonly port: number;
}

export type BusContext = Pick<DriverContext, 'clock' | 'log' | 'counters'> & {
  /** 0 <= x < 1, for jitter. */
  readonly random: () => number;
};

/** The TCP connection under a bus: made when asked for, and after a loss not before its back-off is over. */
export interface BusLink {
  /** The open connection, a new one, or null when there is none to be had now. Never rejects. */
  open(): Promise<BusWriter | null>;
  /** Throws the connection away; `reason` becomes a label of a counter. */
  drop(reason: string): void;
  /** The far end gave a sensible answer, so the next back-off starts small again. */
  prove(): void;
  close(): void;
}

export interface BusWriter {
  write(bytes: Uint8Array): void;
}

interface Listener {
  frame(frame: MbapFrame): void;
  lost(): void;
}

const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_BASE_MS = 500;
const RECONNECT_CAP_MS = 15_000;

export function createBusLink(address: BusAddress, context: BusContext, listener: Listener): BusLink {
  const bus = `${address.host}:${address.port}`;
  const log = context.log.child({ bus });
  const backoff = createReconnectBackoff(context);
  const closing = new AbortController();
  let socket: Socket | null = null;

  function drop(reason: string): void {
    if (!socket) return;
    socket.destroy();
    socket = null;
    context.counters.add('modbus_connections_lost_total', { bus, reason });
    if (backoff.lose()) log.warn({ reason }, 'the Modbus connection was dropped');
    listener.lost();
  }

  function attach(opened: Socket): void {
    const reader = createMbapReader();
    socket = opened;
    opened.on('data', chunk => {
      if (socket !== opened) return;
      const { frames, broken } = reader.push(chunk);
      for (const frame of frames) listener.frame(frame);
      if (broken) drop('framing');
    });
    opened.on('close', () => {
      if (socket === opened) drop('closed');
    });
  }

  return {
    async open() {
      if (socket) return socket;
      if (closing.signal.aborted || !backoff.isOver()) return null;
      const opened = await dial(address, context, closing.signal);
      if (opened) {
        attach(opened);
        log.info({}, 'the Modbus connection is open');
      } else if (backoff.lose()) {
        log.warn({}, 'the Modbus connection could not be made');
      }
      return opened;
    },
    drop,
    prove: backoff.prove,
    close() {
      closing.abort();
      socket?.destroy();
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

/** Resolves with an open socket, or with null when there is none within the time-out. */
function dial(address: BusAddress, { clock }: BusContext, signal: AbortSignal): Promise<Socket | null> {
  return new Promise(resolve => {
    const socket = connect({ ...address, noDelay: true, keepAlive: true, signal });
    const give = (result: Socket | null) => {
      timer.cancel();
      if (!result) socket.destroy();
      resolve(result);
    };
    const timer = clock.after(CONNECT_TIMEOUT_MS, () => give(null));
    socket.once('connect', () => give(socket));
    // Stays attached for good: an error always ends in 'close', which is where it is dealt with.
    socket.on('error', () => give(null));
  });
}
