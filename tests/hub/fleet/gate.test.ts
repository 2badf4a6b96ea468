import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { chanceOfDifference, chanceOfFailures } from '../../../src/hub/fleet/chance.ts';
import { SILENT_MS, type Vitals } from '../../../src/hub/fleet/condition.ts';
import { decide, LOOKS, type RolloutStore } from '../../../src/hub/fleet/gate.ts';
import { orderOf, stagesOf } from '../../../src/hub/fleet/stages.ts';
import { runTrial } from './trial.ts';

describe('the stages of a rollout', () => {
  test.prop([fc.integer({ min: 1, max: 20_000 })], { seed: 1 })(
    'each reach more stores than the one before, and the last one all',
    stores => {
      const stages = stagesOf(stores);
      for (const [index, stage] of stages.entries()) {
        expect(stage.stores).toBeGreaterThan(stages[index - 1]?.stores ?? 0);
        expect(stage.stores).toBeLessThan((stores * stage.percent) / 100 + 1);
      }
      expect(stages.at(-1)).toEqual({ percent: 100, stores });
    },
  );

  it('come in the same order however the stores are listed, and in another for another rollout', () => {
    const stores = Array.from({ length: 200 }, (_, index) => `store-${index}`);
    const order = orderOf('a', stores);
    expect(orderOf('a', stores.toReversed())).toEqual(order);
    const both = order.slice(0, 20).filter(store => orderOf('b', stores).slice(0, 20).includes(store));
    expect(both.length).toBeLessThan(10);
  });
});

describe('chance', () => {
  // Counted out: of C(10, 3) = 120 ways to draw 3 of 10 stores, 1 has all 3 sick, and 21 more have 2.
  it.each([
    [3, 1 / 120],
    [2, 22 / 120],
    [0, 1],
  ])('puts %i or more of 3 sick stores among 3 treated ones of 10', (sick, chance) => {
    expect(chanceOfDifference({ sick, stores: 3 }, { sick: 3 - sick, stores: 7 })).toBeCloseTo(chance, 12);
  });

  it.each([
    [1, 50, true],
    [1, 51, false],
    [2, 743, true],
    [2, 744, false],
  ])('%i failed of %i stores are too many: %s', (failed, stores, tooMany) => {
    expect(chanceOfFailures(failed, stores, 1 / 5_000) < 0.01).toBe(tooMany);
  });

  test.prop([fc.nat(50), fc.nat(50), fc.nat(400), fc.nat(400)], { seed: 1 })(
    'is a probability, and less for more sick stores',
    (sick, others, well, wellOthers) => {
      const control = { sick: others, stores: others + wellOthers };
      const chance = chanceOfDifference({ sick, stores: sick + well }, control);
      const more = chanceOfDifference({ sick: sick + 1, stores: sick + 1 + well }, control);
      expect(chance).toBeGreaterThanOrEqual(0);
      expect(chance).toBeLessThanOrEqual(1);
      expect(more).toBeLessThanOrEqual(chance + 1e-9);
    },
  );
});

describe('the gate', () => {
  const NOW = 10_000_000;
  const well: Vitals = {
    errors: 0,
    discrepancies: 0,
    devices: 20,
    devicesOffline: 0,
    pendingEvents: 0,
    heardMs: NOW,
  };
  const sinceMs = NOW - 3_600_000;
  /** 1,000 stores of which 50 have the change. */
  const chain = (
    nowOf: (rank: number) => Partial<Vitals>,
    change: (rank: number) => Partial<RolloutStore> = () => ({}),
  ) =>
    Array.from({ length: 1_000 }, (_, rank): RolloutStore => {
      const now = { ...well, ...nowOf(rank) };
      return {
        store: `store-${rank}`,
        rank,
        state: rank < 50 ? 'confirmed' : 'waiting',
        reason: '',
        watched: { sinceMs, base: well, now },
        isOnline: NOW - now.heardMs < 60_000,
        ...change(rank),
      };
    });
  const atTheEnd = { stores: 1_000, percent: 5, soakMs: 1_000, soakFromMs: NOW - 1_000, looks: LOOKS - 1 };
  const sick = { errors: 40 };

  it('lets a stage pass that is as well as the others', () => {
    expect(
      decide(
        atTheEnd,
        chain(() => ({})),
        NOW,
      ),
    ).toEqual({ kind: 'advance', percent: 20 });
  });

  it('halts when more of the stores with the change are sick than chance would make', () => {
    const stores = chain(rank => (rank < 2 ? sick : {}));
    expect(decide(atTheEnd, stores, NOW)).toEqual({
      kind: 'halt',
      reason: '2 of 50 stores are sick and 0 of the 950 that do not have it yet, such as store-0: 40 errors',
    });
  });

  it('does not blame a storm that goes over all stores on the change', () => {
    expect(
      decide(
        atTheEnd,
        chain(() => sick),
        NOW,
      ),
    ).toMatchObject({ kind: 'advance' });
    expect(
      decide(
        atTheEnd,
        chain(rank => (rank % 10 === 0 ? sick : {})),
        NOW,
      ),
    ).toMatchObject({ kind: 'advance' });
  });

  it('passes no stage while it cannot see the stores', () => {
    const unheard = chain(rank => (rank % 3 === 0 ? { heardMs: NOW - SILENT_MS / 2 } : {}));
    expect(decide(atTheEnd, unheard, NOW)).toEqual({ kind: 'wait' });
  });

  it('waits for a store that took the change and fell silent, and not for one that never got it', () => {
    const telling = { ...atTheEnd, soakFromMs: null };
    const lostMs = (state: RolloutStore['state'], ageMs: number) =>
      decide(
        telling,
        chain(
          rank => (rank === 30 ? { heardMs: NOW - ageMs } : {}),
          rank => (rank === 30 ? { state } : {}),
        ),
        NOW,
      ).kind;
    expect(lostMs('applied', SILENT_MS - 1)).toBe('wait');
    expect(lostMs('applied', SILENT_MS + 1)).toBe('soak');
    expect(lostMs('waiting', 70_000)).toBe('soak');
    expect(lostMs('waiting', 0)).toBe('wait');
  });

  it('begins to watch only when half of a stage has answered', () => {
    const telling = { ...atTheEnd, soakFromMs: null };
    const away = (from: number) =>
      decide(
        telling,
        chain(
          rank => (rank >= from && rank < 50 ? { heardMs: NOW - 70_000 } : {}),
          rank => (rank >= from && rank < 50 ? { state: 'waiting' } : {}),
        ),
        NOW,
      ).kind;
    // Ten of the fifty were reached at 1 %, so forty belong to this stage.
    expect(away(30)).toBe('soak');
    expect(away(29)).toBe('wait');
  });
});

it('in virtual time, a defect of one store in 20 is halted before more than one in 20 has it, and nothing harmless is', () => {
  for (const seed of [1, 2, 3]) {
    expect(runTrial({ seed, stores: 1_000, oneIn: 20, defect: 'found' })).toMatchObject({
      haltedAt: expect.toSatisfy((percent: number) => percent <= 5),
      reached: expect.toSatisfy((stores: number) => stores <= 50),
    });
  }
  expect(runTrial({ seed: 1, stores: 300, oneIn: null, defect: 'found' })).toMatchObject({
    haltedAt: null,
    reached: 300,
  });
});
