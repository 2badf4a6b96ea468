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
