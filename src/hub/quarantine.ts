import { create, fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import {
  type ListQuarantinedRequest,
  type ListQuarantinedResponse,
  ListQuarantinedResponseSchema,
} from '../cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import { parseGln } from '../shared/gtin.ts';
import type { HubDatabase } from './database.ts';
import { pageSize } from './page-size.ts';
import { rpcError } from './rpc-error.ts';

/** Events of one store that were put aside, a page at a time. */
export async function listQuarantined(
  request: ListQuarantinedRequest,
  database: HubDatabase,
): Promise<ListQuarantinedResponse> {
  const store = parseGln(request.storeGln);
  if (!store) {
    const said = `store_gln is "${request.storeGln}"`;
    throw rpcError(status.INVALID_ARGUMENT, `${said}; write the 13 digits of a GLN`);
  }
  const limit = pageSize(request.pageSize);
  const [seq = '', digest = '', ...epoch] = request.pageToken.split(' ');
  if (!/^\d{0,18}$/.test(seq)) {
    throw rpcError(status.INVALID_ARGUMENT, 'page_token is not one of ours; take next_page_token');
  }
  const rows = await database.query<{
    epoch: string;
    seq: unknown;
    digest: string;
    reason: string;
    body: Uint8Array;
  }>(
    `SELECT epoch, seq, digest, reason, body FROM quarantine
     WHERE store = $1 AND (epoch, seq, digest) > ($2, $3::bigint, $4)
     ORDER BY epoch, seq, digest LIMIT $5`,
    [store, epoch.join(' '), seq || '0', digest, limit],
  );
  const last = rows.at(-1);
  return create(ListQuarantinedResponseSchema, {
    events: rows.map(row => ({
      epoch: row.epoch,
      seq: BigInt(Number(row.seq)),
      reason: row.reason,
      event: fromBinary(EventSchema, row.body),
    })),
    nextPageToken: last && rows.length === limit ? `${last.seq} ${last.digest} ${last.epoch}` : '',
  });
}
