import { describe, expect, it } from 'vitest';
import type { DomainSettings } from '../../src/pipeline/domains.ts';
import { restoreDomains } from '../../src/pipeline/domains.ts';
import { createStep } from '../../src/pipeline/step.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Reading } from '../../src/readings/reading.ts';
import type { Fact } from '../../src/store/fact.ts';
import type { SqliteStore } from '../../src/store/sqlite-store.ts';
import { MILK } from '../store/facts.ts';
import { withStore } from '../store/temp-store.ts';

const NOON = Date.UTC(2026, 0, 5, 12);
const SETTINGS: DomainSettings = {
  policies: {
    files: {},
    whole: policies => policies,
    isUsable: () => true,
    settingsOf: () => ({ safetyStock: 0, coldUnits: [], footfallMinutes: 1 }),
  },
  stock: {
    facings: [{ facing: 'A1-1', gtin: MILK, unitWeightGrams: null, plates: [] }],
    gtins: [MILK],
  },
  shelfWork: {
    timeZone: 'Europe/Berlin',
    items: [{ gtin: MILK, priceMinor: 119 }],
    facings: [{ facing: 'A1-1', gtin: MILK, minimum: 4 }],
  },
  counters: [],
  labels: [],
  currency: 'EUR',
  sitePrices: new Map(),
};

/** A step over a real store, and its log. */
function running(store: SqliteStore, startMs = NOON) {
  let nowMs = startMs;
  const log: Fact[] = [];
  const step = createStep({
    store,
    domains: restoreDomains(SETTINGS, store, nowMs),
    restore: () => restoreDomains(SETTINGS, store, nowMs),
    onCommitted: entries => log.push(...entries.map(({ fact }) => fact)),
    onStorageFailure: error => expect.unreachable(String(error)),
  });
  const times = () => ({ eventTimeMs: nowMs, receivedTimeMs: nowMs });
  const send = (...readings: Reading[]) => step.run([{ readings, done: () => {} }])[0]!;
  return {
    log,
    document: (document: Document) => send({ kind: 'document', source: 'api', document, ...times() }),
    wait(seconds: number) {
      nowMs += seconds * 1000;
      send({ kind: 'tick', ...times() });
    },
    tasks: () => log.flatMap(fact => (fact.type === 'task' ? [fact] : [])),
  };
}

const deliver: Document = { type: 'delivery', key: 'd-1', lines: [{ gtin: MILK, quantity: 20 }] };
const refill = (key: string, quantity: number): Document => ({
  type: 'refill',
  key,
  facing: 'A1-1',
  quantity,
});
const sale = (key: string, quantity: number): Document => ({
  type: 'sale',
  key,
  till: 'till-1',
  lines: [{ gtin: MILK, quantity }],
});

/** A store with 6 of 20 on the shelf, of which 5 were sold a minute ago. */
function withGap(store: SqliteStore) {
  const desk = running(store);
  desk.document(deliver);
  desk.document(refill('r-1', 6));
  desk.document(sale('t-1', 5));
  desk.wait(1);
  desk.wait(60);
  return desk;
}

describe('shelf work in the step', () => {
  it('hears of the stock in the batch in which it changes', () =>
    withStore(store => {
      const desk = withGap(store);
      expect(desk.tasks()).toMatchObject([{ kind: 'shelf_gap', state: 'open', facing: 'A1-1' }]);
      const before = desk.log.length;
      desk.document(refill('r-2', 6));
      const added = desk.log.slice(before).map(({ type }) => type);
      expect(added).toEqual(['goods', 'movement', 'task']);
    }));

  it('keeps an open task and its quiet time over a restart', () =>
    withStore(store => {
      const desk = withGap(store);
      const { task } = desk.tasks()[0]!;
      const again = running(store, NOON + 120_000);
      again.wait(60);
      expect(again.tasks()).toEqual([]);
      const said = again.document({ type: 'task', key: 'h-1', task, action: 'done', note: null });
      expect(said.status).toBe('accepted');
      expect(again.tasks()).toMatchObject([{ task, state: 'done', by: 'staff' }]);
      const later = running(store, NOON + 240_000);
      later.wait(60);
      later.wait(60);
      expect(later.tasks()).toEqual([]);
    }));

  it('tells a day once, though the store was down when it ended', () =>
    withStore(store => {
      withGap(store);
      const next = NOON + 24 * 3_600_000;
      const days = (desk: ReturnType<typeof running>) => desk.log.filter(({ type }) => type === 'item_day');
      const after = running(store, next);
      after.wait(1);
      after.wait(1);
      // Berlin is an hour ahead: 13:00 to midnight.
      expect(days(after)).toMatchObject([
        { day: '2026-01-05', gtin: MILK, soldUnits: 5, facingMinutes: 660, stockedMinutes: 660 },
      ]);
      const restarted = running(store, next + 60_000);
      restarted.wait(1);
      expect(days(restarted)).toEqual([]);
    }));

  it('refuses what is said about a task that is not there', () =>
    withStore(store => {
      const said = running(store).document({
        type: 'task',
        key: 'h-1',
        task: 'nothing',
        action: 'take',
        note: null,
      });
      expect(said).toMatchObject({ status: 'refused', failure: { code: 'not_found' } });
    }));
});
