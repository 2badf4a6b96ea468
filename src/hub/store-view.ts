import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Store, StoreSchema } from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { ConfigStateSchema, StoreHealthSchema } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { StoreRow } from './stock-queries.ts';
import type { StoreLinks } from './store-links.ts';

/** A store as the contract has it: what is stored of it, and whether its stream is open now. */
export function storeView(row: StoreRow, links: StoreLinks): Store {
  const link = links.find(row.store);
  const { name, latitude, longitude, health, config } = row;
  return create(StoreSchema, {
    storeGln: row.store,
    online: link !== null || row.online,
    epoch: row.epoch,
    ackedSeq: BigInt(row.ackedSeq),
    lastSeq: BigInt(row.lastSeq),
    eventCount: BigInt(row.eventCount),
    skippedCount: BigInt(row.skippedCount),
    quarantinedCount: BigInt(row.quarantinedCount),
    receiptsDisputed: BigInt(row.receiptsDisputed),
    heardTime: timestampFromMs(Math.round(link?.heardMs() ?? row.heardMs)),
    version: row.version,
    name: name ?? '',
    ...(latitude !== null && longitude !== null && { location: { latitude, longitude } }),
    ...(health && { health: fromBinary(StoreHealthSchema, health) }),
    ...(config && { config: fromBinary(ConfigStateSchema, config) }),
  });
}
