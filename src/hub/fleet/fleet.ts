import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { CommandRelay } from '../command-relay.ts';
import type { HubDatabase } from '../database.ts';
import { hasDuty } from '../receivers/duty.ts';
import type { Rounds } from '../rounds.ts';
import type { Sign } from './documents.ts';
import { createFleetManager } from './fleet-manager.ts';
import { createFleetService } from './fleet-service.ts';
import { createRolloutBook } from './rollout-book.ts';
import { createRolloutStores } from './rollout-stores.ts';

interface FleetOptions {
  readonly database: HubDatabase;
  /** The name of this receiver. */
  readonly receiver: string;
  readonly relay: CommandRelay;
  /** null: this hub has no authority, and stores believe nothing that is not signed. */
  readonly sign: Sign | null;
  readonly clock: Clock;
  readonly log: Log;
}

/** Rollouts to the stores of a chain: what leads them, and what operators ask. */
export function createFleet(options: FleetOptions): {
  readonly manager: Rounds;
  readonly service: UntypedServiceImplementation;
} {
  const { database, receiver, sign } = options;
  const book = createRolloutBook(database);
  const isOnDuty = (lastsMs: number) => hasDuty(database, 'fleet', receiver, lastsMs);
  const manager = createFleetManager({ ...options, isOnDuty, book, stores: createRolloutStores(database) });
  return { manager, service: createFleetService({ ...options, book, manager, canSign: sign !== null }) };
}
