import type { DescMessage, DescMethod } from '@bufbuild/protobuf';
import { create, fromBinary, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  createSimulatedStore,
  type Defect,
  type SimulatedStore,
} from '../../../src/cli/fleet/simulated-store.ts';
import { FleetService } from '../../../src/cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import {
  CommandResultSchema,
  ConfigStateSchema,
  ConfigurationSchema,
  HelloSchema,
  PriceListSchema,
  SignedDocumentSchema,
  StoreHealthSchema,
} from '../../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { CommandRelay } from '../../../src/hub/command-relay.ts';
import type { HubDatabase } from '../../../src/hub/database.ts';
import { createFleet } from '../../../src/hub/fleet/fleet.ts';
import { rpcError } from '../../../src/hub/rpc-error.ts';
import { createSqlLedger } from '../../../src/hub/sql-ledger.ts';
import { gs1CheckDigit } from '../../../src/shared/gtin.ts';
import { silentLog } from '../../../src/shared/log.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { randomOf } from '../../sync/random.ts';

/** What a store was told, in the words of a test: `apply 2`, `back to 0`, `prices w1: 199`. */
export interface ChainStore {
  readonly gln: string;
  readonly told: string[];
  store: SimulatedStore;
  /** Requests that it knows: the same one again has no effect, as at a real store. */
  readonly known: Set<string>;
  isOnline: boolean;
  word: string;
  heardMs: number;
  /** Takes what it is told and its answer is lost. */
  isMute: boolean;
  /** Refuses what it is told. */
  refuses: string | null;
}

export const glnOf = (number: number) => {
  const body = `9521${String(number).padStart(8, '0')}`;
  return body + gs1CheckDigit(body);
};

const BEAT_MS = 20_000;
/** A store of which nothing is new is heard of this often, which is often enough to count as online. */
const STILL_MS = 40_000;

/** A chain of simulated stores on the hub's real tables, in virtual time. The hub forgets everything but its tables between two rounds. */
export async function createChain(
  database: HubDatabase,
  {
    first,
    stores: count,
    defectAt = () => null,
  }: { first: number; stores: number; defectAt?: (index: number) => Defect | null },
) {
  const clock = manualClock();
  const ledger = createSqlLedger(database, 'test');
  const stores = new Map<string, ChainStore>();
  for (let index = 0; index < count; index++) {
    const gln = glnOf(first + index);
    const hello = { storeGln: gln, epoch: 'e', version: '1', lastSeq: 0n };
    await ledger.register(create(HelloSchema, hello), 'stream', clock.nowMs());
    const store = createSimulatedStore({ defect: defectAt(index), random: randomOf(index) }, clock.nowMs());
    stores.set(gln, {
      gln,
      told: [],
      store,
      known: new Set(),
      isOnline: true,
      word: '',
      heardMs: 0,
      isMute: false,
      refuses: null,
    });
  }
  const relay: CommandRelay = async ({ storeGln, requestId, body }) => {
    const store = stores.get(storeGln);
    if (!store?.isOnline) throw rpcError(status.UNAVAILABLE, 'not connected');
    if (store.refuses) throw rpcError(status.INVALID_ARGUMENT, store.refuses);
    if (!store.known.has(requestId)) take(store, body, clock.nowMs());
    store.known.add(requestId);
    if (store.isMute) throw rpcError(status.DEADLINE_EXCEEDED, 'no answer');
    return create(CommandResultSchema, { requestId });
  };
  const sign = (content: Uint8Array) => create(SignedDocumentSchema, { content, keyId: 'k' });
  const open = () => createFleet({ database, receiver: 'test', relay, sign, clock, log: silentLog });
  const beat = async () => {
    clock.advance(BEAT_MS);
    for (const each of stores.values()) {
      each.store.live(clock.nowMs());
      if (!each.isOnline) continue;
      const [health, config] = [each.store.health(), each.store.config()];
      const word = `${health.errors} ${health.devicesOnline} ${health.confirmed} ${config.version} ${config.effectiveHash}`;
      if (word === each.word && clock.nowMs() - each.heardMs < STILL_MS) continue;
      Object.assign(each, { word, heardMs: clock.nowMs() });
      const said = { health: create(StoreHealthSchema, health), config: create(ConfigStateSchema, config) };
      await ledger.noteHeard({ store: each.gln, epoch: 'e' }, said, clock.nowMs());
    }
    await open().manager.round();
  };
  return {
    stores: [...stores.values()],
    clock,
    beat,
    beats: async (times: number) => {
      for (let i = 0; i < times; i++) await beat();
    },
    ask: callsOf(() => open().service),
  };
}

function take(store: ChainStore, body: Parameters<CommandRelay>[0]['body'], nowMs: number): void {
  if (body.case !== 'applyConfiguration' && body.case !== 'applyPriceList')
    throw new Error('not of a rollout');
  const content = body.value.document?.content as Uint8Array;
  if (body.case === 'applyPriceList') {
    const { storeGln, listVersion, prices } = fromBinary(PriceListSchema, content);
    if (storeGln !== store.gln) throw new Error('a list for another store');
    store.told.push(`prices ${listVersion}: ${prices.map(({ priceMinor }) => priceMinor).join(' ')}`);
    store.store.takePrices(listVersion);
    return;
  }
  const { storeGln, version, rollback, policiesJson, confirmWithinSeconds } = fromBinary(
    ConfigurationSchema,
    content,
  );
  if (storeGln !== store.gln) throw new Error('a configuration for another store');
  store.told.push(`${rollback ? 'back to' : 'apply'} ${version} ${policiesJson}`.trim());
  store.store.apply(
    {
      version: Number(version),
      hash: policiesJson || 'files',
      confirmMs: confirmWithinSeconds * 1000,
      isRollback: rollback,
    },
    nowMs,
  );
}

type Methods = ReturnType<typeof createFleet>['service'];

/** The methods of the service as functions, without a wire. */
function callsOf(service: () => Methods) {
  const call =
    <I extends DescMessage, O extends DescMessage>(
      method: DescMethod & { readonly input: I; readonly output: O },
    ) =>
    (request: MessageInitShape<I>) =>
      new Promise<MessageShape<O>>((resolve, reject) => {
        const handle = service()[method.localName] as (
          call: unknown,
          done: (error: Error | null, answer?: never) => void,
        ) => void;
        const asked = { request: create(method.input, request), getPath: () => method.name };
        handle(asked, (error, answer) => (error ? reject(error) : resolve(answer!)));
      });
  const { startRollout, getRollout, listRollouts, haltRollout, listDrift } = FleetService.method;
  return {
    start: call(startRollout),
    get: call(getRollout),
    list: call(listRollouts),
    halt: call(haltRollout),
    drift: call(listDrift),
  };
}
