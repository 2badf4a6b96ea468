import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import {
  type GetRolloutRequest,
  type GetRolloutResponse,
  GetRolloutResponseSchema,
  type HaltRolloutRequest,
  type HaltRolloutResponse,
  HaltRolloutResponseSchema,
  type ListDriftRequest,
  type ListDriftResponse,
  ListDriftResponseSchema,
  type ListRolloutsRequest,
  type ListRolloutsResponse,
  ListRolloutsResponseSchema,
  RolloutState,
  type StartRolloutRequest,
  type StartRolloutResponse,
  StartRolloutResponseSchema,
} from '../../cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase } from '../database.ts';
import { pageSize } from '../page-size.ts';
import type { Rounds } from '../rounds.ts';
import { rpcError, unary } from '../rpc-error.ts';
import { listDrift } from './drift.ts';
import type { RolloutBook, StoredRollout } from './rollout-book.ts';
import { problemOf, readStart } from './start-request.ts';

interface FleetServiceOptions {
  readonly database: HubDatabase;
  readonly book: RolloutBook;
  readonly manager: Pick<Rounds, 'round'>;
  readonly canSign: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** What operators ask of the fleet. */
export function createFleetService(options: FleetServiceOptions): UntypedServiceImplementation {
  const { database, book, log } = options;
  return {
    startRollout: unary<StartRolloutRequest, StartRolloutResponse>(log, async request =>
      create(StartRolloutResponseSchema, { rollout: view(await start(request, options)) }),
    ),
    getRollout: unary<GetRolloutRequest, GetRolloutResponse>(log, async ({ rolloutId }) =>
      create(GetRolloutResponseSchema, { rollout: view(await known(book, rolloutId)) }),
    ),
    listRollouts: unary<ListRolloutsRequest, ListRolloutsResponse>(log, async request => {
      const limit = pageSize(request.pageSize, 20, 100);
      const before = request.pageToken === '' ? null : versionOf(request.pageToken);
      const page = await book.page(before, limit);
      const nextPageToken = page.length === limit ? String(page.at(-1)!.version) : '';
      return create(ListRolloutsResponseSchema, { rollouts: page.map(view), nextPageToken });
    }),
    haltRollout: unary<HaltRolloutRequest, HaltRolloutResponse>(log, async request =>
      create(HaltRolloutResponseSchema, { rollout: view(await halt(request, options)) }),
    ),
    listDrift: unary<ListDriftRequest, ListDriftResponse>(log, async request => {
      const limit = pageSize(request.pageSize);
      const rows = await listDrift(database, request.pageToken, limit);
      const drifts = rows.map(row => ({
        storeGln: row.store,
        wantedVersion: BigInt(row.wantedVersion),
        version: BigInt(row.version),
        wantedHash: row.wantedHash,
        effectiveHash: row.hash,
        sinceTime: timestampFromMs(Math.round(row.sinceMs)),
      }));
      const nextPageToken = rows.length === limit ? rows.at(-1)!.store : '';
      return create(ListDriftResponseSchema, { drifts, nextPageToken });
    }),
  };
}

async function start(
  request: StartRolloutRequest,
  { database, book, manager, canSign, clock }: FleetServiceOptions,
): Promise<StoredRollout> {
  if (!canSign) {
    throw rpcError(
      status.FAILED_PRECONDITION,
      'this hub has no authority that signs, and stores believe nothing else; start it with --authority',
    );
  }
  const problem = problemOf(request);
  if (problem) throw rpcError(status.INVALID_ARGUMENT, problem);
  // A repeat means the stores that there were at the first time.
  const earlier = await book.find(request.rolloutId);
  const stores = earlier ? request.storeGlns : await readStart(database, request);
  const begun = await book.begin(request, stores, clock.nowMs());
  if (begun.kind === 'other') {
    throw rpcError(
      status.ALREADY_EXISTS,
      `rollout_id "${request.rolloutId}" was used before for another rollout; take a new one`,
    );
  }
  if (begun.kind === 'busy') {
    throw rpcError(
      status.FAILED_PRECONDITION,
      `rollout "${begun.rolloutId}" is under way at some of these stores; wait for its end, or halt it`,
    );
  }
  void manager.round();
  return begun.rollout;
}

const LONGEST_REASON = 500;

async function halt(
  { rolloutId, reason }: HaltRolloutRequest,
  { book, manager }: FleetServiceOptions,
): Promise<StoredRollout> {
  if (reason.length < 1 || reason.length > LONGEST_REASON) {
    throw rpcError(status.INVALID_ARGUMENT, `reason must have 1 to ${LONGEST_REASON} characters`);
  }
  await known(book, rolloutId);
  await book.halt(rolloutId, reason.replaceAll('\0', '\uFFFD'));
  void manager.round();
  return known(book, rolloutId);
}

async function known(book: RolloutBook, rolloutId: string): Promise<StoredRollout> {
  const rollout = await book.find(rolloutId.replaceAll('\0', ''));
  if (!rollout) throw rpcError(status.NOT_FOUND, `there is no rollout "${rolloutId}"`);
  return rollout;
}

function versionOf(token: string): number {
  if (/^\d{1,15}$/.test(token)) return Number(token);
  throw rpcError(
    status.INVALID_ARGUMENT,
    'page_token is none of a page before; leave it empty for the first',
  );
}

const STATES = {
  running: RolloutState.RUNNING,
  completed: RolloutState.COMPLETED,
  rolling_back: RolloutState.ROLLING_BACK,
  rolled_back: RolloutState.ROLLED_BACK,
} as const;

const view = (rollout: StoredRollout) => ({
  rolloutId: rollout.rolloutId,
  state: STATES[rollout.state],
  stagePercent: rollout.percent,
  stores: rollout.stores,
  confirmed: rollout.confirmed,
  failed: rollout.failed,
  reason: rollout.reason,
  startedTime: timestampFromMs(Math.round(rollout.startedMs)),
  stageTime: timestampFromMs(Math.round(rollout.stageMs)),
});
