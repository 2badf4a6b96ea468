import { describe, expect, it } from 'vitest';
import { label, MILK, movement, reservation } from './facts.ts';
import { batch, commit, entry, T0, withStore } from './temp-store.ts';

describe('a commit', () => {
  it('gives facts their numbers and remembers keys with the number of their first fact', () =>
    withStore(store => {
      commit(store, movement('supplier', 'backroom'));
      const keys = [
        { key: 'a', hash: 'ha', firstEntry: 1 },
        { key: 'b', hash: 'hb', firstEntry: null },
      ];
      const entries = store.commit(
        batch([movement('backroom', 'cart'), movement('cart', 'customer')], { keys }),
      );
      expect(entries.map(({ seq }) => seq)).toEqual([2, 3]);
      expect(store.findKey('a')).toEqual({ hash: 'ha', seq: 3 });
      expect(store.findKey('b')).toEqual({ hash: 'hb', seq: null });
      expect(store.findKey('c')).toBeNull();
    }));

  it('keeps all of it or nothing', () =>
    withStore(store => {
      const key = { key: 'a', hash: 'h', firstEntry: 0 };
      const plate = { device: 'shelf-a1', plate: 1, baselineGrams: 812.5, atMs: T0 };
      commit(store, movement('supplier', 'backroom', 5));
      expect(() =>
        store.commit(batch([movement('backroom', 'cart')], { keys: [key, key], plates: [plate] })),
      ).toThrow(/UNIQUE/);
      expect(store.balances()).toHaveLength(2);
      expect(store.plateCheckpoints()).toEqual([]);
      expect(store.findKey('a')).toBeNull();
    }));

  it('replaces the checkpoint of a plate', () =>
    withStore(store => {
      for (const baselineGrams of [100, 812.5]) {
        store.commit(batch([], { plates: [{ device: 'shelf-a1', plate: 1, baselineGrams, atMs: T0 }] }));
      }
      expect(store.plateCheckpoints()).toEqual([
        { device: 'shelf-a1', plate: 1, baselineGrams: 812.5, atMs: T0 },
      ]);
    }));
});

describe('after a restart', () => {
  it('has the entries since an event time, in log order', () =>
    withStore(store => {
      const fact = movement('supplier', 'backroom');
      store.commit({
        entries: [entry(fact, T0 + 9), entry(fact, T0), entry(fact, T0 + 5)],
        keys: [],
        plates: [],
      });
      expect(store.entriesSince(T0 + 5).map(({ seq }) => seq)).toEqual([1, 3]);
    }));

  it('has the open reservations, with what they hold from their first fact on', () =>
    withStore(store => {
      commit(store, reservation({ reservation: 'a', state: 'temporary', expiresAtMs: T0 }));
      commit(
        store,
        reservation({ reservation: 'b' }),
        reservation({ reservation: 'c', state: 'refused', reason: 'none left' }),
      );
      commit(store, reservation({ reservation: 'b', state: 'released', lines: [] }));
      commit(store, reservation({ reservation: 'a', state: 'pending', lines: [] }));
      expect(store.openReservations()).toEqual([
        {
          reservation: 'a',
          state: 'pending',
          lines: [{ gtin: MILK, quantity: 2 }],
          expiresAtMs: null,
          createdSeq: 1,
          reason: null,
        },
      ]);
    }));
});

describe('orders to labels', () => {
  const ids = (store: Parameters<Parameters<typeof withStore>[0]>[0], nowMs = T0) =>
    store.dueCommands(nowMs, 10).map(({ id }) => id);

  it('are stored with the fact that asked for them', () =>
    withStore(store => {
      commit(store, label());
      expect(store.dueCommands(T0, 10)).toEqual([
        {
          id: 'c-1',
          device: 'label-a1-1',
          name: 'show',
          body: { gtin: MILK, name: 'Milk', price: '1.99', priceMinor: 199, currency: 'EUR' },
          attempts: 0,
        },
      ]);
    }));

  it.each([
    [199, 'EUR', '1.99'],
    [5, 'EUR', '0.05'],
    [500, 'JPY', '500'],
    [1_234, 'KWD', '1.234'],
  ])('print %i minor units of %s as %s', (priceMinor, currency, text) =>
    withStore(store => {
      commit(store, label({ priceMinor, currency }));
      expect(store.dueCommands(T0, 10)[0]?.body).toMatchObject({ price: text });
    }),
  );

  it.each(['shown', 'failed'] as const)('end when the label answers: %s', state =>
    withStore(store => {
      commit(store, label(), label({ label: 'label-a1-3', commandId: 'c-2' }));
      commit(store, label({ state }));
      expect(ids(store)).toEqual(['c-2']);
    }),
  );

  it('give way to a newer price of the same label', () =>
    withStore(store => {
      commit(store, label(), label({ priceMinor: 189, commandId: 'c-2' }));
      expect(ids(store)).toEqual(['c-2']);
      commit(store, label({ state: 'shown' }));
      expect(ids(store)).toEqual(['c-2']);
    }));

  it('wait until their next attempt, oldest first, so many at a time', () =>
    withStore(store => {
      commit(store, ...['1', '2', '3'].map(n => label({ label: `label-${n}`, commandId: n })));
      store.postponeCommand('1', T0 + 10);
      store.postponeCommand('1', T0 + 20);
      expect(ids(store)).toEqual(['2', '3']);
      expect(store.dueCommands(T0 + 20, 1)).toMatchObject([{ id: '1', attempts: 2 }]);
      expect(store.dueCommands(T0 + 20, 0)).toEqual([]);
    }));
});
