import { describe, expect, test } from 'vitest';
import type { DeviceProfile, ProfilePoint } from '../../../src/config/profile-schema.ts';
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

  const spans = (profile: DeviceProfile) =>
    planPolls(profile).groups.flatMap(({ blocks }) =>
      blocks.map(({ table, address, count }) => `${table} ${address}+${count}`),
    );

  test('reads a block together or not at all, and never tears it apart', () => {
    const [status, weight, fan] = points(
      ['weight_stable', 'holding', 6, 'u16'],
      ['gross_weight', 'holding', 7, 'u32'],
      ['fan', 'holding', 9, 'u16'],
    );
    const profile = modbusProfile({
      points: [{ ...status!, block: 'weight' }, { ...weight!, block: 'weight' }, fan!],
      section: { blocks: { weight: { table: 'holding', addr: 6, count: 8 } } },
    });
    expect(spans(profile)).toEqual(['holding 6+8', 'holding 9+1']);
    expect(splitBlock(planPolls(profile).groups[0]!.blocks[0]!)).toBeNull();
  });

  test('never touches a denied address, not even as a hole', () => {
    const deny = [{ table: 'holding' as const, from: 11, to: 11, why: 'own bus address' }];
    const around = points(['fan', 'holding', 10, 'u16'], ['setpoint', 'holding', 12, 's16']);
    const within = points(['door_open', 'holding', 11, 'u16']);
    const profile = modbusProfile({
      points: [...around, ...within],
      limits: { maxHole: 10 },
      section: { deny },
    });
    expect(spans(profile)).toEqual(['holding 10+1', 'holding 12+1']);
    expect(planPolls(profile).unmapped).toEqual(['door_open']);
  });

  test('has other limits for bits, and reads them from 0 where the model needs that', () => {
    const bits = points(['fan', 'coil', 5, 'bit'], ['door_open', 'coil', 9, 'bit']);
    expect(spans(modbusProfile({ points: bits, limits: { maxHole: 9 } }))).toEqual(['coil 5+1', 'coil 9+1']);
    expect(spans(modbusProfile({ points: bits, limits: { maxBitHole: 3 } }))).toEqual(['coil 5+5']);
    const section = {
      workarounds: { oneRequestPerField: false, fc16Only: false, coilsFromZero: true },
    };
    expect(spans(modbusProfile({ points: bits, section }))).toEqual(['coil 0+6', 'coil 0+10']);
  });

  test('reads one field at a time where the model needs that, but a shared register once', () => {
    const workarounds = { oneRequestPerField: true, fc16Only: false, coilsFromZero: false };
    const profile = modbusProfile({
      points: points(
        ['fan', 'holding', 1, 'u16'],
        ['cooling', 'holding', 2, 'u16'],
        ['standby', 'holding', 2, 'u16'],
      ),
      section: { workarounds },
    });
    expect(spans(profile)).toEqual(['holding 1+1', 'holding 2+1']);
  });

  test('takes the offset of a manual that prints 40001 off as well', () => {
    const profile = modbusProfile({
      points: points(['fan', 'holding', 40_007, 'u16']),
      addressBase: 1,
      section: { addressOffset: 40_000 },
    });
    expect(spans(profile)).toEqual(['holding 6+1']);
  });

  test('names what a group publishes: derived points too, helpers not', () => {
    const [state, air] = points(['state', 'holding', 1, 'u16'], ['air_temperature', 'holding', 2, 's16']);
    const profile = {
      ...modbusProfile({
        points: [
          { ...state!, helper: true },
          { ...air!, group: 'slow' },
        ],
      }),
      derive: { defrosting: { eq: { point: 'state', value: 14 } } },
    };
    expect(planPolls(profile).groups.map(({ name, publishes }) => [name, publishes])).toEqual([
      ['live', ['defrosting']],
      ['slow', ['air_temperature']],
    ]);
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
