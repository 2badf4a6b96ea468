import { EventEmitter } from 'node:events';
import { create, fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { Client, type ClientReadableStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import {
  type Change,
  InventoryService,
  WatchChangesRequestSchema,
  type WatchChangesResponse,
} from '../../src/cloud/gen/aisle/inventory/v1/inventory_pb.ts';
import { EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { EventBatchSchema, HelloSchema, ReplaySchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { grpcMethod } from '../../src/cloud/grpc-service.ts';
import type { HubDatabase } from '../../src/hub/database.ts';
import { FORGOTTEN_AFTER_MS, feedFloorMs, noteConsumer, trimFeed } from '../../src/hub/feed/consumers.ts';
import { BEGINNING, type Position, parsePosition, positionText } from '../../src/hub/feed/position.ts';
import { createFeedPump } from '../../src/hub/feed/pump.ts';
import { readFeed } from '../../src/hub/feed/read-feed.ts';
import { sequence } from '../../src/hub/feed/sequencer.ts';
import { createWatchService } from '../../src/hub/feed/watch-service.ts';
import type { Hub } from '../../src/hub/hub.ts';
import type { EventLedger } from '../../src/hub/ledger.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentLog } from '../../src/shared/log.ts';
import { pick } from '../cloud/facts.ts';
import { shop, startHub, until } from './hub-bench.ts';

const [A, B] = ['9521321000018', '9521321000025'] as const;
const clock = systemClock();
let database: HubDatabase;
let ledger: EventLedger;
let hub: Hub;

beforeAll(async () => {
  database = await openPglite(null);
  hub = await startHub(database);
  ledger = createSqlLedger(database, 'receiver-1');
  for (const storeGln of [A, B]) {
    await ledger.register(create(HelloSchema, { storeGln, epoch: 'e1', version: '1' }), 's1', 1);
  }
}, 60_000);
afterAll(async () => {
  await hub.stop(1000);
  await database.close();
});

const next = new Map<string, number>([
  [A, 1],
  [B, 1],
]);
const batch = (store: string, events: number) => {
  const firstSeq = next.get(store)!;
  next.set(store, firstSeq + events);
  return create(EventBatchSchema, {
    firstSeq: BigInt(firstSeq),
    events: Array.from({ length: events }, (_, i) =>
      encodeEntry({ seq: firstSeq + i, fact: pick(), eventTimeMs: 1, receivedTimeMs: 2 }),
    ),
  });
};
const tell = (store: string, events: number) =>
  ledger.ingest({ store, epoch: 'e1', stream: 's1' }, batch(store, events), 1);

/** Everything behind a position, page by page. */
async function readAll(after: Position, store: string | null = null) {
  const names: string[] = [];
  let position = after;
  for (;;) {
    const page = await readFeed(database, position, store);
    if (page.events.length === 0) return { names, position: page.position };
    names.push(...page.events.map(event => `${event.store === A ? 'a' : 'b'}${event.seq}`));
    position = page.position;
  }
}
const run = (letter: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${from + i}`);

/** A reader on the wire that keeps what it got. */
function watch(request: MessageInitShape<typeof WatchChangesRequestSchema>) {
  const client = new Client(`127.0.0.1:${hub.port}`, credentials.createInsecure());
  const desc = InventoryService.method.watchChanges;
  const { path, requestSerialize, responseDeserialize } = grpcMethod(desc);
  const stream = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    create(desc.input, request),
  ) as ClientReadableStream<WatchChangesResponse>;
  const changes: Change[] = [];
  let position = '';
  const ended = new Promise<ServiceError>(resolve => stream.once('error', resolve));
  stream.on('data', (response: WatchChangesResponse) => {
    changes.push(...response.changes);
    position = response.position;
  });
  return {
    seqs: () => changes.map(change => `${change.storeGln === A ? 'a' : 'b'}${change.event!.seq}`),
    position: () => position,
    ended,
    close() {
      stream.cancel();
      client.close();
    },
  };
}

describe('the feed', () => {
  it('tells every event once and in the order of its store, however it is paged and resumed', async () => {
    await tell(A, 3);
    await sequence(database, 10);
    await tell(B, 700);
    await tell(A, 2);
    await sequence(database, 20);
    const { names, position } = await readAll(BEGINNING);
    expect(names.filter(name => name.startsWith('a'))).toEqual(run('a', 1, 5));
    expect(names.filter(name => name.startsWith('b'))).toEqual(run('b', 1, 700));
    expect((await readAll(BEGINNING, A)).names).toEqual(run('a', 1, 5));
    // A page ends in the middle of the long run; what it says as text leads on from exactly there.
    const first = await readFeed(database, BEGINNING, B);
    expect(first.events).toHaveLength(500);
    const resumed = parsePosition(positionText(first.position))!;
    expect((await readAll(resumed, B)).names).toEqual(run('b', 501, 700));
    expect((await readAll(position)).names).toEqual([]);
  });

  it('reads no further for a reader that takes nothing, and goes on when it does', async () => {
    const written: WatchChangesResponse[] = [];
    const call = Object.assign(new EventEmitter(), {
      request: create(WatchChangesRequestSchema, { storeGln: B, afterPosition: '0' }),
      write(response: WatchChangesResponse) {
        written.push(response);
        return false;
      },
    });
    const pump = createFeedPump(database, clock, silentLog);
    const watch = createWatchService({ database, pump, clock, log: silentLog });
    watch.methods.watchChanges(call as unknown as Parameters<typeof watch.methods.watchChanges>[0]);
    await until(() => expect(written).toHaveLength(1));
    await pump.look();
    expect((await readAll(BEGINNING, B)).names).toHaveLength(700);
    expect(written.map(({ changes }) => changes.length)).toEqual([500]);
    call.emit('drain');
    await until(() => expect(written.map(({ changes }) => changes.length)).toEqual([500, 200]));
    watch.stop();
  });

  it('tells a repaired event when it is repaired, to those who had passed its number', async () => {
    const { position } = await readAll(BEGINNING);
    const broken = batch(A, 2);
    Object.assign(broken.events[0]!.body.value as object, { quantity: -1n });
    await ledger.ingest({ store: A, epoch: 'e1', stream: 's1' }, broken, 1);
    await sequence(database, 30);
    const passed = await readAll(position);
    expect(passed.names).toEqual(['a7']);
    Object.assign(broken.events[0]!.body.value as object, { quantity: 1n });
    const replay = create(ReplaySchema, { events: broken.events.slice(0, 1) });
    expect(await ledger.replay({ store: A, epoch: 'e1' }, replay, 1)).toEqual([]);
    await sequence(database, 40);
    expect((await readAll(passed.position)).names).toEqual(['a6']);
  });

  it('holds retention back for a reader with a name until it is forgotten, and says what is gone', async () => {
    const hour = 3_600_000;
    const start = 1000 * hour;
    await sequence(database, start);
    await noteConsumer(database, 'copy', (await readAll(BEGINNING)).position, start);
    await tell(A, 1);
    await sequence(database, start + 5 * hour);
    await tell(A, 1);
    // The first event that the reader has not had was stored after the look at `start`; an hour is kept in reserve.
    expect(await feedFloorMs(database, start + 9 * hour)).toBe(start - hour);
    await noteConsumer(database, 'copy', (await readAll(BEGINNING)).position, start + 9 * hour);
    expect(await feedFloorMs(database, start + 9 * hour)).toBe(start + 8 * hour);
    expect(await feedFloorMs(database, start + 9 * hour + FORGOTTEN_AFTER_MS + 1)).toBeNull();
    const before = (await readAll(BEGINNING)).names.length;
    await trimFeed(database, start + hour);
    expect((await readAll(BEGINNING)).names).toHaveLength(2);
    expect(before).toBeGreaterThan(2);
    const gone = watch({ afterPosition: '1' });
    expect(await gone.ended).toMatchObject({ code: status.OUT_OF_RANGE });
    gone.close();
  });
});

describe('WatchChanges', () => {
  it('goes on with what comes, for each reader by itself, and resumes behind a position', async () => {
    const all = watch({ afterPosition: '0' });
    const fromNow = watch({ storeGln: B, consumer: 'b-copy' });
    await until(() => expect([all.position(), fromNow.position()]).not.toContain(''));
    const from = next.get(B)!;
    await tell(B, 2);
    await tell(A, 1);
    await until(() => expect(fromNow.seqs()).toEqual(run('b', from, from + 1)));
    await until(() => expect(all.seqs()).toContain(`a${next.get(A)! - 1}`));
    const { events } = await readFeed(database, BEGINNING, B);
    expect(fromBinary(EventSchema, events.at(-1)!.body).body.case).toBe('movement');
    const position = fromNow.position();
    fromNow.close();
    await tell(B, 1);
    const resumed = watch({ storeGln: B, afterPosition: position });
    await until(() => expect(resumed.seqs()).toEqual([`b${from + 2}`]));
    const names = await database.query('SELECT consumer FROM feed_consumer');
    expect(names).toEqual([{ consumer: 'b-copy' }]);
    for (const reader of [all, resumed]) reader.close();
  });

  it.each([
    [{ storeGln: '123' }, status.INVALID_ARGUMENT, /store_gln is "123"/],
    [{ afterPosition: 'yesterday' }, status.INVALID_ARGUMENT, /after_position is "yesterday"/],
    [{ consumer: 'Mr X' }, status.INVALID_ARGUMENT, /consumer is "Mr X"/],
    [{ afterPosition: '999999' }, status.OUT_OF_RANGE, /has only come to/],
  ])('refuses %j', async (request, code, words) => {
    const reader = watch(request);
    expect(await reader.ended).toMatchObject({ code, details: expect.stringMatching(words) });
    reader.close();
  });
});

describe('ListQuarantined', () => {
  it('tells what was put aside and why, a page at a time', async () => {
    const broken = batch(A, 3);
    for (const event of broken.events) Object.assign(event.body.value as object, { quantity: 0n });
    await ledger.ingest({ store: A, epoch: 'e1', stream: 's1' }, broken, clock.nowMs());
    const caller = shop(hub.port);
    const first = await caller.listQuarantined({ storeGln: A, pageSize: 2 });
    const second = await caller.listQuarantined({
      storeGln: A,
      pageSize: 2,
      pageToken: first.nextPageToken,
    });
    expect([...first.events, ...second.events].map(event => event.seq)).toEqual(
      broken.events.map(event => event.seq),
    );
    expect(first.events[0]).toMatchObject({ epoch: 'e1', reason: expect.stringContaining('quantity is 0') });
    expect(second.nextPageToken).toBe('');
    caller.close();
  });
});
