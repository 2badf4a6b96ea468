import { type ChannelCredentials, type ChannelOptions, Client } from '@grpc/grpc-js';
import { SyncService } from './gen/aisle/sync/v1/sync_pb.ts';
import { grpcMethod } from './grpc-service.ts';
import type { Stream } from './sync-session.ts';

/** One attempt to reach the cloud: a stream that may yet fail, and the end of the connection under it. */
export type Dial = () => { readonly stream: Stream; close(): void };

const CHANNEL: Partial<ChannelOptions> = {
  // Every attempt has its own connection: a shared one that hangs in CONNECTING would never recover.
  'grpc.use_local_subchannel_pool': 1,
  // The log is our retry buffer; the one of the library only costs memory.
  'grpc.enable_retries': 0,
};

const sync = grpcMethod(SyncService.method.sync);

/** `credentials` are asked for at every attempt, so that new certificates need no restart. */
export function createDialer(address: string, credentials: () => ChannelCredentials): Dial {
  return () => {
    const client = new Client(address, credentials(), CHANNEL);
    const stream = client.makeBidiStreamRequest(sync.path, sync.requestSerialize, sync.responseDeserialize);
    return { stream, close: () => client.close() };
  };
}
