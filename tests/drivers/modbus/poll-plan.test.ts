import { describe, expect, test } from 'vitest';
import type { ProfilePoint } from '../../../src/config/profile-schema.ts';
import { planPolls, splitBlock } from '../../../src/drivers/modbus/poll-plan.ts';
import { modbusProfile } from './bus-fixtures.ts';

type Place = [key: string, table: ProfilePoint['table'], addr: number, type: ProfilePoint['type']];
const points = (...places: readonly Place[]): ProfilePoint[] =>
  places.map(([key, table, addr, type]) => ({ key, table, addr, type, scale: 1, offset: 0 }) as ProfilePoint);

const plan = (limits: { maxRead?: number; maxHole?: number }, ...places: readonly Place[]) =>
  planPolls(modbusProfile({ points: points(...places), limits })).groups.map(({ blocks }) =>
    blocks.map(({ table, address, count }) => `${table} ${address}+${count}`),
  )[0];

describe('a poll plan', () => {
  test.each<[string, Parameters<typeof plan>, readonly string[]]>([
    [
      'reads neighbours at once, in any order',
      [{}, ['fan', 'holding', 11, 'u16'], ['setpoint', 'holding', 10, 's16']],
      ['holding 10+2'],
    ],
    [
      'never reads over a hole by itself',
      [{}, ['fan', 'holding', 12, 'u16'], ['setpoint', 'holding', 10, 's16']],
      ['holding 10+1', 'holding 12+1'],
    ],
    [
      'reads over a hole that the profile allows',
      [{ maxHole: 1 }, ['fan', 'holding', 12, 'u16'], ['setpoint', 'holding', 10, 's16']],
      ['holding 10+3'],
    ],
    [
      'keeps tables apart',
      [{}, ['fan', 'coil', 11, 'bit'], ['setpoint', 'holding', 10, 's16']],
      ['coil 11+1', 'holding 10+1'],
    ],
    [
      'counts two registers for 32 bits',
      [{}, ['setpoint', 'holding', 10, 'f32'], ['fan', 'holding', 12, 'u16']],
      ['holding 10+3'],
    ],
    [
      'stays within maxRead',
      [
        { maxRead: 2 },
        ['fan', 'holding', 1, 'u16'],
        ['cooling', 'holding', 2, 'u16'],
        ['setpoint', 'holding', 3, 'u16'],
      ],
      ['holding 1+2', 'holding 3+1'],
    ],
    [
      'reads a register once for two points',
      [{}, ['defrosting', 'holding', 7, 'u16'], ['door_open', 'holding', 7, 'u16']],
      ['holding 7+1'],
    ],
  ])('%s', (_what, args, expected) => {
    expect(plan(...args)).toEqual(expected);
  });

  test('takes one off the addresses of a manual that counts from 1', () => {
    const profile = modbusProfile({ points: points(['fan', 'holding', 2511, 'u16']), addressBase: 1 });
    expect(planPolls(profile).groups[0]?.blocks[0]).toMatchObject({ address: 2510, count: 1 });
  });

  test('has one beat per group, once a second when none is named', () => {
    const [live, slow] = points(['fan', 'holding', 1, 'u16'], ['setpoint', 'holding', 2, 's16']);
    const profile = modbusProfile({
      points: [live!, { ...slow!, group: 'slow' }],
      groups: { slow: { everyMs: 30_000 } },
    });
    const { groups } = planPolls(profile);
    expect(groups.map(({ name, everyMs }) => [name, everyMs])).toEqual([
      ['live', 1000],
      ['slow', 30_000],
    ]);
  });

  test('names the points that it cannot read', () => {
    const beyond = points(['fan', 'holding', 0, 'u16'], ['setpoint', 'holding', 65_536, 'f32']);
    const pathless = { key: 'door_open', scale: 1, offset: 0 };
    const profile = modbusProfile({ points: [...beyond, pathless], addressBase: 1 });
    expect(planPolls(profile)).toEqual({ groups: [], unmapped: ['fan', 'setpoint', 'door_open'] });
  });
});

test('a refused block is halved down to single points', () => {
  const profile = modbusProfile({
    points: points(
      ['fan', 'holding', 1, 'u16'],
      ['cooling', 'holding', 2, 'u16'],
      ['setpoint', 'holding', 3, 'f32'],
    ),
  });
  const [first, second] = splitBlock(planPolls(profile).groups[0]!.blocks[0]!)!;
  expect([first, second].map(({ address, count }) => [address, count])).toEqual([
    [1, 1],
    [2, 3],
  ]);
  expect(splitBlock(first)).toBeNull();
});
