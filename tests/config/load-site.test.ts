import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { domainSettings } from '../../src/config/domain-settings.ts';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import { loadSite, loadSiteWith } from '../../src/config/load-site.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { packageRoot } from '../../src/shared/package-root.ts';
import { edit, PROFILES, SOUND, withCopy } from './edited-site.ts';

const siteAt = (name: string) => loadSite(join(packageRoot(), 'edge-config', name), PROFILES);

describe('the sites that come with Aisle', () => {
  it.each([
    ['demo', 20, 30, 27],
    ['minimal', 1, 1, 1],
    ['example', 63, 212, 182],
  ])('%s has no problem', (name, devices, facings, items) => {
    const { site, problems } = siteAt(name);
    expect(problems).toEqual([]);
    expect([site?.devices.size, site?.facings.size, site?.items.size]).toEqual([devices, facings, items]);
  });

  it('minimal gets every default', () => {
    const { site } = siteAt('minimal');
    expect(site).toMatchObject({
      store: { timeZone: 'UTC', currency: 'EUR' },
      listen: { host: '127.0.0.1', http: 8080 },
      mqtt: { port: 1883 },
      cloud: null,
      policies: {
        stock: { safetyStock: 0 },
        coldChain: {
          chilled: { minCelsius: -1, maxCelsius: 5, alarmAfterMinutes: 30 },
          frozen: { minCelsius: -30, maxCelsius: -18, alarmAfterMinutes: 30 },
        },
        retainDays: 30,
      },
    });
  });

  it('neighbours on a demo shelf weigh differently enough to be told apart', () => {
    const site = siteAt('demo').site!;
    const facings = [...site.facings.values()];
    for (const left of facings) {
      const right = facings.find(
        facing =>
          facing.fixture === left.fixture &&
          facing.shelf === left.shelf &&
          facing.position === left.position + 1,
      );
      const grams = [left, right].map(facing => facing && site.items.get(facing.gtin)?.unitWeightGrams);
      if (typeof grams[0] !== 'number' || typeof grams[1] !== 'number') continue;
      expect(Math.abs(grams[0] - grams[1]) / Math.max(...(grams as number[])), left.id).toBeGreaterThan(0.1);
    }
  });
});

describe('a loaded site', () => {
  const { site } = loadSite(SOUND, PROFILES);

  it('has its references resolved', () => {
    expect(site?.devices.get('shelf-1')?.profile.kind).toBe('shelf');
    expect(site?.devices.get('shelf-1')?.address).toEqual({ protocol: 'mqtt', name: 'shelf-1' });
    expect(site?.devices.get('case-2')?.address).toEqual({
      protocol: 'modbus',
      host: '127.0.0.1',
      port: 5020,
      unit: 2,
    });
    expect(site?.items.get('09521321001022' as Gtin)).toEqual({
      gtin: '09521321001022',
      name: 'Peanuts, roasted',
      unitWeightGrams: 262,
      priceMinor: 249,
      temperatureClass: 'ambient',
    });
    expect(site?.facings.get('A1-1')).toMatchObject({
      gtin: '09521321001015',
      plates: [
        { device: 'shelf-1', plate: 1 },
        { device: 'shelf-1', plate: 2 },
      ],
      label: 'label-1',
    });
  });

  const soldByKg = (text: string, unitWeight = '165') =>
    withCopy(SOUND, folder => {
      const items = join(folder, 'items.csv');
      edit(items, 'temperatureClass', 'temperatureClass,soldBy');
      edit(items, '165,1.99,ambient', `${unitWeight},1.99,ambient,${text}`);
      edit(items, '2.49,ambient', '2.49,ambient,');
      edit(items, '2.5,ambient', '2.5,ambient,unit');
      edit(join(folder, 'planogram.csv'), '12,3,shelf-1:1', '20000,3000,shelf-1:1');
      const { site: loaded, problems } = loadSiteWith(folder, loadProfiles(PROFILES));
      return {
        site: loaded,
        problems: problems.map(({ line, column, what, mend }) => `${line}:${column}: ${what}; ${mend}`),
      };
    });

  it('may sell an item by weight, which then fills its place in grams', () => {
    const { site: loaded, problems } = soldByKg('kg');
    expect(problems).toEqual([]);
    expect(loaded!.items.get('09521321001015' as Gtin)!.soldBy).toBe('kg');
    expect(loaded!.items.get('09521321001022' as Gtin)).not.toHaveProperty('soldBy');
    expect(loaded!.facings.get('A1-1')).toMatchObject({ capacity: 20_000, minimum: 3_000 });
    expect(domainSettings(loaded!).stock.byWeight).toEqual(new Map([['09521321001015', 165]]));
  });

  it.each([
    ['kilo', '165', /^2:.* soldBy is "kilo"; .*kg/],
    ['kg', '', /an item sold by kg has no unitWeightGrams; write what one piece weighs as a rule/],
    ['unit', '165', /capacity is 20000, out of range/],
  ])('says what is wrong with soldBy %s and a weight of "%s"', (text, weight, message) => {
    expect(soldByKg(text, weight).problems.join('\n')).toMatch(message);
  });

  it('may have several items on the same plates, where each line says so', () => {
    withCopy(SOUND, folder => {
      const file = join(folder, 'planogram.csv');
      edit(file, 'shelf-1:3', 'shelf-1:1+ shelf-1:2+');
      edit(file, 'shelf-1:1 shelf-1:2', 'shelf-1:2+ shelf-1:1+');
      const { site: shared, problems } = loadSiteWith(folder, loadProfiles(PROFILES));
      expect(problems).toEqual([]);
      const [first, second] = [...shared!.facings.values()];
      expect(second!.plates).toEqual(first!.plates.toReversed());
    });
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(site?.policies.coldChain.chilled)).toBe(true);
    expect(Object.isFrozen(site?.facings.get('A1-1')?.plates[0])).toBe(true);
    expect(() => (site!.items as Map<Gtin, unknown>).clear()).toThrow('cannot be changed');
  });
});

