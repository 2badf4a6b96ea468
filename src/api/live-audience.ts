import type { Counters } from '../shared/counters.ts';
import { limits } from '../shared/limits.ts';

/** One reader of the stream, whatever carries it. */
export interface LiveClient {
  write(text: string): void;
  /** Bytes written and not yet taken by the reader. */
  unreadBytes(): number;
  close(): void;
}

export interface LiveAudience {
  size(): number;
  /** Returns the function that lets the client go. */
  add(client: LiveClient): () => void;
  /** Writes the same text to everybody; a client that does not read is dropped and counted. */
  send(text: string): void;
  close(): void;
}

export function createLiveAudience(counters: Counters): LiveAudience {
  const clients = new Set<LiveClient>();
  return {
    size: () => clients.size,
    add(client) {
      clients.add(client);
      return () => void clients.delete(client);
    },
    send(text) {
      for (const client of clients) {
        if (client.unreadBytes() + text.length <= limits.liveClientBytes) client.write(text);
        else {
          clients.delete(client);
          client.close();
          counters.add('live_clients_dropped_total', { reason: 'slow' });
        }
      }
    },
    close() {
      for (const client of clients) client.close();
      clients.clear();
    },
  };
}
