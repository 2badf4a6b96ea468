import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { ItemDayFact, ShelfWorkFact, TaskFact } from '../../../src/domain/shelf-work/facts.ts';
import { NOTHING_KNOWN } from '../../../src/domain/shelf-work/forecast.ts';
import type { HeardFact } from '../../../src/domain/shelf-work/heard.ts';
import * as shelfWork from '../../../src/domain/shelf-work/shelf-work.ts';
import type { TaskDocument } from '../../../src/readings/documents.ts';
import type { Gtin } from '../../../src/shared/gtin.ts';

const MILK = '09521321000018' as Gtin;
const TEA = '09521321000025' as Gtin;
const MIDNIGHT = Date.UTC(2026, 0, 5);
const NOON = MIDNIGHT + 12 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const CONFIG = {
  timeZone: 'UTC',
  items: [
    { gtin: MILK, priceMinor: 119, unitWeightGrams: 1030 },
    { gtin: TEA, priceMinor: 349, unitWeightGrams: 120 },
  ],
  facings: [
    { facing: 'A1-1', gtin: MILK, minimum: 4 },
    { facing: 'A1-2', gtin: TEA, minimum: 2 },
  ],
};
const NOTHING_SAVED: shelfWork.SavedShelfWork = { balances: [], latest: [], recent: [] };

const moved = (from: string, to: string, quantity: number, gtin = MILK, confidence = 1): HeardFact => ({
  type: 'movement',
  gtin,
  from,
  to,
  quantity,
  cause: 'pick',
  confidence,
  evidence: { kind: 'weights' },
});
const sold = (quantity: number, gtin = TEA): HeardFact => ({ type: 'sale', lines: [{ gtin, quantity }] });
const unexplained: HeardFact = {
  type: 'unexplained_weight',
  facing: 'A1-1',
  gtin: MILK,
  evidence: { kind: 'weights', deltaGrams: 70 },
};

/** The domain as the step drives it, with everything that it decided. */
function work(saved = NOTHING_SAVED, startMs = NOON) {
  const state = shelfWork.createShelfWork(CONFIG, saved, startMs);
  const log: ShelfWorkFact[] = [];
  let nowMs = startMs;
  const keep = (facts: readonly ShelfWorkFact[]) => {
    for (const fact of facts) shelfWork.apply(state, fact, nowMs);
    log.push(...facts);
    return facts;
  };
  const times = () => ({ eventTimeMs: nowMs, receivedTimeMs: nowMs });
  return {
    state,
    log,
    hear(...facts: HeardFact[]) {
      for (const fact of facts) shelfWork.listen(state, fact, nowMs);
      return keep(shelfWork.react(state, facts, nowMs)) as readonly TaskFact[];
    },
    wait(seconds: number) {
      nowMs += seconds * 1000;
      return keep(shelfWork.decideTick(state, { kind: 'tick', ...times() }));
    },
    say(task: string, action: TaskDocument['action'], note: string | null = null) {
      const document: TaskDocument = { type: 'task', key: `k${log.length}`, task, action, note };
      const said = shelfWork.decideDocument(state, { kind: 'document', source: 'api', document, ...times() });
      if (said.ok) keep(said.value);
      return said;
    },
    tasks: () => log.filter((fact): fact is TaskFact => fact.type === 'task'),
    days: () => log.filter((fact): fact is ItemDayFact => fact.type === 'item_day'),
  };
}

const stocked = () => {
  const desk = work();
  desk.hear(moved('supplier', 'backroom', 20), moved('backroom', 'shelf:A1-1', 6));
  desk.wait(60);
  return desk;
};
const kinds = (facts: readonly ShelfWorkFact[]) =>
  facts.map(fact => (fact.type === 'task' ? `${fact.kind} ${fact.state}` : fact.type));

describe('a gap on a shelf', () => {
  it('becomes a task when it lasts, says why, and ends by itself when the shelf is filled', () => {
    const desk = stocked();
    desk.hear(moved('shelf:A1-1', 'cart', 4));
    expect(desk.wait(1)).toEqual([]);
    const [task] = desk.wait(40) as readonly TaskFact[];
    expect(task).toMatchObject({ kind: 'shelf_gap', state: 'open', facing: 'A1-1', by: 'store' });
    expect(task!.reason).toContain('A1-1 holds 2 units, its minimum is 4, and the backroom has 14');
    expect(kinds(desk.hear(moved('backroom', 'shelf:A1-1', 5)))).toEqual(['shelf_gap done']);
  });

  it('is none when the hand puts back what it took', () => {
    const desk = stocked();
    desk.hear(moved('shelf:A1-1', 'cart', 4));
    desk.wait(10);
    desk.hear(moved('cart', 'shelf:A1-1', 4));
    expect(desk.wait(120)).toEqual([]);
  });

  it('is no work for the floor when the backroom has none: the item is sold out once its shelf is empty', () => {
    const desk = stocked();
    desk.hear(moved('backroom', 'waste', 14), moved('shelf:A1-1', 'cart', 6));
    desk.wait(1);
    expect(kinds(desk.wait(60))).toEqual(['out_of_stock open']);
    expect(kinds(desk.hear(moved('supplier', 'backroom', 10)))).toEqual(['out_of_stock done']);
    desk.wait(1);
    expect(kinds(desk.wait(60))).toEqual(['shelf_gap open']);
  });

  it('is not told for an item that never came', () => {
    expect(work().wait(600)).toEqual([]);
  });
});

