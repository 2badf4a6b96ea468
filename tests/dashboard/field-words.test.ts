import { describe, expect, test } from 'vitest';
import { idFor } from '../../src/dashboard/model/adopting.ts';
import { isWanted, vitalWords } from '../../src/dashboard/model/device-words.ts';
import type { BusBudget, DeviceBudget } from '../../src/readings/bus-budget.ts';
import { byTrouble, lineMark, lineSentences } from '../../src/readings/line-words.ts';
import { manualClock } from '../support/manual-clock.ts';
import { demoField } from './demo-field.ts';
import { demoStore } from './demo-store.ts';

const [serial, tcp] = demoField(() => 0).buses() as [BusBudget, BusBudget];
const all = (bus: BusBudget, change: Partial<DeviceBudget>) => ({
  ...bus,
  devices: bus.devices.map(device => ({ ...device, ...change })),
});

describe('a line in words', () => {
  test('ten of 32 dead: who they are, what they cost, and that the living are still read', () => {
    expect(lineSentences(serial)).toEqual([
      '10 of 32 devices do not answer: case-02, case-05, case-08 and 7 more.',
      'Asking for the silent costs 3.0 % of the line; the others keep their interval.',
    ]);
    expect(lineMark(serial)).toBe('low');
  });

  test.each<[string, BusBudget, string, string]>([
    ['all well', all(tcp, { state: 'online' }), 'All 2 devices answer.', 'ok'],
    ['one refuses', tcp, 'All 2 devices answer.', 'low'],
    ['all dead', all(tcp, { state: 'offline' }), 'None of its 2 devices answers.', 'out'],
    ['nobody on it', { ...tcp, devices: [] }, 'Nothing is read on this line.', 'none'],
    [
      'unplugged',
      { ...tcp, isConnected: false },
      'There is no connection to this line, so none of its devices is read.',
      'out',
    ],
  ])('%s', (_what, bus, sentence, mark) => {
    expect(lineSentences(bus)).toEqual([sentence]);
    expect(lineMark(bus)).toBe(mark);
  });

  test('a line that is too full says so and what helps', () => {
    const full = { ...all(tcp, { state: 'online' }), usedShare: 0.97 };
    expect(lineSentences(full).at(-1)).toBe(
      'It is too full (97 %): read less often, raise the baud rate, or split the line.',
    );
    expect(lineMark(full)).toBe('low');
  });

  test('the living that are read late are counted', () => {
    const late = { ...serial, devices: serial.devices.map(each => ({ ...each, wantedIntervalMs: 9_000 })) };
    expect(lineSentences(late)[1]).toBe(
      'Asking for the silent costs 3.0 % of the line; 22 others are read late.',
    );
  });

  test('trouble stands first, then who uses most', () => {
    expect(
      byTrouble(serial.devices)
        .slice(0, 10)
        .every(({ state }) => state === 'offline'),
    ).toBe(true);
    expect(byTrouble(tcp.devices).map(({ device }) => device)).toEqual(['freezer-case', 'dairy-case']);
  });
});

describe('a device in words', () => {
  const devices = demoStore(manualClock()).queries.devices();
  const ids = (filter: Parameters<typeof isWanted>[1], search = '') =>
    devices.filter(device => isWanted(device, filter, search)).map(({ device }) => device);

  test('is found by its state and by any words of its names', () => {
    expect(ids('trouble')).toEqual(['shelf-b2']);
    expect(ids('unknown')).toEqual(['label-c2-1']);
    expect(ids('all', 'MODBUS dairy')).toEqual(['dairy-case']);
    expect(ids('all', 'nowhere')).toEqual([]);
  });

  test('says how fast it answers, how often it fails, and whether its clock is wrong', () => {
    const vitals = { errorRate: 0.034, roundTripMs: 41.2, clockOffsetMs: -190_000, detail: null };
    expect(vitalWords(vitals)).toEqual([
      'answers in 41 ms',
      '3.4 % errors in 5 min',
      'its clock is 3 min behind',
    ]);
    expect(vitalWords({ ...vitals, errorRate: 0, roundTripMs: null, clockOffsetMs: 900 })).toEqual([
      'no errors in 5 min',
    ]);
    expect(vitalWords(null)).toEqual([]);
  });
});

test.each([
  ['VS121 6417A', 'vs121-6417a'],
  ['10.0.0.7:502 unit 3', '10-0-0-7-502-unit-3'],
  ['冷库', 'device-1'],
])('a stranger called %s may be the device %s', (name, id) => {
  expect(idFor(name)).toBe(id);
});
