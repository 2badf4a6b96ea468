import type { Clock } from '../shared/clock.ts';
import type { Outbox } from '../store/outbox.ts';
import type { Queries } from '../store/views.ts';
import type { StoreHealthInit } from './sync-session.ts';

interface StoreHealthOptions {
  readonly outbox: Pick<Outbox, 'pending' | 'backlog'>;
  readonly queries: Pick<Queries, 'devices'>;
  readonly clock: Clock;
}

/** How the store is, read anew for each heartbeat. */
export function createStoreHealth({ outbox, queries, clock }: StoreHealthOptions): () => StoreHealthInit {
  const startedMs = clock.monotonicMs();
  return () => {
    const devices = queries.devices();
    const { bytes, usedShare } = outbox.backlog();
    return {
      pendingEvents: BigInt(outbox.pending()),
      pendingBytes: BigInt(bytes),
      budgetUsed: usedShare,
      devices: devices.length,
      devicesOnline: devices.filter(({ state }) => state === 'online').length,
      residentBytes: BigInt(process.memoryUsage.rss()),
      uptimeSeconds: BigInt(Math.floor((clock.monotonicMs() - startedMs) / 1000)),
    };
  };
}
