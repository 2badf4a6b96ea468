/** The part of an aedes persistence that keeps messages for subscribers that are away or have not acknowledged. */
export interface OfflineStore {
  outgoingEnqueueCombi(subs: readonly unknown[], packet: unknown): Promise<void>;
  outgoingClearMessageId(client: unknown, packet: unknown): Promise<unknown>;
}

/**
 * Bounds what is kept for all subscribers together; the memory persistence has no bound of its own.
 * `onDrop` gets the number of copies that found no room.
 */
export function boundOfflineQueues(
  store: OfflineStore,
  maxMessages: number,
  onDrop: (copies: number) => void,
): void {
  const enqueue = store.outgoingEnqueueCombi.bind(store);
  const clear = store.outgoingClearMessageId.bind(store);
  let kept = 0;
  store.outgoingEnqueueCombi = (subs, packet) => {
    const room = Math.min(subs.length, maxMessages - kept);
    if (room < subs.length) onDrop(subs.length - room);
    kept += room;
    return enqueue(subs.slice(0, room), packet);
  };
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    if (cleared !== undefined) kept--;
    return cleared;
  };
}
