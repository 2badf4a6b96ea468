import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  type SyncRequest,
  type SyncResponse,
  SyncResponseSchema,
  SyncService,
} from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcService } from '../../src/cloud/grpc-service.ts';

type Call = ServerDuplexStream<SyncRequest, SyncResponse>;
type Body = NonNullable<MessageInitShape<typeof SyncResponseSchema>['body']>;

/** One stream as the cloud sees it. */
export interface CloudStream {
  readonly received: SyncRequest[];
  /** First and last number of each batch. */
  batches(): [number, number][];
  say(body: Body): void;
  welcome(ackedSeq: number): void;
  ack(ackedSeq: number): void;
  cut(): void;
  pause(): void;
  resume(): void;
}

export interface ScriptedCloud {
  readonly address: string;
  readonly streams: CloudStream[];
  close(): void;
}

/** A real gRPC server that says only what the test tells it to say; on a free port unless one is given. */
export async function scriptedCloud(
  onStream: (stream: CloudStream) => void,
  wantedPort = 0,
  credentials = ServerCredentials.createInsecure(),
): Promise<ScriptedCloud> {
  const server = new Server();
  const streams: CloudStream[] = [];
  server.addService(grpcService(SyncService), {
    sync(call: Call) {
      const stream = streamOf(call);
      streams.push(stream);
      onStream(stream);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wantedPort}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, streams, close: () => server.forceShutdown() };
}

function streamOf(call: Call): CloudStream {
  const received: SyncRequest[] = [];
  const say = (body: Body) => void call.write(create(SyncResponseSchema, { body }));
  call.on('data', (request: SyncRequest) => received.push(request));
  call.on('error', () => {});
  call.on('end', () => call.end());
  return {
    received,
    batches: () =>
      received.flatMap(({ body }) =>
        body.case === 'events'
          ? [[Number(body.value.firstSeq), Number(body.value.firstSeq) + body.value.events.length - 1]]
          : [],
      ),
    say,
    welcome: ackedSeq => say({ case: 'welcome', value: { ackedSeq: BigInt(ackedSeq) } }),
    ack: ackedSeq => say({ case: 'ack', value: { ackedSeq: BigInt(ackedSeq) } }),
    cut: () => void call.emit('error', Object.assign(new Error('cut'), { code: status.UNAVAILABLE })),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
  };
}
