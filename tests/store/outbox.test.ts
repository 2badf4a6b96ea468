import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/sqlite-store.ts';
import { MILK, movement, TEA } from './facts.ts';
import { batch, commit, entry, opened, T0, withFolder, withStore } from './temp-store.ts';

const pick = movement('shelf:A1-1', 'cart');

describe('the outbox', () => {
  it('offers entries in order, without gaps, a window at a time', () =>
    withStore(store => {
      commit(store, pick, pick);
      commit(store, pick, pick, pick);
      expect(store.outbox.read(0, 10).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
      expect(store.outbox.read(1, 2).map(({ seq }) => seq)).toEqual([2, 3]);
      expect(store.outbox.read(5, 2)).toEqual([]);
      expect(store.outbox.read(0, 1)).toEqual([{ fact: pick, eventTimeMs: T0, receivedTimeMs: T0, seq: 1 }]);
    }));

  it('leaves no gap behind a commit that failed', () =>
    withStore(store => {
      const key = { key: 'sale-1', hash: 'h', firstEntry: 0 };
      store.commit(batch([pick], { keys: [key] }));
      expect(() => store.commit(batch([pick, pick], { keys: [key] }))).toThrow(/UNIQUE/);
      expect(commit(store, pick).map(({ seq }) => seq)).toEqual([2]);
    }));

  it.each([
    { acks: [2], acked: 2, why: 'an answer moves it' },
    { acks: [3, 1], acked: 3, why: 'never backwards' },
    { acks: [99], acked: 4, why: 'never beyond what was logged' },
    { acks: [Number.NaN, -1], acked: 0, why: 'nonsense is no answer' },
  ])('acknowledges up to $acked after $acks: $why', ({ acks, acked }) =>
    withStore(store => {
      commit(store, pick, pick, pick, pick);
      for (const seq of acks) store.outbox.acknowledge(seq);
      expect(store.outbox.ackedSeq()).toBe(acked);
      expect(store.outbox.pending()).toBe(4 - acked);
    }),
  );

  it('says since when the oldest entry waits', () =>
    withStore(store => {
      expect(store.outbox.oldestPendingMs()).toBeNull();
      store.commit({ entries: [entry(pick, T0), entry(pick, T0 + 5)], keys: [], plates: [] });
      expect(store.outbox.oldestPendingMs()).toBe(T0);
      store.outbox.acknowledge(1);
      expect(store.outbox.oldestPendingMs()).toBe(T0 + 5);
    }));

  it('remembers the answer and the numbering over a restart', () =>
    withFolder(folder => {
      const first = opened(folder);
      const store = openStore(first, { cloudless: false });
      commit(store, pick, pick);
      store.outbox.acknowledge(2);
      store.outbox.trim(Number.MAX_SAFE_INTEGER, 10);
      first.close();
      const second = opened(folder);
      const again = openStore(second, { cloudless: false });
      expect(again.outbox.ackedSeq()).toBe(2);
      expect(commit(again, pick).map(({ seq }) => seq)).toEqual([3]);
      second.close();
    }));
});

describe('trimming', () => {
  it('deletes only what is acknowledged', () =>
    withStore(store => {
      commit(store, pick, pick, pick, pick);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
      store.outbox.acknowledge(2);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
      expect(store.outbox.read(0, 10).map(({ seq }) => seq)).toEqual([3, 4]);
    }));

  it('deletes only what is old enough, oldest first, so many at a time, and never the last entry', () =>
    withStore(store => {
      store.commit({ entries: [0, 1, 2, 3].map(ms => entry(pick, T0 + ms)), keys: [], plates: [] });
      store.outbox.acknowledge(4);
      expect(store.outbox.trim(T0, 10)).toBe(0);
      expect(store.outbox.trim(T0 + 3, 2)).toBe(2);
      expect(store.outbox.trim(T0 + 3, 2)).toBe(1);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
      expect(store.outbox.read(0, 10)).toHaveLength(1);
    }));

  it('keeps balances, keys and numbering right', () =>
    withStore(store => {
      const key = { key: 'delivery-1', hash: 'h', firstEntry: 0 };
      store.commit(batch([movement('supplier', 'backroom', 7)], { keys: [key] }));
      commit(store, movement('supplier', 'backroom', 2, TEA));
      store.outbox.acknowledge(2);
      store.outbox.trim(Number.MAX_SAFE_INTEGER, 10);
      expect(store.balances()).toContainEqual({ gtin: MILK, place: 'backroom', quantity: 7 });
      expect(store.findKey('delivery-1')).toEqual({ hash: 'h', seq: 1 });
      expect(store.outbox.lastSeq()).toBe(2);
    }));

  it('needs no answer where no cloud is configured, and a cloud that comes later starts after what is gone', () =>
    withFolder(folder => {
      const database = opened(folder);
      const alone = openStore(database, { cloudless: true });
      commit(alone, pick, pick, pick);
      expect(alone.outbox.pending()).toBe(0);
      expect(alone.outbox.trim(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
      database.close();
      const later = opened(folder);
      const { outbox } = openStore(later, { cloudless: false });
      expect(outbox.ackedSeq()).toBe(2);
      expect(outbox.read(outbox.ackedSeq(), 10).map(({ seq }) => seq)).toEqual([3]);
      later.close();
    }));
});
