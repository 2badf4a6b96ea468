import { describe, expect, it } from 'vitest';
import { type SignsAt, sickness } from '../../../src/domain/configuration/wellness.ts';

const MINUTE_MS = 60_000;
const at = (minutes: number, change: Partial<SignsAt> = {}): SignsAt => ({
  atMs: minutes * MINUTE_MS,
  errors: 0,
  movements: 0,
  discrepancies: 0,
  devices: 20,
  devicesOnline: 20,
  devicesOffline: 0,
  coldUnits: 3,
  coldUnitsOutside: 0,
  ...change,
});

/** An hour before the change, and ten minutes after it. */
const judge = (before: Partial<SignsAt>, after: Partial<SignsAt>) =>
  sickness(at(0), at(60, before), at(70, { ...before, ...after }));

describe('a store after a change', () => {
  it.each<[string, Partial<SignsAt>, Partial<SignsAt>]>([
    ['nothing happened', {}, {}],
    ['two errors may be chance', {}, { errors: 2 }],
    ['it always had so many errors', { errors: 60 }, { errors: 72 }],
    [
      'more trade brings more discrepancies',
      { movements: 100, discrepancies: 5 },
      { movements: 700, discrepancies: 30 },
    ],
    ['it opened its doors', {}, { movements: 50, discrepancies: 6 }],
    ['one device went offline', {}, { devicesOffline: 1 }],
    ['devices were offline before', { devicesOffline: 5 }, {}],
    ['one case of three defrosts', {}, { coldUnitsOutside: 1 }],
  ])('is well: %s', (_, before, after) => {
    expect(judge(before, after)).toBeNull();
  });

  it.each<[string, Partial<SignsAt>, Partial<SignsAt>]>([
    ['errors out of nowhere', {}, { errors: 5 }],
    ['twice the errors of a bad hour, and more', { errors: 30 }, { errors: 50 }],
    ['discrepancies', { movements: 600, discrepancies: 3 }, { movements: 700, discrepancies: 13 }],
    ['2 more devices are offline', {}, { devicesOffline: 2 }],
    ['2 of 3 cold units', {}, { coldUnitsOutside: 2 }],
  ])('is sick: %s', (_, before, after) => {
    expect(judge(before, after)).not.toBeNull();
  });

  it('that has just started counts the hour before as quiet', () => {
    expect(sickness(at(0), at(1), at(2, { errors: 3 }))).toBe('3 errors since the change');
  });

  it('is judged by counts of any size', () => {
    expect(judge({ errors: 100_000 }, { errors: 116_000 })).toBeNull();
    expect(judge({ errors: 100_000 }, { errors: 118_000 })).not.toBeNull();
  });
});

/** Deterministic numbers of a Poisson law. */
function poissonFrom(seed: number) {
  let state = seed;
  const random = () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return (mean: number) => {
    let [count, chance, left] = [0, Math.exp(-mean), random()];
    while (left > chance && count < 1_000) {
      left -= chance;
      count++;
      chance *= mean / count;
    }
    return count;
  };
}

interface Trade {
  readonly errorsPerHour: number;
  readonly movementsPerHour: number;
  readonly discrepancyShare: number;
}

/** How many of so many stores call themselves sick in ten minutes of looks, twice in a row, each five seconds. */
function sickStores(stores: number, before: Trade, after: Trade): number {
  const poisson = poissonFrom(7);
  let sick = 0;
  for (let store = 0; store < stores; store++) {
    let signs = at(0);
    const first = signs;
    const trade = (seconds: number, { errorsPerHour, movementsPerHour, discrepancyShare }: Trade) => {
      const moved = poisson((movementsPerHour * seconds) / 3600);
      signs = {
        ...signs,
        atMs: signs.atMs + seconds * 1000,
        errors: signs.errors + poisson((errorsPerHour * seconds) / 3600),
        movements: signs.movements + moved,
        discrepancies: signs.discrepancies + poisson(moved * discrepancyShare),
      };
    };
    for (let minute = 0; minute < 60; minute++) trade(60, before);
    const changed = signs;
    for (let look = 0, inARow = 0; look < 120 && inARow < 2; look++) {
      trade(5, after);
      inARow = sickness(first, changed, signs) === null ? 0 : inARow + 1;
      if (inARow === 2) sick++;
    }
  }
  return sick;
}

describe('a thousand stores', () => {
  const usual = { errorsPerHour: 6, movementsPerHour: 300, discrepancyShare: 0.02 };

  it('of which a harmless change makes next to none go back', () => {
    expect(sickStores(1000, usual, usual)).toBeLessThan(5);
  });

  it('of which most go back when every minute brings an error', () => {
    expect(sickStores(1000, { ...usual, errorsPerHour: 1 }, { ...usual, errorsPerHour: 60 })).toBeGreaterThan(
      900,
    );
  });
});
