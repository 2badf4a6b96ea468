import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import { loadSiteWith } from '../../src/config/load-site.ts';
import { PROFILES, SOUND, withCopy } from './edited-site.ts';

const library = loadProfiles(PROFILES);
const RUNS = { seed: 20260105, numRuns: 150 };

const FILES = ['site.yaml', 'items.csv', 'planogram.csv'] as const;
const PROFILE = readFileSync(join(PROFILES, 'cold/danfoss-ekc-202d.yaml'), 'utf8');
const SPICE = [
  'null',
  '[]',
  '{}',
  '&a [*a]',
  '*a',
  '!!set {x}',
  '? [1]\n: 2',
  '__proto__: 1',
  '"',
  "'",
  '\t',
  ',,',
  '#',
  '1e999',
  '-0',
  '~',
  '%YAML 1.1\n---\n',
  '\u0000',
  '\uD800',
];

/** A valid text with a piece cut out and something foreign put in its place. */
const spoiled = (text: string) =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(40),
      fc.oneof(
        fc.constantFrom(...SPICE),
        fc.string({ unit: 'binary', maxLength: 12 }),
        fc.integer().map(String),
      ),
    )
    .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

const anyText = (text: string) =>
  fc.oneof({ weight: 4, arbitrary: spoiled(text) }, { weight: 1, arbitrary: fc.string() });

describe('no text, however broken, makes a loader throw', () => {
  for (const name of FILES) {
    const sound = readFileSync(join(SOUND, name), 'utf8');
    test.prop([anyText(sound)], RUNS)(`${name}: either a site or problems with places in the files`, text => {
      withCopy(SOUND, folder => {
        writeFileSync(join(folder, name), text);
        const { site, problems } = loadSiteWith(folder, library);
        expect(site === null).toBe(problems.length > 0);
        for (const problem of problems) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.column).toBeGreaterThan(0);
          expect(problem.mend).not.toBe('');
        }
      });
    });
  }

  test.prop([anyText(PROFILE)], RUNS)('a profile: either usable or broken with problems', text => {
    withCopy(SOUND, folder => {
      mkdirSync(join(folder, 'cold'));
      writeFileSync(join(folder, 'cold/danfoss-ekc-202d.yaml'), text);
      const { profiles, broken, problems } = loadProfiles(folder);
      expect(profiles.size + broken.size).toBe(1);
      expect(broken.size).toBe(problems.length > 0 ? 1 : 0);
    });
  });
});
