import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { type SyncRequest, SyncRequestSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { takeInLanes } from '../../src/hub/lanes.ts';
import { limits } from '../../src/shared/limits.ts';

type Body = NonNullable<MessageInitShape<typeof SyncRequestSchema>['body']>;

const say = (body: Body) => create(SyncRequestSchema, { body });
const batch = (firstSeq: number) =>
  say({ case: 'events', value: { firstSeq: BigInt(firstSeq), events: [] } });
const live = say({ case: 'liveStock', value: {} });
const nameOf = ({ body }: SyncRequest) =>
  body.case === 'events' ? `events ${body.value.firstSeq}` : String(body.case);

/** A stream whose events are stored only when the test says so. */
function bench(requests: readonly SyncRequest[]) {
  let read = 0;
  const taken: string[] = [];
  const stores: PromiseWithResolvers<void>[] = [];
  const failures: unknown[] = [];
  const done = takeInLanes(
    {
      next: async () => {
        const value = requests[read++];
        return value ? { value } : { value: undefined, done: true };
      },
    },
    async request => {
      taken.push(nameOf(request));
      if (request.body.case !== 'events') return;
      const store = Promise.withResolvers<void>();
      stores.push(store);
      await store.promise;
    },
    error => failures.push(error),
  );
  const turns = async () => {
    for (let turn = 0; turn < 50; turn++) await null;
  };
  return { taken, stores, failures, done, turns, read: () => read };
}

describe('the messages of a stream', () => {
  it('live stock is taken while events wait to be stored, and these in their order', async () => {
    const { taken, stores, turns, done } = bench([batch(1), batch(2), live]);
    await turns();
    expect(taken).toEqual(['events 1', 'liveStock']);
    stores[0]!.resolve();
    await turns();
    expect(taken).toEqual(['events 1', 'liveStock', 'events 2']);
    stores[1]!.resolve();
    await done;
  });

  it('no more is read than may wait', async () => {
    const { turns, read, stores } = bench(Array.from({ length: 50 }, (_, i) => batch(i + 1)));
    await turns();
    expect(read()).toBe(limits.hubOrderedWaiting + 1);
    stores[0]!.resolve();
    await turns();
    expect(read()).toBe(limits.hubOrderedWaiting + 2);
  });

  it('nothing behind an event that could not be stored is taken, and the stream ends', async () => {
    const { taken, stores, failures, turns, done } = bench([batch(1), batch(2)]);
    await turns();
    stores[0]!.reject(new Error('the disk'));
    await expect(done).rejects.toThrow('the disk');
    expect(taken).toEqual(['events 1']);
    expect(failures.length).toBeGreaterThan(0);
  });
});
