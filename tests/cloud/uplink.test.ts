import { credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDialer } from '../../src/cloud/dial.ts';
import { createUplink, type Uplink } from '../../src/cloud/uplink.ts';
import type { Submit } from '../../src/readings/submit.ts';
import { createCounters } from '../../src/shared/counters.ts';
import { limits } from '../../src/shared/limits.ts';
import { type Log, silentLog } from '../../src/shared/log.ts';
import type { Change } from '../../src/store/views.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { pick } from './facts.ts';
import { type MemoryOutbox, memoryOutbox, quietStore } from './memory-outbox.ts';
import { type CloudStream, type ScriptedCloud, scriptedCloud } from './scripted-cloud.ts';

interface Bench {
  readonly cloud: ScriptedCloud;
  readonly uplink: Uplink;
  readonly outbox: MemoryOutbox;
  readonly clock: ManualClock;
  readonly errors: string[];
  /** Facts are committed and their listeners told. */
  commit(count: number): void;
  stream(index: number): Promise<CloudStream>;
  /** Lets the back-off pass. */
  retry(): Promise<void>;
}

const open: Bench[] = [];
afterEach(async () => {
  for (const { uplink, cloud } of open.splice(0)) {
    await uplink.stop(1000);
    cloud.close();
  }
});

const until = (check: () => void) => vi.waitFor(check, { timeout: 5000, interval: 5 });
const submit: Submit = async () => ({ status: 'accepted', seq: null });

async function bench(
  onStream: (stream: CloudStream) => void = stream => stream.welcome(0),
  prepare: (outbox: MemoryOutbox) => void = () => {},
): Promise<Bench> {
  const cloud = await scriptedCloud(onStream);
  const outbox = memoryOutbox();
  prepare(outbox);
  const clock = manualClock();
  const errors: string[] = [];
  const listeners = new Set<(change: Change) => void>();
  const log: Log = { ...silentLog, error: (_, message) => void errors.push(message) };
  const uplink = createUplink({
    address: cloud.address,
    dial: createDialer(cloud.address, () => credentials.createInsecure()),
    storeGln: '9521321000018',
    version: '0.1.0',
    outbox,
    submit,
    subscribe: listener => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...quietStore,
    lookupReservation: () => null,
    clock,
    log,
    counters: createCounters(),
    random: () => 0.5,
  });
  const made: Bench = {
    cloud,
    uplink,
    outbox,
    clock,
    errors,
    commit(count) {
      for (let i = 0; i < count; i++) outbox.append(pick());
      for (const tell of listeners) tell({ kind: 'facts', entries: [] });
    },
    async stream(index) {
      await until(() => expect(cloud.streams.length).toBeGreaterThan(index));
      return cloud.streams[index]!;
    },
    async retry() {
      await until(() => expect(uplink.view().detail).not.toBeNull());
      clock.advance(limits.uplinkBackoffMaxMs);
    },
  };
  open.push(made);
  await uplink.start();
  return made;
}

