import { create, createFileRegistry, fromBinary, type Message } from '@bufbuild/protobuf';
import {
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HubDatabase } from '../../src/hub/database.ts';
import type { Hub } from '../../src/hub/hub.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { rpcError } from '../../src/hub/rpc-error.ts';
import { shop, startHub, startStore, type TestStore, until } from './hub-bench.ts';

const STORE = '9521321000018';
const GTIN = '09521321001039';

/** google/rpc/status.proto and error_details.proto as their publisher numbers them, for a decoder that is not ours. */
const field = (name: string, number: number, type: Type, typeName?: string, label = Label.OPTIONAL) => ({
  ...{ name, jsonName: name, number, type, label },
  ...(typeName && { typeName }),
});
const publisher = createFileRegistry(
  create(FileDescriptorSetSchema, {
    file: [
      file_google_protobuf_any.proto,
      file_google_protobuf_duration.proto,
      {
        name: 'google/rpc/status.proto',
        package: 'google.rpc',
        syntax: 'proto3',
        dependency: ['google/protobuf/any.proto', 'google/protobuf/duration.proto'],
        messageType: [
          {
            name: 'Status',
            field: [
              field('code', 1, Type.INT32),
              field('message', 2, Type.STRING),
              field('details', 3, Type.MESSAGE, '.google.protobuf.Any', Label.REPEATED),
            ],
          },
          { name: 'ErrorInfo', field: [field('reason', 1, Type.STRING), field('domain', 2, Type.STRING)] },
          {
            name: 'RetryInfo',
            field: [field('retry_delay', 1, Type.MESSAGE, '.google.protobuf.Duration')],
          },
        ],
      },
    ],
  }) as FileDescriptorSet,
);
const read = (name: string, bytes: Uint8Array) => fromBinary(publisher.getMessage(name)!, bytes) as Decoded;
type Decoded = Message & Record<string, unknown>;

/** What a foreign client makes of an error: the status and each of its details, as plain values. */
function decoded(error: Pick<ServiceError, 'metadata'>) {
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const { code, message, details } = read('google.rpc.Status', bytes as Buffer);
  const named = (details as { typeUrl: string; value: Uint8Array }[]).map(({ typeUrl, value }) => {
    expect(typeUrl).toMatch(/^type\.googleapis\.com\/google\.rpc\.\w+$/);
    const { $typeName, $unknown, ...plain } = read(typeUrl.split('/')[1]!, value);
    return [$typeName.split('.').at(-1), plain] as const;
  });
  return { code, message, ...Object.fromEntries(named) };
}

describe('an error carries its google.rpc.Status', () => {
  it.each([
    [100, 0n, 100_000_000],
    [1_000, 1n, 0],
    [61_250, 61n, 250_000_000],
  ])('the wait of %d ms before a repeat is a Duration', (retryInMs, seconds, nanos) => {
    const { RetryInfo } = decoded(rpcError(status.UNAVAILABLE, 'later', { retryInMs }));
    expect(RetryInfo).toMatchObject({ retryDelay: { seconds, nanos } });
  });

  it('any text arrives whole', () => {
    const text = `"${'ü'.repeat(300)}" ist nicht da`;
    expect(decoded(rpcError(status.NOT_FOUND, text))).toEqual({
      code: status.NOT_FOUND,
      message: text,
      ErrorInfo: { reason: 'NOT_FOUND', domain: 'aisle' },
    });
  });
});

describe('over the wire', () => {
  let database: HubDatabase;
  let hub: Hub;
  let client: ReturnType<typeof shop>;
  const stores: TestStore[] = [];
  const refused = async (call: Promise<unknown>) => {
    const error = await call.then(
      () => null,
      (reason: ServiceError) => reason,
    );
    return error ? decoded(error) : null;
  };
  const order = (requestId: string) => ({
    storeGln: STORE,
    requestId,
    reserve: { reservationId: requestId, lines: [{ gtin: GTIN, quantity: 1n }] },
  });

  beforeAll(async () => {
    database = await openPglite(null);
    hub = await startHub(database);
    client = shop(hub.port);
  }, 60_000);
  afterAll(async () => {
    client.close();
    for (const { uplink } of stores) await uplink.stop(500);
    await hub.stop(500);
    await database.close();
  });

  it('a store that is away is worth another try', async () => {
    expect(await refused(client.reserve(order('away')))).toMatchObject({
      code: status.UNAVAILABLE,
      ErrorInfo: { reason: 'STORE_OFFLINE' },
      RetryInfo: { retryDelay: { seconds: 1n } },
    });
  });

  it('a mistake of the caller is not', async () => {
    const told = await refused(client.getStock({ gtin: 'x' }));
    expect(told).toMatchObject({ code: status.INVALID_ARGUMENT, ErrorInfo: { reason: 'INVALID_ARGUMENT' } });
    expect(told).not.toHaveProperty('RetryInfo');
  });

  it.each([
    ['insufficient', false, status.FAILED_PRECONDITION, 'INSUFFICIENT'],
    ['busy', true, status.UNAVAILABLE, 'BUSY'],
  ] as const)("the store's own %s is told as such", async (code, retry, expected, reason) => {
    stores.push(
      await startStore({
        gln: STORE,
        port: hub.port,
        epoch: `epoch-${code}`,
        submit: async () => ({ status: 'refused', failure: { code, message: `it is ${code}`, retry } }),
      }),
    );
    await until(async () => {
      const told = await refused(client.reserve(order(code)));
      expect(told).toMatchObject({ code: expected, message: `it is ${code}`, ErrorInfo: { reason } });
      expect(told && 'RetryInfo' in told).toBe(retry);
    });
    await stores.at(-1)!.uplink.stop(500);
  });
});
