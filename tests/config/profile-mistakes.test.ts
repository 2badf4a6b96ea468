import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadProfileFile } from '../../src/config/load-profiles.ts';
import { edit, PROFILES, withCopy } from './edited-site.ts';

const SCALE = 'scales/laumas-tlb4.yaml';
const CASE = 'cold/danfoss-ak-cc55.yaml';
const DIXELL = 'cold/dixell-xr-cx.yaml';
const TAG = 'climate/ruuvitag.yaml';
const ROOM = 'cold/walk-in-room.yaml';

const problemsAfter = (file: string, from: string, to: string) =>
  withCopy(PROFILES, folder => {
    edit(join(folder, file), from, to);
    return loadProfileFile(join(folder, file)).problems.map(({ what, mend }) => `${what}; ${mend}`);
  });

describe('each mistake in what a profile refers to gets one message with its mend', () => {
  it.each([
    [
      SCALE,
      'point: status, bit: 7',
      'point: statis, bit: 7',
      'there is no point "statis" in this profile; did you mean status?',
    ],
    [
      SCALE,
      'type: u16, block: weight, group: live }\n  - { key: gross',
      'type: u16, group: live }\n  - { key: gross',
      'gross_weight and its sign status could come from two scans; add a block that holds both, and name it in both points',
    ],
    [
      SCALE,
      'count: 7',
      'count: 3',
      'net_weight lies outside the block weight, holding 40007 to 40009; correct its address, or the block',
    ],
    [
      SCALE,
      'count: 7',
      'count: 40',
      'the block weight is longer than one read; shorten it to 32, as limits.maxRead says',
    ],
    [
      SCALE,
      'bit: 12, block: weight',
      'bit: 12, block: weights',
      'there is no block "weights"; did you mean weight?',
    ],
    [
      SCALE,
      'key: status, helper: true,',
      'key: overload, helper: true,',
      'overload is a name of the vocabulary, but a helper is not published; give the helper a name of its own, or remove helper',
    ],
    [SCALE, 'value: 8', 'value: 8, from: grams', 'a step needs either value or from; write one of the two'],
    [
      SCALE,
      'verify: { point: gross_weight',
      'verify: { point: gross_wait',
      'there is no point "gross_wait"; did you mean gross_weight?',
    ],
    [SCALE, 'value: 8 }', 'value: 8, type: u32 }', 'function 6 writes one register; write 16'],
    [
      CASE,
      'door_open: { in:',
      'door_opened: { in:',
      'there is no point "door_opened"; did you mean door_open?',
    ],
    [
      CASE,
      'standby: { in:',
      'standby: { bit: { point: control_state, bit: 1 }, in:',
      'standby has bit and in; write exactly one of eq, in, bit, and, or, not, diff',
    ],
    [
      CASE,
      'cleaning: { eq: { point: control_state, value: 29 } }',
      'light: { diff: { from: air_temperature, minus: superheat } }',
      'light is a boolean, but this gives a number; take a point that is a number',
    ],
    [
      CASE,
      'cleaning: { eq: { point: control_state, value: 29 } }',
      'night_mode: { eq: { point: control_state, value: 29 } }',
      'the point night_mode is read and derived; keep one of the two',
    ],
    [
      CASE,
      'cleaning: { eq: { point: control_state, value: 29 } }',
      'cleaning: { and: [night_mode, defrosting, controller_alarm] }',
      'controller_alarm is not read together with it; a value and what it depends on must come with one read: give both the same group, or message',
    ],
    [
      CASE,
      'key: superheat,',
      'key: superheat, enum: { 1: one },',
      'superheat is no text; remove enum, or use derive',
    ],
    [
      DIXELL,
      'from: 0x0420, to: 0x0420',
      'from: 0x00F0, to: 0x0420',
      "holding 256 is denied: the controller's own Modbus address; a write once re-addressed a whole line; leave it out",
    ],
    [
      DIXELL,
      'golden:',
      'writes: [{ key: move, steps: [{ fc: 16, addr: 0x0420, value: 2 }] }]\ngolden:',
      "holding 1056 is denied: the controller's own Modbus address; a write once re-addressed a whole line; leave it out",
    ],
    [
      TAG,
      '  data: { path: data, encoding: hex }\n',
      '',
      'the bytes to decode are nowhere; add data with their path and encoding',
    ],
    [TAG, 'payload: json\n', 'payload: hex\n', 'a hex payload is the bytes to decode itself; remove data'],
    [TAG, 'format: unix-s', 'format: pattern', 'the pattern of the time is missing; add pattern'],
    [
      TAG,
      'decode: ruuvi-rawv2',
      'decode: ruuvi',
      'mqtt.decode is "ruuvi", which is not allowed; write one of',
    ],
    [TAG, 'path: rssi', 'path: rssi, message: radio', 'there is no message "radio"; add it to mqtt.messages'],
    [
      ROOM,
      's=AirTemperature", unit: Cel',
      's=AirTemperature", sign: { point: door_open, bit: 0 }, unit: Cel',
      'walk-in-room gives its values one by one, so one cannot depend on another; map only values that mean something alone',
    ],
  ] as [string, string, string, string][])('%s: %s -> %s', (file, from, to, expected) => {
    const problems = problemsAfter(file, from, to);
    expect(problems.map(problem => problem.slice(0, expected.length))).toContain(expected);
  });

  it('does not let anybody write to an address that is only a guess', () => {
    withCopy(PROFILES, folder => {
      const file = join(folder, SCALE);
      for (let source = 0; source < 3; source++) edit(file, 'trust: manual', 'trust: guess');
      expect(loadProfileFile(file).problems).toMatchObject([
        { what: 'zero would write to an address that is only a guess' },
      ]);
    });
  });
});

describe('addresses as the manual prints them', () => {
  it('are those on the wire everywhere once the profile is loaded', () => {
    const { profile } = loadProfileFile(join(PROFILES, SCALE));
    expect(profile?.modbus).toMatchObject({
      addressBase: 0,
      addressOffset: 0,
      blocks: { weight: { addr: 6, count: 7 } },
    });
    expect(profile?.points.map(({ addr }) => addr)).toContain(7);
    expect(profile?.writes?.[0]?.steps[0]?.addr).toBe(5);
    expect(profile?.golden[0]).toMatchObject({ registers: { 'holding:6': 0x0800 } });
  });
});
