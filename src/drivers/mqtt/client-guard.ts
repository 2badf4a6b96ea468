import type { Duplex } from 'node:stream';
import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import { createFrameFilter, type FrameFault } from './frame-filter.ts';

export type ClientFault = FrameFault | 'unread' | 'stalled';

/** Watches one connection; `cut` says why it ended it. */
export interface ClientGuard {
  /** To be asked before each message to this client. False: it was cut, because it does not read. */
  mayWrite(): boolean;
}

/**
 * Keeps one client from harming the others. aedes waits for the drain of a full socket, and with it the publisher
 * whose message it was; so writes never report a full socket here, and what is unread is bounded instead.
 * To be called after aedes has taken the stream, and before it reads.
 */
export function guardClient(stream: Duplex, clock: Clock, onCut: (fault: ClientFault) => void): ClientGuard {
  const filter = createFrameFilter({
    firstBytes: limits.mqttConnectBytes,
    packetBytes: limits.mqttPacketBytes,
  });
  let fullSinceMs: number | null = null;

  const cut = (fault: ClientFault) => {
    if (stream.destroyed) return;
    onCut(fault);
    stream.destroy();
  };

  const mayWrite = () => {
    if (stream.writableLength > limits.mqttUnreadBytes) cut('unread');
    else if (!stream.writableNeedDrain) fullSinceMs = null;
    else {
      const now = clock.monotonicMs();
      fullSinceMs ??= now;
      if (now - fullSinceMs > limits.mqttDrainTimeoutMs) cut('stalled');
    }
    return !stream.destroyed;
  };

  const read = stream.read.bind(stream) as (size?: number) => Uint8Array | null;
  stream.read = (size?: number) => {
    // A chunk of which nothing is left is no end of what there is to read.
    for (let chunk = read(size); chunk !== null; chunk = read(size)) {
      const { forward, fault } = filter(chunk);
      if (fault) {
        cut(fault);
        return null;
      }
      // Acknowledgements that are never read pile up too.
      mayWrite();
      if (forward.length > 0) return forward;
    }
    return null;
  };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (...args: unknown[]) => {
    write(...args);
    return true;
  };
  return { mayWrite };
}
