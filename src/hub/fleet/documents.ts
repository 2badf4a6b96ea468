import { create, toBinary } from '@bufbuild/protobuf';
import {
  ConfigurationSchema,
  PriceListSchema,
  type SignedDocument,
} from '../../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { StoreOrder } from '../command-relay.ts';
import { BEFORE_ALL, type StoredRollout } from './rollout-book.ts';
import type { TrackedStore } from './rollout-stores.ts';

export type Sign = (content: Uint8Array) => SignedDocument;

/** A command by the name that makes it one and the same however often it is sent. */
export type Order = Pick<StoreOrder, 'storeGln' | 'requestId' | 'body'>;

const MIN_CONFIRM_S = 10;
const MAX_CONFIRM_S = 600;
export const DEFAULT_SOAK_S = 86_400;

export const soakMsOf = ({ request }: Pick<StoredRollout, 'request'>): number =>
  (request.soakSeconds || DEFAULT_SOAK_S) * 1000;

/** How long a store may take to prove itself well: half of a stage's time, within what stores accept. */
export const confirmSecondsOf = (rollout: Pick<StoredRollout, 'request'>): number =>
  Math.min(MAX_CONFIRM_S, Math.max(MIN_CONFIRM_S, Math.floor(soakMsOf(rollout) / 2000)));

/** What a store is told: the change itself, signed, for this store alone. */
export function applyOrder(rollout: StoredRollout, store: string, sign: Sign): Order {
  const { request, version } = rollout;
  const { change } = request;
  if (change.case === 'prices') {
    const { listVersion } = change.value;
    const prices = change.value.prices.map(({ gtin, priceMinor }) => ({ gtin, priceMinor }));
    const list = create(PriceListSchema, { storeGln: store, version: BigInt(version), listVersion, prices });
    return pricesOrder(`rollout-${version}`, store, sign(toBinary(PriceListSchema, list)));
  }
  const configuration = create(ConfigurationSchema, {
    storeGln: store,
    version: BigInt(version),
    policiesJson: change.value ?? '',
    confirmWithinSeconds: confirmSecondsOf(rollout),
  });
  return configurationOrder(`rollout-${version}`, store, sign(toBinary(ConfigurationSchema, configuration)));
}

/**
 * What puts a store back. `policiesJson` is what its version before said; empty for version 0. null when there is nothing to put
 * back: the hub knew no price of these items at that store.
 */
export function undoOrder(
  rollout: StoredRollout,
  { store, before }: Pick<TrackedStore, 'store' | 'before'>,
  policiesJson: string,
  sign: Sign,
): Order | null {
  const head = { storeGln: store, rollback: true };
  const requestId = `rollback-${rollout.version}`;
  if (rollout.kind === 'prices') {
    if (before.prices.length === 0) return null;
    const prices = before.prices.map(([gtin, minor]) => ({ gtin, priceMinor: BigInt(minor) }));
    const listVersion = before.priceList || `before ${rollout.rolloutId}`;
    const version = BigInt(Math.max(BEFORE_ALL, before.version));
    const list = create(PriceListSchema, { ...head, version, listVersion, prices });
    return pricesOrder(requestId, store, sign(toBinary(PriceListSchema, list)));
  }
  const confirmWithinSeconds = confirmSecondsOf(rollout);
  const version = BigInt(before.version);
  const configuration = create(ConfigurationSchema, {
    ...head,
    version,
    policiesJson,
    confirmWithinSeconds,
  });
  return configurationOrder(requestId, store, sign(toBinary(ConfigurationSchema, configuration)));
}

// The key is part of the name: a document that is signed anew by the next key is another request.
const configurationOrder = (name: string, storeGln: string, document: SignedDocument): Order => ({
  storeGln,
  requestId: `${name}-${document.keyId}`,
  body: { case: 'applyConfiguration', value: { document } },
});

const pricesOrder = (name: string, storeGln: string, document: SignedDocument): Order => ({
  storeGln,
  requestId: `${name}-${document.keyId}`,
  body: { case: 'applyPriceList', value: { document } },
});
