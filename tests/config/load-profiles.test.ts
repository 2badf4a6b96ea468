import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProfileFile, loadProfiles } from '../../src/config/load-profiles.ts';
import { edit, PROFILES, withCopy } from './edited-site.ts';

const EKC = 'cold/danfoss-ekc-202d.yaml';
const ROOM = 'cold/walk-in-room.yaml';
const VS121 = 'counters/milesight-vs121.yaml';

const problemsAfter = (file: string, from: string, to: string) =>
  withCopy(PROFILES, folder => {
    edit(join(folder, file), from, to);
    return loadProfileFile(join(folder, file)).problems.map(({ what, mend }) => `${what}; ${mend}`);
  });

describe('the library of profiles', () => {
  it('has no problem and a golden frame in each', () => {
    const { profiles, problems } = loadProfiles(PROFILES);
    expect(problems).toEqual([]);
    expect([...profiles.keys()]).toEqual(expect.arrayContaining(['aisle-shelf', 'danfoss-ekc-202d']));
    for (const profile of profiles.values()) expect(profile.golden.length, profile.id).toBeGreaterThan(0);
  });

  it('sees wire addresses, whatever base the file counts from', () => {
    const wire = loadProfiles(PROFILES).profiles.get('danfoss-ekc-202d');
    const based = withCopy(PROFILES, folder => {
      edit(join(folder, EKC), 'addressBase: 0', 'addressBase: 1');
      return loadProfileFile(join(folder, EKC)).profile;
    });
    expect(wire?.points[0]?.addr).toBe(2575);
    expect(based?.points[0]?.addr).toBe(2574);
    expect(based?.modbus?.addressBase).toBe(0);
    expect(based?.golden[0]).toMatchObject({ registers: { 'holding:2574': 34 } });
  });

  it('knows its folder, not the name of a group', () => {
    const problems = withCopy(PROFILES, folder => {
      mkdirSync(join(folder, 'other'));
      writeFileSync(join(folder, 'other/walk-in-room.yaml'), 'schema: 1');
      return loadProfiles(folder).problems.map(({ what }) => what);
    });
    expect(problems).toContainEqual(
      expect.stringMatching(/the profile walk-in-room already stands in .*cold/),
    );
  });
});

it('the worked example of devices/README.md is a valid profile', () => {
  const guide = readFileSync(join(PROFILES, 'README.md'), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  withCopy(PROFILES, folder => {
    writeFileSync(join(folder, 'cold/acme-case.yaml'), example);
    const { profiles, problems } = loadProfiles(folder);
    expect(problems).toEqual([]);
    expect(profiles.get('acme-case')?.points[0]?.addr).toBe(2575);
  });
});

describe('each mistake in a profile gets one message with its mend', () => {
  it.each([
    [
      EKC,
      'id: danfoss-ekc-202d',
      'id: ekc',
      'id is "ekc", but the file is danfoss-ekc-202d.yaml; write danfoss-ekc-202d, or rename the file',
    ],
    [
      EKC,
      '{ key: fan,',
      '{ key: fan, table: holding, addr: 2512, type: u16 }\n  - { key: fan,',
      'the point fan stands twice; keep one of the two',
    ],
    [
      EKC,
      'key: fan, table: holding',
      'key: fan, table: hold',
      'points[5].table is "hold", which is not allowed; write one of holding, input, coil, discrete',
    ],
    [
      EKC,
      'addr: 2545, type: s16',
      'addr: 2545, type: s17',
      'points[2].type is "s17", which is not allowed; did you mean s16?',
    ],
    [EKC, 'addr: 2545, ', '', 'setpoint has no addr; a point of this modbus profile needs table, addr, type'],
    [
      EKC,
      'addr: 2545, type: s16, scale: 0.1, unit: Cel',
      'addr: 2545, type: s16, scale: 0.1, unit: K',
      'setpoint is in Cel, not in "K"; write Cel and convert with scale and offset',
    ],
    [
      EKC,
      'valid: { min: -50, max: 50 }, ',
      '',
      'setpoint could not tell a broken probe from a temperature; add valid: { min: .., max: .. }, or the sentinels that the manual names',
    ],
    [
      EKC,
      'valid: { min: -50, max: 50 }',
      'valid: { min: 50, max: -50 }',
      'no value lies between 50 and -50; write a min below -50',
    ],
    [
      EKC,
      'addr: 2509, type: u16',
      'addr: 2509, type: u32',
      'fan reads holding 2510 as u16, cooling reads it as u32; correct one address or type: they overlap',
    ],
    [
      EKC,
      'addr: 2545, type: s16',
      'addr: 65535, type: s32',
      'register 65535 does not exist; write 0 to 65535, as the manual counts',
    ],
    [EKC, 'table: holding, addr: 2510', 'table: coil, addr: 2510', 'coil cannot be read as u16; write bit'],
    [
      EKC,
      'addr: 2510, type: u16, group: live',
      'addr: 2510, type: u16, group: alive',
      'there is no group "alive"; did you mean live?',
    ],
    [
      EKC,
      'addr: 2510, type: u16',
      'addr: 2510, type: u16, node: "nsu=x;s=y"',
      'node has no use in this modbus profile; remove it',
    ],
    [EKC, 'addr: 2510, type: u16', 'addr: 2510, type: u16, wrap: 10', 'fan is not a counter; remove wrap'],
    [
      EKC,
      'expect: { air_temperature: 3.4',
      'expect: { air_temperatur: 3.4',
      'there is no point "air_temperatur" in this profile; did you mean air_temperature?',
    ],
    [
      EKC,
      'simulator:',
      'mqtt: { topic: x, payload: json }\nsimulator:',
      'the section mqtt has no use: the protocol is modbus; remove it',
    ],
    [
      ROOM,
      'opcua:\n  samplingMs: 1000\n  publishingMs: 1000\n',
      '',
      'the section opcua is missing; add "opcua:" with its settings',
    ],
    [
      ROOM,
      'node: "nsu=urn:aisle:walk-in-room;s=AirTemperature", unit',
      'node: "ns=2;s=AirTemperature", unit',
      'points[0].node is "ns=2;s=AirTemperature", which has the wrong form; write nsu=<namespace uri>;s=<name> (or ;i= ;g= ;b=), never a bare namespace index',
    ],
    [
      VS121,
      'path: people_total_in, ',
      '',
      'people_in_total has no path; a point of this mqtt profile needs path',
    ],
    [VS121, 'key: people_in_total', 'key: people_total_in', null],
    [VS121, '{ key: people_in_total', '{ key: weights', null],
  ])('%s: %s -> %s', (file, from, to, message) => {
    const problems = problemsAfter(file, from, to);
    if (message === null) expect(problems.length).toBeGreaterThan(0);
    else expect(problems).toEqual([message]);
  });
});
