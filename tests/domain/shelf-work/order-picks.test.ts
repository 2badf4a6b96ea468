import { describe, expect, it } from 'vitest';
import type { TaskFact } from '../../../src/domain/shelf-work/facts.ts';
import type { HeardFact } from '../../../src/domain/shelf-work/heard.ts';
import * as shelfWork from '../../../src/domain/shelf-work/shelf-work.ts';
import type { Gtin } from '../../../src/shared/gtin.ts';

const MILK = '09521321000018' as Gtin;
const TEA = '09521321000025' as Gtin;
const NOON = Date.UTC(2026, 0, 5, 12);
const HOUR_MS = 3_600_000;
const CONFIG = {
  timeZone: 'UTC',
  items: [
    { gtin: MILK, priceMinor: 119 },
    { gtin: TEA, priceMinor: 349 },
  ],
  facings: [
    { facing: 'A1', gtin: TEA, minimum: 0 },
    { facing: 'B1', gtin: MILK, minimum: 0 },
    { facing: 'C1', gtin: MILK, minimum: 0 },
  ],
};

const moved = (to: string, quantity: number, gtin = MILK): HeardFact => ({
  type: 'movement',
  gtin,
  from: 'supplier',
  to,
  quantity,
  cause: 'delivery',
  confidence: 1,
  evidence: { kind: 'document' },
});
type Order = Extract<HeardFact, { type: 'reservation' }>;
const order = (state: string, more: Partial<Order> = {}): Order => ({
  type: 'reservation',
  reservation: 'o-1',
  state,
  lines: [
    { gtin: MILK, quantity: 6 },
    { gtin: TEA, quantity: 1 },
  ],
  ...more,
});

/** Two units of milk on B1, three on C1, four in the backroom; two of tea on A1. */
function store() {
  const state = shelfWork.createShelfWork(CONFIG, { balances: [], latest: [], recent: [] }, NOON);
  const hear = (...facts: HeardFact[]) => {
    for (const fact of facts) shelfWork.listen(state, fact, NOON);
    const found = shelfWork.react(state, facts, NOON) as readonly TaskFact[];
    for (const fact of found) shelfWork.apply(state, fact, NOON);
    return found;
  };
  hear(moved('shelf:B1', 2), moved('shelf:C1', 3), moved('backroom', 4), moved('shelf:A1', 2, TEA));
  const say = (task: string, action: 'take' | 'done' | 'dismiss') =>
    shelfWork.decideDocument(state, {
      kind: 'document',
      source: 'api',
      document: { type: 'task', key: 'k', task, action, note: null },
      eventTimeMs: NOON,
      receivedTimeMs: NOON,
    });
  return { state, hear, say };
}

describe('a confirmed order', () => {
  it('is work at once: what to fetch from where, shelves as they stand and the backroom last', () => {
    const terms = { dueAtMs: NOON + HOUR_MS / 2, handover: 'delivery' } as const;
    const [task] = store().hear(order('confirmed', { terms }));
    expect(task).toMatchObject({ kind: 'order_pick', state: 'open', reservation: 'o-1', by: 'store' });
    expect(task!.pick).toEqual({
      ...terms,
      lines: [
        { gtin: TEA, quantity: 1, facing: 'A1' },
        { gtin: MILK, quantity: 2, facing: 'B1' },
        { gtin: MILK, quantity: 3, facing: 'C1' },
        { gtin: MILK, quantity: 1, facing: null },
      ],
    });
    expect(task!.priority).toBe(6 * 119 + 349);
  });

  it('without terms is a pickup in two hours, and what no book has is looked for where it belongs', () => {
    const [task] = store().hear(order('confirmed', { lines: [{ gtin: TEA, quantity: 5 }] }));
    expect(task!.pick).toMatchObject({ dueAtMs: NOON + 2 * HOUR_MS, handover: 'pickup' });
    expect(task!.pick!.lines).toEqual([{ gtin: TEA, quantity: 5, facing: 'A1' }]);
  });

  it('keeps its task while it is picked bit by bit, and its task ends when it stands picked', () => {
    const { hear } = store();
    const [opened] = hear(order('confirmed'));
    const lines = [
      { gtin: MILK, quantity: 6, staged: 6 },
      { gtin: TEA, quantity: 1 },
    ];
    const [rest] = hear(order('confirmed', { lines }));
    expect(rest).toMatchObject({
      task: opened!.task,
      state: 'open',
      pick: { lines: [{ gtin: TEA, quantity: 1 }] },
    });
    expect(hear(order('staged'))).toMatchObject([{ task: opened!.task, state: 'done', by: 'staff' }]);
    expect(hear(order('handed_over'))).toEqual([]);
  });

  it.each(['released', 'expired'])('that is %s is no work any more', state => {
    const { hear } = store();
    hear(order('confirmed'));
    expect(hear(order(state))).toMatchObject([{ kind: 'order_pick', state: 'done', by: 'store' }]);
  });

  it('may be taken; that it is done is told by what was picked, and it cannot be dismissed', () => {
    const { hear, say } = store();
    const [task] = hear(order('confirmed'));
    expect(say(task!.task, 'take')).toMatchObject({ ok: true, value: [{ state: 'taken' }] });
    for (const action of ['done', 'dismiss'] as const) {
      expect(say(task!.task, action)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    }
  });

  it('that was not found in full leaves doubt in the counts and a task that says so', () => {
    const { state, hear } = store();
    const missed = hear({
      type: 'shortage',
      gtin: TEA,
      reservation: 'o-1',
      missing: 1,
      cause: 'not_found',
    });
    expect(missed).toMatchObject([{ kind: 'order_short' }]);
    expect(missed[0]!.reason).toContain('because it was not found');
    expect(shelfWork.trust(state, 'A1')!.probability).toBeLessThan(0.5);
  });

  it('that falls short is named, how much by the latest word, until it ends', () => {
    const { hear } = store();
    const short = { type: 'shortage', gtin: MILK, reservation: 'o-1', missing: 2 } as const;
    expect(hear(short)).toMatchObject([{ kind: 'order_short', reservation: 'o-1', priority: 238 }]);
    expect(hear({ ...short, missing: 3 })[0]!.reason).toContain('lacks 3 units, because a till sold');
    expect(hear(order('released'))).toMatchObject([{ kind: 'order_short', state: 'done' }]);
  });

  it('has its task over a restart', () => {
    const [task] = store().hear(order('confirmed'));
    const latest = [{ fact: task!, eventTimeMs: NOON }];
    const again = shelfWork.createShelfWork(CONFIG, { balances: [], latest, recent: [] }, NOON);
    expect(shelfWork.react(again, [order('staged')], NOON)).toMatchObject([{ task: task!.task }]);
  });
});
