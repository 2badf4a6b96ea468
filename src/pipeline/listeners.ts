import type { Log } from '../shared/log.ts';
import type { Change, Subscribe } from '../store/views.ts';

export interface Listeners {
  readonly subscribe: Subscribe;
  readonly tell: (change: Change) => void;
}

/** Who wants to know what was committed. A listener that throws is a bug of its own and holds up nobody else. */
export function createListeners(log: Log): Listeners {
  const listeners = new Set<(change: Change) => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell(change) {
      for (const listener of listeners) {
        try {
          listener(change);
        } catch (error) {
          log.error({ error: String(error) }, 'a listener failed');
        }
      }
    },
  };
}
