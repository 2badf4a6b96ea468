import { createHash } from 'node:crypto';
import type { ChannelCredentials } from '@grpc/grpc-js';
import { createDialer } from '../../cloud/dial.ts';
import type { SigningKeys } from '../../cloud/signed-document.ts';
import { createUplink, type UplinkOptions } from '../../cloud/uplink.ts';
import { readPolicies } from '../../config/policies.ts';
import type { Document } from '../../readings/documents.ts';
import type { Submit } from '../../readings/submit.ts';
import { type Clock, endOfTurn } from '../../shared/clock.ts';
import type { Counters } from '../../shared/counters.ts';
import type { Log } from '../../shared/log.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { createSimulatedStore, type Defect, type SimulatedStore } from './simulated-store.ts';

export interface SimulatedGatewayOptions {
  readonly gln: string;
  readonly address: string;
  readonly credentials: () => ChannelCredentials;
  /** null: it believes nobody. */
  readonly signingKeys: SigningKeys | null;
  readonly defect: Defect | null;
  readonly random: () => number;
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

export interface SimulatedGateway {
  start(): Promise<void>;
  stop(): Promise<void>;
  isConnected(): boolean;
  readonly store: SimulatedStore;
}

/** A gateway without a store around it: the real link, the real proof of what it is told, and a store that lives by chance. */
export function createSimulatedGateway(options: SimulatedGatewayOptions): SimulatedGateway {
  const { gln, address, credentials, signingKeys, defect, random, clock } = options;
  const store = createSimulatedStore({ defect, random }, clock.nowMs());
  const uplink = createUplink({
    ...options,
    storeGln: gln,
    dial: createDialer(address, credentials),
    outbox: emptyLog(`fleet-${gln}`),
    readState: () => ({ stock: [], reservations: [], standing: [] }),
    stockOf: () => null,
    storeHealth() {
      store.live(clock.nowMs());
      return store.health();
    },
    configState: store.config,
    soon: endOfTurn,
    submit: obey(store, clock),
    subscribe: () => () => {},
    wasDone: () => false,
    lookupReservation: () => null,
    trust: {
      storeGln: gln,
      signingKeys: signingKeys && (() => signingKeys),
      learnKeys: async () => {},
      readPolicies,
    },
  });
  return {
    start: () => uplink.start(),
    stop: () => uplink.stop(0),
    isConnected: () => uplink.view().connected,
    store,
  };
}

/** Does what it is told, as far as that is a configuration or a price list. */
function obey(store: SimulatedStore, clock: Clock): Submit {
  let highest = 0;
  const carryOut = (document: Document): Result<null> => {
    if (document.type === 'price_list') {
      store.takePrices(document.version);
      return ok(null);
    }
    if (document.type !== 'configure') return fail('unsupported', 'a simulated gateway has no goods');
    const { version, rollback, policies, confirmWithinMs } = document;
    if (!rollback && version <= highest && Number(store.config().version) !== version) {
      return fail('invalid', `configuration ${version} is not newer than ${highest}`);
    }
    highest = Math.max(highest, version);
    const hash =
      policies === null ? 'files' : createHash('sha256').update(JSON.stringify(policies)).digest('hex');
    store.apply({ version, hash, confirmMs: confirmWithinMs, isRollback: rollback }, clock.nowMs());
    return ok(null);
  };
  return async ([reading]) => {
    const done =
      reading?.kind === 'document'
        ? carryOut(reading.document)
        : fail('unsupported', 'only documents are taken');
    return done.ok ? { status: 'accepted', seq: null } : { status: 'refused', failure: done.error };
  };
}

/** The log of a store in which nothing happens. */
const emptyLog = (epoch: string): UplinkOptions['outbox'] => {
  const nothing = () => {};
  const zero = () => 0;
  const none = () => null;
  const empty = () => [];
  const yes = () => true;
  return {
    epoch: () => epoch,
    renewEpoch: nothing,
    firstSeq: zero,
    read: empty,
    ackedSeq: zero,
    acknowledge: nothing,
    putAside: yes,
    deadLetters: empty,
    deadLetterCount: zero,
    deadLetterOf: none,
    takenBack: nothing,
    lastSeq: zero,
    pending: zero,
    oldestPendingMs: none,
    trim: zero,
    sent: yes,
    sentSeq: zero,
    linkUp: nothing,
    linkDown: nothing,
    superseded: nothing,
    backlog: () => ({ bytes: 0, budgetBytes: 0, usedShare: 0, level: 'none', reason: null }),
    relieve: zero,
    endedOutage: none,
    closeOutage: nothing,
    discards: empty,
    lastReceipt: none,
    receipts: empty,
  };
};
