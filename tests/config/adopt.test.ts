import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adoptDevice } from '../../src/config/adopt.ts';
import { loadSite } from '../../src/config/load-site.ts';

const FRIDGE = {
  id: 'case-9',
  profile: 'danfoss-ekc-202d',
  address: { host: '10.0.0.9', port: 502, unit: 3 },
  bind: { unit: 'Case 9', temperatureClass: 'chilled' },
};

describe('adopting a device', () => {
  let folder: string;
  const site = (name: string) => {
    cpSync(join('edge-config', name), join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const yaml = (of: string) => readFileSync(join(of, 'site.yaml'), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aisle-adopt-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['demo', 'minimal', 'example'])('adds it to %s and touches no other line', name => {
    const of = site(name);
    const before = yaml(of);
    expect(adoptDevice(of, 'devices', FRIDGE)).toMatchObject({
      ok: true,
      value: { id: 'case-9', next: expect.stringContaining('restart the gateway') },
    });
    const added = [
      '  - id: case-9',
      '    profile: danfoss-ekc-202d',
      '    address: { host: 10.0.0.9, port: 502, unit: 3 }',
      '    bind: { unit: Case 9, temperatureClass: chilled }',
      '',
    ].join('\n');
    expect(yaml(of)).toContain(added);
    expect(yaml(of).replace(added, '')).toBe(before);
    expect(loadSite(of, 'devices').site?.devices.get('case-9')).toMatchObject({ address: FRIDGE.address });
  });

  test.each([
    ['an id that is taken', { ...FRIDGE, id: 'dairy-case' }, /the id dairy-case is already used/],
    ['an unknown profile', { ...FRIDGE, profile: 'danfoss-ekc-202' }, /did you mean danfoss-ekc-202/],
    ['an address of another protocol', { ...FRIDGE, address: { name: 'x' } }, /speaks modbus/],
    ['a missing binding', { ...FRIDGE, bind: {} }, /not bound to a unit and a temperatureClass/],
    [
      'an address that is taken',
      { ...FRIDGE, address: { host: '127.0.0.1', port: 5020, unit: 1 } },
      /already used by device dairy-case/,
    ],
  ])('refuses %s and leaves the site as it was', (_what, wanted, reason) => {
    const of = site('demo');
    const before = yaml(of);
    const done = adoptDevice(of, 'devices', wanted);
    expect(done.ok ? '' : done.error.message).toMatch(reason);
    expect(yaml(of)).toBe(before);
    expect(readdirSync(of).toSorted()).toEqual(['items.csv', 'planogram.csv', 'site.yaml']);
  });

  test.each([
    ['no list', 'devices:.*', ''],
    ['an empty list', 'devices:.*', 'devices: []\n'],
  ])('begins a list where there is %s', (_what, from, to) => {
    const of = site('demo');
    writeFileSync(join(of, 'site.yaml'), yaml(of).replace(new RegExp(from, 's'), to));
    const planogram = join(of, 'planogram.csv');
    const header = readFileSync(planogram, 'utf8')
      .split('\n')
      .find(line => !line.startsWith('#'));
    writeFileSync(planogram, `${header}\n`);
    expect(adoptDevice(of, 'devices', FRIDGE)).toMatchObject({ ok: true });
    expect([...(loadSite(of, 'devices').site?.devices.keys() ?? [])]).toEqual(['case-9']);
  });

  test('refuses to touch a site that has mistakes already', () => {
    const of = site('demo');
    writeFileSync(join(of, 'site.yaml'), yaml(of).replace('schema: 1', 'schema: 2'));
    const done = adoptDevice(of, 'devices', FRIDGE);
    expect(done.ok ? '' : done.error.message).toMatch(/mend them first: site\.yaml:3:9/);
  });
});