describe('what does not stop a site', () => {
  it('a broken profile that none of its devices names', () => {
    withCopy(PROFILES, profiles => {
      edit(join(profiles, 'tills/aisle-till.yaml'), 'kind: till', 'kind: cash');
      expect(loadSite(SOUND, profiles).problems).toEqual([]);
      edit(join(profiles, 'labels/aisle-label.yaml'), 'kind: label', 'kind: paper');
      expect(loadSite(SOUND, profiles).problems).toHaveLength(1);
    });
  });

  it('a byte order mark, Windows line ends and columns in another order', () => {
    withCopy(SOUND, folder => {
      const text =
        '\uFEFFname,gtin,price,temperatureClass,unitWeightGrams\r\nCrisps,9521321001015,1.99,ambient,165\r\n';
      writeFileSync(join(folder, 'items.csv'), text);
      const plan =
        'facing,fixture,shelf,position,gtin,capacity,minimum,plates,label\r\nA1-1,A,1,1,9521321001015,12,3,,\r\n';
      writeFileSync(join(folder, 'planogram.csv'), plan);
      expect(loadSite(folder, PROFILES).problems).toEqual([]);
    });
  });
});

describe('files that are not there or not text', () => {
  const whatOf = (change: (folder: string) => void) =>
    withCopy(SOUND, folder => {
      change(folder);
      const { problems } = loadSite(folder, PROFILES);
      return problems.map(({ file, what }) => `${file.slice(folder.length + 1)}: ${what}`);
    });

  it.each(['site.yaml', 'items.csv', 'planogram.csv'])('a missing %s is the only thing named', name => {
    expect(whatOf(folder => rmSync(join(folder, name)))).toEqual([`${name}: the file is missing`]);
  });

  it('a missing folder names all three files', () => {
    expect(loadSite(join(SOUND, 'nowhere'), PROFILES).problems).toHaveLength(3);
  });

  it('a folder in the place of a file', () => {
    const swap = (folder: string) => {
      rmSync(join(folder, 'items.csv'));
      mkdirSync(join(folder, 'items.csv'));
    };
    expect(whatOf(swap)).toEqual(['items.csv: this is a folder, not a file']);
  });

  it('a file in another encoding', () => {
    const spoil = (folder: string) =>
      writeFileSync(join(folder, 'items.csv'), Buffer.from('gtin;name\nK\xe4se', 'latin1'));
    expect(whatOf(spoil)).toEqual(['items.csv: the file is not UTF-8 text']);
  });

  it('a missing folder of profiles', () => {
    const { problems } = loadSite(SOUND, join(SOUND, 'no-profiles'));
    expect(problems[0]?.what).toMatch(/folder of device profiles|there is no profile/);
    expect(problems.some(problem => problem.file.endsWith('no-profiles'))).toBe(true);
  });
});
