import type { BusBudget } from '../readings/bus-budget.ts';
import type { DeviceOrder, OrderOutcome } from '../readings/device-order.ts';
import type { Adopted, Adoption, Stranger } from '../readings/discovery.ts';
import type { PushDoor } from '../readings/push.ts';
import type { Submit } from '../readings/submit.ts';
import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../shared/counters.ts';
import type { Log } from '../shared/log.ts';
import type { Result } from '../shared/result.ts';
import type {
  ConfigurationView,
  HealthView,
  Queries,
  ReplayView,
  Subscribe,
  SyncView,
} from '../store/views.ts';

/** What the API is given. It reads through `queries` and changes the store only through `submit`. */
export interface ApiDeps {
  /** Address to listen on. On a loopback address only local host names are answered. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly queries: Queries;
  readonly submit: Submit;
  readonly subscribe: Subscribe;
  readonly health: () => HealthView;
  /** What the store is configured with. */
  readonly configuration: () => ConfigurationView;
  readonly sync: () => SyncView;
  /** Sends dead letters to the cloud again: these, or (null) the oldest of all; left out where there is no cloud. */
  readonly replay?: (seqs: readonly number[] | null) => Promise<Result<ReplayView>>;
  /** Where devices post by themselves; left out when none does. */
  readonly push?: PushDoor;
  /** Writes to a device and waits for what became of it; left out where nothing can be written to. */
  readonly order?: (order: DeviceOrder) => Promise<Result<OrderOutcome>>;
  /** What a technician works with; left out where there are no devices. */
  readonly field?: FieldTools;
  /** Folder of the built dashboard; null serves the API alone. */
  readonly dashboardFolder: string | null;
}

export interface FieldTools {
  buses(): readonly BusBudget[];
  strangers(): readonly Stranger[];
  /** Adds a device to the site's file; nothing is changed when it fails. */
  adopt(wanted: Adoption): Result<Adopted>;
}
