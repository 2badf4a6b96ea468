import type { Clock } from '../shared/clock.ts';
import type { Outbox } from '../store/outbox.ts';
import type { StoreHealthInit } from './sync-session.ts';

interface StoreHealthOptions {
  readonly outbox: Pick<Outbox, 'pending' | 'backlog'>;
  /** Counts go up from the start of the process. */
  readonly signs: () => Signs;
  /** No configuration is being watched. */
  readonly isConfirmed: () => boolean;
  readonly clock: Clock;
}

interface Signs {
  readonly errors: number;
  readonly discrepancies: number;
  readonly devices: number;
  readonly devicesOnline: number;
}

/** How the store is, read anew for each heartbeat: what it counts is since the one before. */
export function createStoreHealth(options: StoreHealthOptions): () => StoreHealthInit {
  const { outbox, signs, isConfirmed, clock } = options;
  const startedMs = clock.monotonicMs();
  let told = { errors: 0, discrepancies: 0 };
  return () => {
    const { errors, discrepancies, devices, devicesOnline } = signs();
    const since = { errors: errors - told.errors, discrepancies: discrepancies - told.discrepancies };
    told = { errors, discrepancies };
    const { bytes, usedShare } = outbox.backlog();
    return {
      pendingEvents: BigInt(outbox.pending()),
      pendingBytes: BigInt(bytes),
      budgetUsed: usedShare,
      devices,
      devicesOnline,
      ...since,
      confirmed: isConfirmed(),
      residentBytes: BigInt(process.memoryUsage.rss()),
      uptimeSeconds: BigInt(Math.floor((clock.monotonicMs() - startedMs) / 1000)),
    };
  };
}
