import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import { replayGolden } from '../../src/drivers/golden.ts';
import { planPolls } from '../../src/drivers/modbus/poll-plan.ts';
import { publishedKeys } from '../../src/drivers/point-set.ts';
import { POINTS } from '../../src/readings/points.ts';
import { packageRoot } from '../../src/shared/package-root.ts';

const { profiles, problems } = loadProfiles(join(packageRoot(), 'devices'));
const all = [...profiles.values()];
const named = (list: readonly DeviceProfile[]) => list.map(profile => [profile.id, profile] as const);

it('the library has no mistake', () => {
  expect(problems).toEqual([]);
});

describe('every golden frame means what its profile says', () => {
  it.each(named(all))('%s', (_id, profile) => {
    expect(profile.golden.length).toBeGreaterThan(0);
    for (const result of replayGolden(profile)) expect(result).toMatchObject({ differences: [] });
  });
});

const isTemperature = (key: string) => POINTS[key as keyof typeof POINTS]?.unit === 'Cel';
const expected = (profile: DeviceProfile) => profile.golden.flatMap(frame => Object.entries(frame.expect));

describe('the golden frames show what goes wrong most often', () => {
  const measuring = all.filter(profile => publishedKeys(profile).some(isTemperature));

  it.each(named(measuring))('%s: a temperature below zero', (_id, profile) => {
    expect(expected(profile).some(([key, value]) => isTemperature(key) && Number(value) < 0)).toBe(true);
  });

  it.each(named(measuring))('%s: a value that cannot be one', (_id, profile) => {
    expect(expected(profile).some(([, value]) => Object.hasOwn(Object(value), 'bad'))).toBe(true);
  });

  const wide = all.filter(({ points }) => points.some(({ type }) => /32|64/.test(type ?? '')));
  it.each(named(wide))('%s: a number of two registers, both of which count', (_id, { points, golden }) => {
    const twoWords = points.filter(({ type }) => /32|64/.test(type ?? ''));
    const told = golden.flatMap(frame => ('registers' in frame ? [frame.registers] : []));
    const isTelling = told.some(registers =>
      twoWords.some(({ table, addr = 0 }) => {
        const [first, second] = [registers[`${table}:${addr}`], registers[`${table}:${addr + 1}`]];
        return first !== undefined && second !== undefined && first !== second && first * second !== 0;
      }),
    );
    expect(isTelling).toBe(true);
  });
});

describe('every Modbus profile can be read', () => {
  const modbus = all.filter(({ protocol }) => protocol === 'modbus');
  it.each(named(modbus))('%s: all of its points have a place in the poll plan', (_id, profile) => {
    expect(planPolls(profile).unmapped).toEqual([]);
  });
});