describe('the uplink', () => {
  it('says who it is and what it has', async () => {
    const { stream } = await bench(undefined, outbox => {
      outbox.append(pick(), pick(), pick());
      outbox.acknowledge(2);
    });
    const { received } = await stream(0);
    await until(() => expect(received.length).toBeGreaterThan(0));
    expect(received[0]!.body).toMatchObject({
      case: 'hello',
      value: { storeGln: '9521321000018', epoch: 'e1', version: '0.1.0', lastSeq: 3n, firstUnackedSeq: 3n },
    });
  });

  it('goes on where the cloud says, in order, as soon as facts are committed', async () => {
    const { stream, commit, uplink } = await bench(undefined, outbox => outbox.append(pick()));
    const cloud = await stream(0);
    await until(() => expect(cloud.batches()).toEqual([[1, 1]]));
    commit(2);
    await until(() => expect(cloud.batches().at(-1)).toEqual([2, 3]));
    cloud.ack(3);
    await until(() => expect(uplink.view()).toMatchObject({ connected: true, ackedSeq: 3, pending: 0 }));
    expect(uplink.health()).toEqual({ state: 'ok' });
  });

  it('keeps a window of batches under way and waits for the acknowledgement', async () => {
    const { stream, commit } = await bench();
    const cloud = await stream(0);
    await until(() => expect(cloud.received.length).toBe(1));
    const full = limits.uplinkBatchEvents * limits.uplinkWindowBatches;
    commit(full + 10);
    await until(() => expect(cloud.batches().length).toBe(limits.uplinkWindowBatches));
    cloud.ack(limits.uplinkBatchEvents);
    await until(() => expect(cloud.batches().at(-1)).toEqual([full + 1, full + 10]));
  });

  it('resumes after a cut in the middle of a window with what the cloud does not hold', async () => {
    let welcomeAt = 0;
    const { stream, commit, retry, outbox } = await bench(it => it.welcome(welcomeAt));
    const first = await stream(0);
    commit(limits.uplinkBatchEvents * 2);
    await until(() => expect(first.batches().length).toBe(2));
    first.ack(limits.uplinkBatchEvents);
    await until(() => expect(outbox.ackedSeq()).toBe(limits.uplinkBatchEvents));
    welcomeAt = limits.uplinkBatchEvents;
    first.cut();
    await retry();
    const second = await stream(1);
    await until(() =>
      expect(second.batches()).toEqual([[limits.uplinkBatchEvents + 1, limits.uplinkBatchEvents * 2]]),
    );
  });

  it('goes back when the cloud misses events', async () => {
    const { stream, commit } = await bench();
    const cloud = await stream(0);
    commit(3);
    await until(() => expect(cloud.batches()).toEqual([[1, 3]]));
    cloud.say({ case: 'gap', value: { expectedSeq: 2n } });
    await until(() => expect(cloud.batches().at(-1)).toEqual([2, 3]));
  });

  it('sends again what the cloud has forgotten', async () => {
    const { stream } = await bench(undefined, outbox => {
      outbox.append(pick(), pick());
      outbox.acknowledge(2);
    });
    const cloud = await stream(0);
    await until(() => expect(cloud.batches()).toEqual([[1, 2]]));
  });

  it('sends the state of the store in the place of events that are deleted here, and goes on behind it', async () => {
    const { stream, commit, uplink } = await bench(undefined, outbox => {
      outbox.append(pick(), pick(), pick());
      outbox.acknowledge(2);
      outbox.forget(2);
    });
    const cloud = await stream(0);
    await until(() => expect(cloud.received.some(({ body }) => body.case === 'snapshot')).toBe(true));
    expect(cloud.received.at(-1)?.body).toMatchObject({
      case: 'snapshot',
      value: { asOfSeq: 3n, part: 1, parts: 1 },
    });
    cloud.ack(3);
    commit(1);
    await until(() => expect(cloud.batches()).toEqual([[4, 4]]));
    expect(uplink.view()).toMatchObject({ connected: true, pending: 1 });
  });

  it.each([
    ['knows another future of it', 9, 2],
    ['holds more of it than it ever sent', 2, 1],
  ])('takes a new name for its log when the cloud %s', async (_, acked, sentSeq) => {
    const known = [acked, 0];
    const { stream, retry, outbox, errors } = await bench(
      it => it.welcome(known.shift() ?? 0),
      outbox => {
        outbox.append(pick(), pick());
        outbox.sentSeq = () => sentSeq;
      },
    );
    await retry();
    const second = await stream(1);
    await until(() => expect(second.received.length).toBeGreaterThan(0));
    expect(outbox.epoch()).not.toBe('e1');
    expect(second.received[0]?.body).toMatchObject({ case: 'hello', value: { epoch: outbox.epoch() } });
    expect(errors).toEqual([expect.stringMatching(/older copy/)]);
  });

  it('drops a cloud that acknowledges what was never sent', async () => {
    const { stream, commit, outbox, uplink } = await bench();
    const cloud = await stream(0);
    commit(2);
    await until(() => expect(cloud.batches()).toEqual([[1, 2]]));
    cloud.ack(3);
    await until(() => expect(uplink.view()).toMatchObject({ connected: false }));
    expect(uplink.view().detail).toMatch(/acknowledged event 3, which was never sent/);
    expect(outbox.ackedSeq()).toBe(0);
  });
});

describe('events that the cloud put aside', () => {
  const aside = async () => {
    const made = await bench();
    const cloud = await made.stream(0);
    made.commit(3);
    await until(() => expect(cloud.batches()).toEqual([[1, 3]]));
    const rejected = [1n, 3n].map(seq => ({ seq, reason: 'no place' }));
    cloud.say({ case: 'ack', value: { ackedSeq: 3n, rejected } });
    await until(() => expect(made.uplink.view()).toMatchObject({ deadLetterCount: 2, pending: 0 }));
    return { ...made, cloud };
  };
  const sentAgain = (cloud: CloudStream) =>
    cloud.received.flatMap(({ body }) =>
      body.case === 'replay' ? [body.value.events.map(({ seq }) => Number(seq))] : [],
    );

  it('are shown with its reason, sent again when asked for, and forgotten when it takes them', async () => {
    const { cloud, uplink } = await aside();
    expect(uplink.view().deadLetters).toMatchObject([
      { seq: 1, type: 'movement', reason: 'no place' },
      { seq: 3 },
    ]);
    const answer = uplink.replay(null);
    await until(() => expect(sentAgain(cloud)).toEqual([[1, 3]]));
    expect(await uplink.replay(null)).toMatchObject({ ok: false, error: { code: 'busy', retry: true } });
    const refused = [{ seq: 3n, reason: 'still no place' }];
    cloud.say({ case: 'replayResult', value: { takenSeqs: [1n], rejected: refused } });
    expect(await answer).toEqual({
      ok: true,
      value: { taken: [1], refused: [{ seq: 3, reason: 'still no place' }] },
    });
    expect(uplink.view()).toMatchObject({ deadLetterCount: 1, deadLetters: [{ seq: 3 }] });
  });

  it('can be sent one by one, and only they', async () => {
    const { cloud, uplink } = await aside();
    expect(await uplink.replay([2])).toMatchObject({ ok: false, error: { code: 'not_found' } });
    void uplink.replay([3]);
    await until(() => expect(sentAgain(cloud)).toEqual([[3]]));
  });

  it('are not sent without a link, and a link that is lost is an answer', async () => {
    const { cloud, uplink } = await aside();
    const answer = uplink.replay(null);
    await until(() => expect(sentAgain(cloud).length).toBe(1));
    cloud.cut();
    expect(await answer).toMatchObject({ ok: false, error: { code: 'comms', retry: true } });
    expect(await uplink.replay(null)).toMatchObject({ ok: false, error: { code: 'comms', retry: true } });
    expect(uplink.view().deadLetterCount).toBe(2);
  });
});

