import type { Command, CommandResult } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Clock } from '../shared/clock.ts';

/** A store that is connected to this receiver now. */
export interface StoreLink {
  readonly store: string;
  /** Names this stream among all that the store ever opened. */
  readonly stream: string;
  heardMs(): number;
  sendCommand(command: Command): void;
  /** Ends the stream. `replaced`: a newer one of the same store has come; `stopping`: the hub goes down. */
  close(why: 'replaced' | 'stopping'): void;
}

/** Why no result came. */
export type NoResult = 'offline' | 'lost' | 'late';

export interface StoreLinks {
  /** The newest stream of a store is the one that counts; an older one is closed. */
  open(link: StoreLink): void;
  /** Forgets the stream, unless a newer one took its place already. */
  closed(link: StoreLink): void;
  find(store: string): StoreLink | null;
  /** The ledger knows that the store's stream is this one. */
  seat(link: StoreLink): void;
  /** Streams of which the ledger knows. */
  seated(): readonly StoreLink[];
  /** Stores whose stream ends here. */
  stores(): readonly string[];
  /** Sends the command and waits for its result, at most `waitMs`. */
  ask(store: string, command: Command, waitMs: number): Promise<CommandResult | NoResult>;
  answer(link: StoreLink, result: CommandResult): void;
  closeAll(): void;
}

interface Waiting {
  readonly link: StoreLink;
  readonly settle: (outcome: CommandResult | NoResult) => void;
}

export function createStoreLinks(clock: Clock): StoreLinks {
  const links = new Map<string, StoreLink>();
  const seats = new Set<StoreLink>();
  const waiting = new Map<string, Set<Waiting>>();
  const keyOf = (store: string, requestId: string) => `${store} ${requestId}`;
  const settleLost = (link: StoreLink) => {
    for (const asked of waiting.values()) {
      for (const one of asked) if (one.link === link) one.settle('lost');
    }
  };
  return {
    open(link) {
      links.get(link.store)?.close('replaced');
      links.set(link.store, link);
    },
    closed(link) {
      seats.delete(link);
      if (links.get(link.store) === link) links.delete(link.store);
      settleLost(link);
    },
    find: store => links.get(store) ?? null,
    seat: link => void seats.add(link),
    seated: () => [...seats],
    stores: () => [...links.keys()],
    ask(store, command, waitMs) {
      const link = links.get(store);
      if (!link) return Promise.resolve('offline');
      const key = keyOf(store, command.requestId);
      return new Promise(resolve => {
        const one: Waiting = {
          link,
          settle(outcome) {
            late.cancel();
            asked.delete(one);
            if (asked.size === 0) waiting.delete(key);
            resolve(outcome);
          },
        };
        const asked = waiting.get(key) ?? new Set<Waiting>();
        waiting.set(key, asked.add(one));
        const late = clock.after(waitMs, () => one.settle('late'));
        link.sendCommand(command);
      });
    },
    answer(link, result) {
      for (const one of waiting.get(keyOf(link.store, result.requestId)) ?? []) one.settle(result);
    },
    closeAll() {
      for (const link of links.values()) link.close('stopping');
    },
  };
}
