import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../src/store/database.ts';
import type { Fact } from '../../src/store/fact.ts';
import { createOutbox, type LogEntry, type Outbox } from '../../src/store/outbox.ts';
import { rebuild } from '../../src/store/projections/folds.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { coldAlarm, deviceState, footfall, movement, price, temperature } from './facts.ts';
import { commit, opened, T0, withFolder, withStore } from './temp-store.ts';

interface Room {
  readonly outbox: Outbox;
}

const MINUTE = 60_000;
const pick = movement('shelf:A1-1', 'cart');
const people = (minute: number, into = 1, out = 0) => footfall(T0 + minute * MINUTE, into, out);
const degrees = (minute: number, meanCelsius = 3) =>
  temperature({ minuteMs: T0 + minute * MINUTE, meanCelsius });
const minutes = (count: number, make: (minute: number) => Fact) =>
  Array.from({ length: count }, (_, i) => make(i));

/** A store whose budget is so small that what it holds is this share of it. */
function crowded<T>(share: number, facts: readonly Fact[], run: (store: Room, database: Database) => T): T {
  return withFolder(folder => {
    const database = opened(folder);
    try {
      commit(openStore(database, { cloudless: false }), ...facts);
      const { bytes } = createOutbox(database, { cloudless: false }).backlog();
      // Nothing was sent yet, as after an outage.
      database.connection.exec(`INSERT OR REPLACE INTO meta VALUES ('sent_seq', '0')`);
      const budgetBytes = Math.floor(bytes / share);
      return run(
        { outbox: createOutbox(database, { cloudless: false, budgetBytes: () => budgetBytes }) },
        database,
      );
    } finally {
      database.close();
    }
  });
}

const all = (store: Room): readonly LogEntry[] => store.outbox.read(0, 10_000);
const types = (store: Room) => all(store).map(({ fact }) => fact.type);
const relieveAll = (store: Room) => {
  for (let calls = 0; calls < 50 && store.outbox.relieve() > 0; calls++);
};
const table = (database: Database, name: string) =>
  database.connection.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all();

describe('the room for events', () => {
  it('is counted by what waits, through commits, acknowledgements and a restart', () =>
    withStore((store, database) => {
      expect(store.outbox.backlog().bytes).toBe(0);
      commit(store, pick, degrees(0), people(0));
      const { bytes } = store.outbox.backlog();
      expect(bytes).toBeGreaterThan(3 * 64);
      store.outbox.acknowledge(1);
      commit(store, pick);
      expect(store.outbox.backlog().bytes).toBe(bytes);
      expect(createOutbox(database, { cloudless: false }).backlog().bytes).toBe(bytes);
      store.outbox.acknowledge(4);
      store.outbox.trim(Number.MAX_SAFE_INTEGER, 10);
      expect(store.outbox.backlog().bytes).toBe(0);
    }));

  it.each([
    { share: 0.69, level: 'none' },
    { share: 0.71, level: 'coalesce' },
    { share: 0.86, level: 'discard' },
    { share: 0.96, level: 'last' },
  ] as const)('at $share of it the level is $level', ({ share, level }) =>
    crowded(share, minutes(100, people), ({ outbox }) => expect(outbox.backlog().level).toBe(level)),
  );
});

