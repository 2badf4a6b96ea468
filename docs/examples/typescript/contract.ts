/**
 * The generated code of the contract. In your own project these lines name the folder that you generated it into; see README.md.
 */
export {
  Fulfilment,
  InventoryService,
  type Order,
  OrderState,
} from '../../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
export { type Event, EventSchema } from '../../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
export {
  type EventBatch,
  type Hello,
  type SyncRequest,
  type SyncResponse,
  SyncResponseSchema,
  SyncService,
} from '../../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
