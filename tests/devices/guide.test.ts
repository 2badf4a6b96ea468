import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkDevice } from '../../src/cli/device-check.ts';
import { withDeviceTable } from '../../src/cli/device-table.ts';
import { loadProfiles } from '../../src/config/load-profiles.ts';
import { PROFILES, withCopy } from '../config/edited-site.ts';

const guide = readFileSync(join(PROFILES, 'README.md'), 'utf8');
const blockOf = (language: string) =>
  new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] ?? '';

it('the table of profiles is what `npm run generate` writes', () => {
  expect(guide).toBe(withDeviceTable(guide, loadProfiles(PROFILES)));
});

it('the worked example is checked as the guide says', () => {
  withCopy(PROFILES, folder => {
    const file = join(folder, 'cold/acme-case.yaml');
    writeFileSync(file, blockOf('yaml'));
    const lines: string[] = [];
    expect(checkDevice(file, { json: false, print: line => lines.push(line) })).toBe(0);
    expect(lines.join('\n')).toBe(blockOf('text').trim());
    writeFileSync(file, blockOf('yaml').replace('type: s16', 'type: u16'));
    lines.length = 0;
    expect(checkDevice(file, { json: false, print: line => lines.push(line) })).toBe(1);
    expect(lines.at(-1)?.trim()).toBe('air_temperature is {"bad":"range"}, the frame expects -18.7');
    expect(guide).toContain(lines.at(-1)!.trim());
  });
});