describe('somebody with a handheld', () => {
  const withGap = () => {
    const desk = stocked();
    desk.hear(moved('shelf:A1-1', 'cart', 5));
    desk.wait(1);
    desk.wait(60);
    return { ...desk, id: desk.tasks()[0]!.task };
  };

  it('takes a task, ends it and leaves a note', () => {
    const { id, say, tasks } = withGap();
    say(id, 'take');
    say(id, 'done', 'the tray was behind it');
    expect(kinds(tasks())).toEqual(['shelf_gap open', 'shelf_gap taken', 'shelf_gap done']);
    expect(tasks().at(-1)).toMatchObject({ by: 'staff', note: 'the tray was behind it' });
  });

  it('changes nothing by saying it twice, and is told when it ended otherwise', () => {
    const { id, say, tasks } = withGap();
    say(id, 'dismiss');
    expect(say(id, 'dismiss')).toEqual({ ok: true, value: [] });
    expect(say(id, 'done')).toMatchObject({ ok: false, error: { code: 'conflict' } });
    expect(tasks()).toHaveLength(2);
  });

  it('is told when there is no such task', () => {
    expect(work().say('shelf_gap-A1-1-1', 'take')).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  it('has four hours of quiet after a dismissal, unless the shelf was filled in between', () => {
    const { id, say, wait, hear } = withGap();
    say(id, 'dismiss');
    wait(1);
    expect(wait(3 * 3600)).toEqual([]);
    hear(moved('backroom', 'shelf:A1-1', 5));
    hear(moved('shelf:A1-1', 'cart', 5));
    wait(1);
    expect(kinds(wait(60))).toEqual(['shelf_gap open']);
  });
});

describe('what else the floor is told', () => {
  it('calls stock a phantom when silence can hardly be chance', () => {
    const demand = { ...NOTHING_KNOWN, days: 30, level: 10, variance: 10 };
    const yesterday = (gtin: Gtin): ItemDayFact => ({
      type: 'item_day',
      gtin,
      day: '2026-01-03',
      soldUnits: 10,
      facingMinutes: 1440,
      stockedMinutes: 1440,
      onShelfShare: 1,
      silentUnits: 0,
      facings: [],
      meanPerDay: 10,
      reorderPoint: 27,
      demand,
    });
    const desk = work({
      balances: [{ gtin: MILK, place: 'shelf:A1-1', quantity: 6 }],
      latest: [yesterday(MILK), yesterday(TEA)].map(fact => ({ fact, eventTimeMs: NOON - DAY_MS })),
      recent: [],
    });
    desk.hear(sold(8));
    expect(desk.wait(61)).toEqual([]);
    desk.hear(sold(3));
    expect(kinds(desk.wait(61))).toEqual(['phantom_stock open']);
    expect(kinds(desk.hear({ type: 'count', gtin: MILK, place: 'shelf:A1-1' }))).toEqual([
      'phantom_stock done',
    ]);
  });

  it('asks for the count that is worth most first, and no longer once it was counted', () => {
    const desk = stocked();
    desk.hear(moved('supplier', 'backroom', 9, TEA), moved('backroom', 'shelf:A1-2', 9, TEA, 0.4));
    desk.hear(moved('shelf:A1-1', 'cart', 1, MILK, 0.1));
    desk.hear(sold(3), sold(3, MILK));
    const asked = desk.wait(61) as readonly TaskFact[];
    expect(asked.map(({ kind, facing }) => `${kind} ${facing}`)).toEqual([
      'count_request A1-2',
      'count_request A1-1',
    ]);
    expect(kinds(desk.hear({ type: 'count', gtin: TEA, place: 'shelf:A1-2' }))).toEqual([
      'count_request done',
    ]);
  });

  it('doubts the planogram after three weights that nothing explains, until somebody counts', () => {
    const desk = stocked();
    expect([...desk.hear(unexplained), ...desk.hear(unexplained)]).toEqual([]);
    expect(kinds(desk.hear(unexplained))).toEqual(['planogram open']);
    expect(kinds(desk.hear({ type: 'count', gtin: MILK, place: 'shelf:A1-1' }))).toEqual(['planogram done']);
  });

  it('names the item that the weights of a facing fit instead of its own', () => {
    const desk = stocked();
    const taken = (deltaGrams: number) => ({ ...unexplained, evidence: { kind: 'weights', deltaGrams } });
    const [task] = desk.hear(taken(-121), taken(-238), taken(119));
    expect(task).toMatchObject({ kind: 'planogram', facing: 'A1-1' });
    expect(task!.reason).toContain(`fit item ${TEA} of 120 g; look whether that stands there`);
  });

  it('asks for a count after a scale was out of order', () => {
    const desk = stocked();
    const trouble = { type: 'plate_trouble', facing: 'A1-1', trouble: 'stuck' } as const;
    desk.hear(sold(3, MILK), { ...trouble, state: 'raised' }, { ...trouble, state: 'cleared' });
    const [task] = desk.wait(61) as readonly TaskFact[];
    expect(task).toMatchObject({ kind: 'count_request', facing: 'A1-1' });
    expect(task!.reason).toContain('because its scale was out of order');
    expect(kinds(desk.hear({ type: 'count', gtin: MILK, place: 'shelf:A1-1' }))).toEqual([
      'count_request done',
    ]);
  });

  it('has a unit on a wrong facing carried back, until it is gone from there', () => {
    const desk = stocked();
    desk.hear(moved('shelf:A1-1', 'cart', 1), moved('cart', 'shelf:A1-2', 1));
    desk.wait(1);
    const [task] = desk.wait(40) as readonly TaskFact[];
    expect(task).toMatchObject({ kind: 'misplaced', gtin: MILK, facing: 'A1-2', priority: 119 });
    expect(task!.reason).toBe('A unit lies on A1-2, which holds another item; carry it to A1-1.');
    expect(kinds(desk.hear(moved('shelf:A1-2', 'cart', 1)))).toEqual(['misplaced done']);
  });

  it('remembers over a restart what lies on a wrong facing', () => {
    const balances = [{ gtin: MILK, place: 'shelf:A1-2', quantity: 2 }];
    const desk = work({ ...NOTHING_SAVED, balances });
    desk.wait(1);
    const told = desk.wait(60).map(fact => fact.type === 'task' && fact.reason);
    expect(told).toContain('2 units lie on A1-2, which holds another item; carry them to A1-1.');
  });

  const stray = {
    ...unexplained,
    facing: 'A1-2',
    gtin: TEA,
    evidence: { kind: 'weights', deltaGrams: 1027 },
  };
  const givenUp: HeardFact = {
    ...(moved('cart', 'unaccounted', 1) as object),
    cause: 'misplaced',
  } as HeardFact;

  it.each<[string, HeardFact | null]>([
    [
      'a late receipt pays it',
      { ...(moved('unaccounted', 'cart', 1) as object), cause: 'reopened' } as HeardFact,
    ],
    ['somebody counts the item', { type: 'count', gtin: MILK, place: 'backroom' }],
    ['a day has passed', null],
  ])('sends somebody to where an unpaid unit seems to lie, until %s', (_, answer) => {
    const desk = stocked();
    desk.hear(moved('shelf:A1-1', 'cart', 1), stray);
    desk.hear(givenUp);
    desk.wait(1);
    expect(desk.wait(60)[0]).toMatchObject({
      kind: 'misplaced',
      facing: 'A1-2',
      reason:
        'Nobody paid for a unit, and something of that weight was put on A1-2; look there and carry it to A1-1.',
    });
    const after = answer ? desk.hear(answer) : [...desk.wait(25 * 3600), ...desk.wait(61)];
    expect(kinds(after)).toContain('misplaced done');
  });

  describe('when units of an item weigh something else all at once', () => {
    const heavier: HeardFact = {
      ...{ type: 'unit_weight', gtin: TEA, change: 'pack_change' },
      ...{ catalogueGrams: 120, meanGrams: 132.4 },
    };
    const packs = (facts: readonly ShelfWorkFact[]) =>
      kinds(facts.filter(fact => fact.type === 'task')).filter(kind => kind.startsWith('new_pack'));

    it('has somebody look at the new pack and correct the catalogue', () => {
      const desk = stocked();
      const [task] = desk.hear(heavier);
      expect(task).toMatchObject({ kind: 'new_pack', gtin: TEA, facing: null });
      expect(task!.reason).toBe(
        'Its units weigh about 132.4 g now, while items.csv says 120 g; look at the new pack and correct the catalogue.',
      );
    });

    it('says nothing of what is only learned', () => {
      expect(packs(stocked().hear({ ...heavier, change: 'learned' }))).toEqual([]);
    });

    it('asks once for each new pack, also over a restart', () => {
      const desk = stocked();
      const [task] = desk.hear(heavier);
      desk.say(task!.task, 'done');
      expect(packs(desk.wait(5 * 3600))).toEqual([]);
      const latest = desk.tasks().map(fact => ({ fact, eventTimeMs: NOON }));
      const recent = [{ fact: heavier, eventTimeMs: NOON, receivedTimeMs: NOON }];
      const next = work({ ...NOTHING_SAVED, latest, recent }, NOON + 6 * 3_600_000);
      expect(packs(next.wait(61))).toEqual([]);
      next.wait(60);
      expect(packs(next.hear({ ...heavier, meanGrams: 101 }))).toEqual(['new_pack open']);
    });

    it('is over when the catalogue has the new weight', () => {
      const [task] = stocked().hear(heavier);
      const latest = [{ fact: task!, eventTimeMs: NOON }];
      const before: HeardFact = { ...heavier, catalogueGrams: 110 };
      const recent = [{ fact: before, eventTimeMs: NOON, receivedTimeMs: NOON }];
      const next = work({ ...NOTHING_SAVED, latest, recent }, NOON + 60_000);
      expect(packs(next.wait(61))).toEqual(['new_pack done']);
    });
  });
});

describe('the end of a day', () => {
  it('tells each item how long it could be bought and what it sold', () => {
    const desk = work(NOTHING_SAVED, MIDNIGHT);
    desk.hear(moved('supplier', 'backroom', 4), moved('backroom', 'shelf:A1-1', 4), sold(4, MILK));
    desk.wait(18 * 3600);
    desk.hear(moved('shelf:A1-1', 'cart', 4));
    desk.wait(6 * 3600 + 1);
    expect(desk.days()).toMatchObject([
      { gtin: MILK, day: '2026-01-05', soldUnits: 4, facingMinutes: 1440, stockedMinutes: 1080 },
    ]);
    expect(desk.days()[0]!.onShelfShare).toBeCloseTo(0.75);
    // What was missing for a quarter of the day counts as demand.
    expect(desk.days()[0]!.meanPerDay).toBeCloseTo(4 / 0.75);
    expect(desk.wait(60).filter(({ type }) => type === 'item_day')).toEqual([]);
  });

  const step = fc.record({
    units: fc.integer({ min: 1, max: 5 }),
    taken: fc.boolean(),
    seconds: fc.integer({ min: 1, max: 20_000 }),
  });
  test.prop([fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(11)], { seed: 3, numRuns: 60 })(
    'is the same when the store restarts at any moment of it',
    (steps, cut) => {
      const facts: { fact: HeardFact; eventTimeMs: number; receivedTimeMs: number }[] = [];
      const balances = new Map<string, number>();
      let nowMs = MIDNIGHT;
      let desk = work(NOTHING_SAVED, MIDNIGHT);
      for (const [index, { units, taken, seconds }] of steps.entries()) {
        if (nowMs + seconds * 1000 >= MIDNIGHT + DAY_MS) break;
        const fact = taken ? moved('shelf:A1-1', 'cart', units) : moved('supplier', 'shelf:A1-1', units);
        for (const [place, change] of [
          [taken ? 'shelf:A1-1' : 'supplier', -units],
          [taken ? 'cart' : 'shelf:A1-1', units],
        ] as const) {
          balances.set(place, (balances.get(place) ?? 0) + change);
        }
        desk.hear(fact);
        facts.push({ fact, eventTimeMs: nowMs, receivedTimeMs: nowMs });
        desk.wait(seconds);
        nowMs += seconds * 1000;
        if (index === cut) {
          const saved = [...balances].map(([place, quantity]) => ({ gtin: MILK, place, quantity }));
          desk = work({ balances: saved, latest: [], recent: facts }, nowMs);
        }
      }
      const through = work(NOTHING_SAVED, MIDNIGHT);
      let throughMs = MIDNIGHT;
      for (const { fact, eventTimeMs } of facts) {
        through.wait((eventTimeMs - throughMs) / 1000);
        throughMs = eventTimeMs;
        through.hear(fact);
      }
      desk.wait((MIDNIGHT + DAY_MS - nowMs) / 1000);
      through.wait((MIDNIGHT + DAY_MS - throughMs) / 1000);
      expect(desk.days()).toEqual(through.days());
    },
  );
});
