import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Fact } from '../store/outbox.ts';
import type { ConfigurationView } from '../store/views.ts';
import { timestamp } from './encode-terms.ts';
import {
  type ConfigurationChangeSchema,
  ConfigurationState,
  type PriceListTakenSchema,
} from './gen/aisle/sync/v1/event_pb.ts';
import type { ConfigStateSchema } from './gen/aisle/sync/v1/sync_pb.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

export const CONFIGURATION_STATES: Record<FactOf<'configuration'>['state'], ConfigurationState> = {
  applied: ConfigurationState.APPLIED,
  confirmed: ConfigurationState.CONFIRMED,
  rolled_back: ConfigurationState.ROLLED_BACK,
};

export const encodeConfiguration = (
  fact: FactOf<'configuration'>,
): MessageInitShape<typeof ConfigurationChangeSchema> => ({
  state: CONFIGURATION_STATES[fact.state],
  version: BigInt(fact.version),
  sinceTime: timestamp(fact.sinceMs),
  versionBefore: BigInt(fact.versionBefore),
  policiesJson: JSON.stringify(fact.policies),
  changes: [...fact.changes],
  highestVersion: BigInt(fact.highestVersion),
  ...(fact.watch && {
    watch: {
      untilTime: timestamp(fact.watch.untilMs),
      fallbackVersion: BigInt(fact.watch.fallbackVersion),
      fallbackJson: JSON.stringify(fact.watch.fallback),
    },
  }),
  reason: fact.reason ?? '',
});

export const encodePriceList = (
  fact: FactOf<'price_list'>,
): MessageInitShape<typeof PriceListTakenSchema> => ({
  listVersion: fact.list,
  version: BigInt(fact.version),
  highestVersion: BigInt(fact.highestVersion),
});

/** What Hello and every heartbeat say of it. */
export const encodeConfigState = (view: ConfigurationView): MessageInitShape<typeof ConfigStateSchema> => ({
  effectiveHash: view.hash,
  version: BigInt(view.version),
  priceListVersion: view.priceList ?? '',
});