describe('the link', () => {
  it('sends a heartbeat, and drops a cloud that is silent', async () => {
    const { stream, uplink, clock } = await bench();
    const cloud = await stream(0);
    await until(() => expect(uplink.view().connected).toBe(true));
    clock.advance(limits.uplinkHeartbeatMs);
    await until(() => expect(cloud.received.at(-1)!.body.case).toBe('heartbeat'));
    clock.advance(limits.uplinkSilenceMs);
    expect(uplink.view()).toMatchObject({ connected: false, detail: 'nothing was heard for 44 s' });
    await until(() => expect(cloud.received.length).toBeGreaterThan(0));
  });

  it('stays up while the cloud says anything', async () => {
    const { stream, uplink, clock, commit, outbox } = await bench();
    const cloud = await stream(0);
    commit(1);
    await until(() => expect(cloud.batches()).toEqual([[1, 1]]));
    clock.advance(limits.uplinkSilenceMs - 1000);
    cloud.ack(1);
    await until(() => expect(outbox.ackedSeq()).toBe(1));
    clock.advance(limits.uplinkSilenceMs - 1000);
    expect(uplink.view().connected).toBe(true);
    clock.advance(1000);
    expect(uplink.view().connected).toBe(false);
  });

  it('throws away a connection on which nobody says welcome, and makes a new one', async () => {
    const { stream, uplink, clock, retry } = await bench(() => {});
    await stream(0);
    clock.advance(limits.uplinkConnectMs);
    expect(uplink.view().detail).toMatch(/did not answer within 20 s/);
    await retry();
    await stream(1);
  });

  it('keeps a copy of what the cloud put aside when it hears of that only in the next Welcome', async () => {
    const reason = 'movement.quantity is 0, not 1 or more';
    const rejected = [{ seq: 2n, reason }];
    const { outbox, errors } = await bench(
      it => it.say({ case: 'welcome', value: { ackedSeq: 3n, rejected } }),
      log => log.append(pick(), pick(), pick()),
    );
    await until(() => expect(outbox.ackedSeq()).toBe(3));
    expect(outbox.deadLetters(9)).toMatchObject([{ entry: { seq: 2 }, reason }]);
    expect(errors).toHaveLength(1);
  });

  it('retries quickly first and ever more slowly while the cloud is away', async () => {
    const { cloud, clock, uplink } = await bench();
    await until(() => expect(uplink.view().connected).toBe(true));
    clock.advance(limits.uplinkHeartbeatMs);
    cloud.close();
    await until(() => expect(uplink.view().connected).toBe(false));
    const health = uplink.health();
    expect(health.state).toBe('degraded');
    expect(health.detail).toMatch(/^not connected to the cloud at 127\.0\.0\.1:\d+: .*; events are kept$/);
    clock.advance(250);
    await until(() => expect(uplink.view().detail).toMatch(/ECONNREFUSED/));
  });

  it('does not pile up memory for a cloud that reads nothing', async () => {
    const { stream, commit, outbox } = await bench(it => {
      it.welcome(0);
      it.pause();
    });
    const lines = Array.from({ length: 2000 }, () => ({ gtin: pick().gtin, quantity: 1 }));
    const cloud = await stream(0);
    cloud.pause();
    for (let i = 0; i < 150; i++) outbox.append({ type: 'sale', key: `k${i}`, till: 'till-1', lines });
    let deepest = 0;
    const read = outbox.read;
    outbox.read = (afterSeq, limit) => {
      deepest = Math.max(deepest, afterSeq);
      return read(afterSeq, limit);
    };
    commit(1);
    await until(() => expect(deepest).toBeGreaterThan(0));
    const stalledAt = deepest;
    commit(1);
    expect(deepest).toBe(stalledAt);
    expect(stalledAt).toBeLessThan(100);
    cloud.resume();
    await until(() => expect(cloud.batches().length).toBe(limits.uplinkWindowBatches));
  });
});
