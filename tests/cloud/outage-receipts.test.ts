import { toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { FIRST_DIGEST, nextDigest } from '../../src/cloud/event-identity.ts';
import { EventSchema } from '../../src/cloud/gen/aisle/sync/v1/event_pb.ts';
import { createOutageReceipts } from '../../src/cloud/outage-receipts.ts';
import { silentLog } from '../../src/shared/log.ts';
import type { OutageReceiptFact } from '../../src/store/outbox.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { footfall, movement } from '../store/facts.ts';
import { commit, entry, opened, T0, withFolder } from '../store/temp-store.ts';
import { manualClock } from '../support/manual-clock.ts';

const pick = movement('shelf:A1-1', 'cart');
const people = (minute: number) => footfall(T0 + minute * 60_000, 1, 0);

/** A store with its receipts' writer, over a database in a folder of its own. */
function withReceipts(
  run: (store: SqliteStore, look: () => void, written: OutageReceiptFact[]) => void,
): void {
  withFolder(folder => {
    const database = opened(folder);
    const store = openStore(database, { cloudless: false, budgetBytes: () => 1 });
    const clock = manualClock(T0);
    const written: OutageReceiptFact[] = [];
    const part = createOutageReceipts({
      ...{ outbox: store.outbox, clock, log: silentLog },
      commit(receipt) {
        written.push(receipt);
        store.commit({ entries: [entry(receipt)], keys: [], plates: [] });
      },
    });
    void part.start();
    try {
      run(store, () => clock.advance(2_000), written);
    } finally {
      void part.stop(0);
      database.close();
    }
  });
}

describe('the receipt of an outage', () => {
  it('says from when to when, which events, and how they ended', () =>
    withReceipts((store, look, written) => {
      commit(store, pick);
      store.outbox.acknowledge(1);
      store.outbox.linkDown(T0 - 60_000);
      commit(store, pick, pick, pick);
      store.outbox.linkUp();
      store.outbox.acknowledge(3);
      look();
      expect(written).toEqual([]);
      store.outbox.acknowledge(4);
      look();
      const chain = store.outbox
        .read(1, 3)
        .map(each => toBinary(EventSchema, encodeEntry(each)))
        .reduce(nextDigest, FIRST_DIGEST);
      expect(written).toEqual([
        {
          ...{ type: 'outage_receipt', number: 1, fromMs: T0 - 60_000, toMs: T0 + 3_000 },
          ...{ firstSeq: 2, lastSeq: 4, accepted: 3, acknowledged: 3, discards: [] },
          digest: Buffer.from(chain).toString('hex'),
          previousDigest: '00'.repeat(32),
        },
      ]);
    }));

  it('counts what was given up, and carries the digest of the one before', () =>
    withReceipts((store, look, written) => {
      store.outbox.linkDown(T0);
      commit(store, ...[0, 1, 2, 3].map(people), pick);
      while (store.outbox.relieve() > 0);
      store.outbox.linkUp();
      store.outbox.acknowledge(5);
      look();
      store.outbox.linkDown(T0);
      commit(store, pick);
      store.outbox.linkUp();
      store.outbox.acknowledge(7);
      look();
      expect(written).toMatchObject([
        {
          ...{ number: 1, accepted: 5, acknowledged: 2 },
          discards: [{ of: 'footfall', reason: 'budget', discarded: 3, coalesced: 0 }],
        },
        // The receipt itself was event 6, and nobody had acknowledged it when the link broke.
        { number: 2, firstSeq: 6, lastSeq: 7, accepted: 2, previousDigest: written[0]?.digest },
      ]);
    }));

  it('goes on with its chain in a log that was restored and has a new epoch: the receipts before are part of it', () =>
    withReceipts((store, look, written) => {
      const breakAndMend = () => {
        store.outbox.linkDown(T0);
        commit(store, pick);
        store.outbox.linkUp();
        store.outbox.acknowledge(store.outbox.lastSeq());
        look();
      };
      breakAndMend();
      store.outbox.renewEpoch();
      breakAndMend();
      expect(written).toMatchObject([{ number: 1 }, { number: 2, previousDigest: written[0]?.digest }]);
    }));

  it('is none when nothing happened, and one when the link came back for a moment only', () =>
    withReceipts((store, look, written) => {
      store.outbox.linkDown(T0);
      store.outbox.linkUp();
      look();
      store.outbox.linkDown(T0 + 1);
      commit(store, pick, pick);
      store.outbox.linkUp();
      store.outbox.acknowledge(1);
      store.outbox.linkDown(T0 + 9);
      commit(store, pick);
      store.outbox.linkUp();
      store.outbox.acknowledge(3);
      look();
      expect(written).toMatchObject([{ fromMs: T0 + 1, firstSeq: 1, lastSeq: 3 }]);
    }));

  it('keeps the events that it is made of from being trimmed', () =>
    withReceipts((store, look, written) => {
      store.outbox.linkDown(T0);
      commit(store, pick, pick, pick);
      store.outbox.linkUp();
      store.outbox.acknowledge(3);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
      look();
      expect(written).toMatchObject([{ acknowledged: 3 }]);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(3);
    }));
});
