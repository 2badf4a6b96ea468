import { createHash } from 'node:crypto';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventSchema, PlaceKind } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import {
  type SyncRequest,
  SyncRequestSchema,
  type SyncResponse,
  SyncService,
  type Welcome,
} from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcMethod } from '../../src/cloud/grpc-service.ts';
import { freePorts } from '../support/free-ports.ts';
import { hasPython } from '../support/needs.ts';
import { type Program, startProgram } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const GTIN = '09521321001039';
const AT_MS = Date.UTC(2026, 0, 5, 8);
type Body = NonNullable<MessageInitShape<typeof SyncRequestSchema>['body']>;
type WireEvent = MessageInitShape<typeof EventSchema>;

/** So many units come to the backroom. */
const delivery = (seq: number, quantity: number, gtin = GTIN): WireEvent => ({
  seq: BigInt(seq),
  eventTime: timestampFromMs(AT_MS + seq),
  receivedTime: timestampFromMs(AT_MS + seq + 5),
  body: {
    case: 'movement',
    value: {
      gtin,
      quantity: BigInt(quantity),
      fromPlace: { kind: PlaceKind.SUPPLIER },
      toPlace: { kind: PlaceKind.BACKROOM },
    },
  },
});

/** A gateway's side of one stream, word by word. */
function openStream(port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = grpcMethod(SyncService.method.sync);
  const stream: ClientDuplexStream<SyncRequest, SyncResponse> = client.makeBidiStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
  );
  stream.on('error', () => {});
  const answers = stream[Symbol.asyncIterator]() as AsyncIterator<SyncResponse>;
  return {
    async say(body: Body) {
      stream.write(create(SyncRequestSchema, { body }));
      return ((await answers.next()).value as SyncResponse).body;
    },
    close() {
      stream.cancel();
      client.close();
    },
  };
}

const examples = hasPython('grpc_tools', 'python3-grpc-tools') && hasPython('grpc', 'python3-grpcio');

describe.skipIf(!examples)('docs/examples/python/hub_part.py, word by word', () => {
  let program: Program;
  let stream: ReturnType<typeof openStream>;
  const hello: Body = { case: 'hello', value: { storeGln: '9521321000018', epoch: 'one', lastSeq: 9n } };
  const events = (firstSeq: number, ...list: WireEvent[]): Body => ({
    case: 'events',
    value: { firstSeq: BigInt(firstSeq), events: list },
  });
  let port: number;

  beforeEach(async () => {
    [port] = (await freePorts(1)) as [number];
    program = startProgram('/usr/bin/python3', [
      'docs/examples/python/hub_part.py',
      '--listen',
      `127.0.0.1:${port}`,
    ]);
    await waitFor('it listens', () => program.output().includes('waiting for stores'), 30_000);
    stream = openStream(port);
  });
  afterEach(async () => {
    stream.close();
    await program.stop('SIGKILL');
  });
  const printed = async () => {
    stream.close();
    expect(await program.stop('SIGINT')).toBe(0);
    return program.output();
  };

  it('puts a bad event aside, takes it mended, and holds up nothing behind it', async () => {
    expect(await stream.say(hello)).toMatchObject({ value: { ackedSeq: 0n, ackedDigest: new Uint8Array() } });
    const answer = await stream.say(events(1, delivery(1, 10), delivery(2, 5, 'x'), delivery(3, 1)));
    expect(answer).toMatchObject({ case: 'ack', value: { ackedSeq: 3n, rejected: [{ seq: 2n }] } });
    const replay = (event: WireEvent): Body => ({ case: 'replay', value: { events: [event] } });
    expect(await stream.say(replay(delivery(2, 5, 'x')))).toMatchObject({
      value: { takenSeqs: [], rejected: [{ seq: 2n, reason: 'movement.gtin is "x", not 14 digits' }] },
    });
    for (const _ of ['mended', 'and again']) {
      expect(await stream.say(replay(delivery(2, 5)))).toMatchObject({
        value: { takenSeqs: [2n], rejected: [] },
      });
    }
    expect(await printed()).toMatch(/09521321001039 backroom +16\n/);
  });

  it('takes a snapshot for the events that are gone, and the events behind it', async () => {
    await stream.say(hello);
    expect(await stream.say(events(5, delivery(5, 1)))).toMatchObject({
      case: 'gap',
      value: { expectedSeq: 1n },
    });
    const places = (quantity: bigint) => [
      { place: { kind: PlaceKind.BACKROOM }, quantity },
      { place: { kind: PlaceKind.SUPPLIER }, quantity: -quantity },
    ];
    const snapshot: Body = {
      case: 'snapshot',
      value: { asOfSeq: 7n, part: 1, parts: 1, items: [{ gtin: GTIN, places: places(20n) }] },
    };
    expect(await stream.say(snapshot)).toMatchObject({ case: 'ack', value: { ackedSeq: 7n } });
    expect(await stream.say(events(8, delivery(8, 2)))).toMatchObject({ value: { ackedSeq: 8n } });
    expect(await printed()).toMatch(/09521321001039 backroom +22\n/);
  });

  it('says which event it holds last, and counts a run of discarded ones', async () => {
    await stream.say(hello);
    const run: WireEvent = { seq: 2n, body: { case: 'discarded', value: { count: 3n } } };
    expect(await stream.say(events(1, delivery(1, 1), run, delivery(5, 1)))).toMatchObject({
      value: { ackedSeq: 5n },
    });
    stream.close();
    stream = openStream(port);
    const welcome = (await stream.say(hello)).value as Welcome;
    const digest = createHash('sha256')
      .update(`5/${AT_MS + 5}/${AT_MS + 10}`)
      .digest('hex');
    expect(welcome.ackedSeq).toBe(5n);
    expect(Buffer.from(welcome.ackedDigest).toString('hex')).toBe(digest);
  });
});