describe('relief', () => {
  it('at 70 % puts the minutes of a door together to 15', () =>
    crowded(0.75, [...minutes(30, minute => people(minute, minute, 1)), people(60)], store => {
      relieveAll(store);
      const facts = all(store).map(({ fact }) => fact);
      expect(facts.filter(({ type }) => type === 'footfall')).toMatchObject([
        { minuteMs: T0, minutes: 15, in: 105, out: 15 },
        { minuteMs: T0 + 15 * MINUTE, minutes: 15, in: 330, out: 15 },
        { minuteMs: T0 + 60 * MINUTE, in: 1 },
      ]);
      const gone = { of: 'footfall', reason: 'budget', discarded: 14, coalesced: 14 };
      expect(all(store)[0]).toMatchObject({
        seq: 1,
        fact: { type: 'discarded', count: 14, discards: [gone] },
      });
    }));

  it('weighs the mean of a temperature by its samples and keeps the extremes', () =>
    crowded(
      0.75,
      [
        temperature({ minuteMs: T0, goodSamples: 1, minCelsius: 1, meanCelsius: 1, maxCelsius: 1 }),
        temperature({
          minuteMs: T0 + MINUTE,
          goodSamples: 3,
          badSamples: 2,
          minCelsius: 4,
          meanCelsius: 5,
          maxCelsius: 9,
        }),
        temperature({
          minuteMs: T0 + 2 * MINUTE,
          goodSamples: 0,
          minCelsius: null,
          meanCelsius: null,
          maxCelsius: null,
        }),
        degrees(20),
      ],
      store => {
        relieveAll(store);
        expect(all(store).at(-2)?.fact).toMatchObject({
          ...{ minutes: 15, goodSamples: 4, badSamples: 2 },
          ...{ minCelsius: 1, meanCelsius: 4, maxCelsius: 9 },
        });
      },
    ));

  it('at 85 % gives up devices and footfall, at 95 % temperatures; stock, prices and cold alarms never', () => {
    const facts = [
      ...minutes(40, degrees),
      ...minutes(40, people),
      ...minutes(40, n => deviceState({ state: n % 2 === 0 ? 'offline' : 'online' })),
      ...[pick, price(199), coldAlarm()],
    ];
    crowded(0.86, facts, store => {
      // The room is as it is, whatever goes: the level stays.
      for (let calls = 0; calls < 10; calls++) store.outbox.relieve();
      expect(store.outbox.backlog().usedShare).toBeLessThan(0.85);
    });
    crowded(40, facts, store => {
      relieveAll(store);
      expect(
        types(store)
          .filter(type => type !== 'discarded')
          .toSorted(),
      ).toEqual(['cold_alarm', 'device', 'footfall', 'movement', 'price']);
      const sums = store.outbox.discards(1, store.outbox.lastSeq());
      expect(sums.map(({ of, discarded }) => [of, discarded]).toSorted()).toEqual([
        ['device', 39],
        ['footfall', 39],
        ['temperature', 40],
      ]);
    });
  });

  it('says that figures are lost when the sum that held them goes', () =>
    crowded(40, [...minutes(16, degrees), pick], store => {
      store.outbox.relieve();
      expect(store.outbox.discards(1, 17)).toMatchObject([{ discarded: 14, coalesced: 14 }]);
      relieveAll(store);
      expect(store.outbox.discards(1, 17)).toMatchObject([{ of: 'temperature', coalesced: 0 }]);
    }));

  it('leaves alone what may be with the cloud already', () =>
    crowded(40, minutes(30, people), store => {
      store.outbox.linkUp();
      store.outbox.sent(29);
      relieveAll(store);
      expect(types(store)).not.toContain('discarded');
    }));

  it('takes everything as sent after a crash with the link up', () =>
    crowded(40, minutes(30, people), (store, database) => {
      store.outbox.linkUp();
      const again = { outbox: createOutbox(database, { cloudless: false, budgetBytes: () => 1 }) };
      relieveAll(again);
      expect(types(again)).not.toContain('discarded');
    }));

  it("changes nothing of the store's own books, now or computed anew", () =>
    crowded(
      40,
      [...minutes(40, degrees), ...minutes(40, people), ...minutes(9, () => pick)],
      (store, database) => {
        const names = ['balance', 'footfall_minute', 'temperature_minute', 'latest_fact'];
        const before = names.map(name => table(database, name));
        relieveAll(store);
        expect(names.map(name => table(database, name))).toEqual(before);
        rebuild(database);
        expect(names.slice(0, 3).map(name => table(database, name))).toEqual(before.slice(0, 3));
      },
    ));

  test.prop(
    {
      facts: fc.array(fc.constantFrom(...['p', 'd', 'f', 't']), { minLength: 5, maxLength: 80 }),
      share: fc.constantFrom(0.8, 0.9, 3),
      limit: fc.integer({ min: 1, max: 7 }),
    },
    { seed: 5, numRuns: 15 },
  )('the outbox stays without a hole, however much is read at once', ({ facts, share, limit }) => {
    const made = facts.map((kind, n): Fact => {
      if (kind === 'p') return pick;
      if (kind === 'd') return deviceState({ state: n % 2 === 0 ? 'offline' : 'online' });
      return kind === 'f' ? people(n) : degrees(n);
    });
    crowded(share, made, store => {
      relieveAll(store);
      let next = 1;
      let picks = 0;
      while (next <= made.length) {
        const entries = store.outbox.read(next - 1, limit);
        expect(entries.length).toBeGreaterThan(0);
        for (const { seq, fact } of entries) {
          expect(seq).toBe(next);
          next += fact.type === 'discarded' ? fact.count : 1;
          if (fact.type === 'movement') picks += 1;
        }
      }
      expect(picks).toBe(facts.filter(kind => kind === 'p').length);
      expect(store.outbox.lastSeq()).toBe(made.length);
    });
  });
});
