import { expect, it } from 'vitest';
import { checkSite } from '../../src/cli/check.ts';

it('ten different mistakes in a site get ten messages, each with file, line and mend, and exit code 1', () => {
  const lines: string[] = [];
  const exitCode = checkSite('tests/cases/config/ten-mistakes', {
    json: false,
    print: line => lines.push(line.replaceAll('tests/cases/config/ten-mistakes', 'SITE')),
  });
  expect(lines).toEqual([
    'SITE/items.csv:2:39: price 1.999 has more decimals than EUR, which has 2; write it like 1.99',
    'SITE/planogram.csv:2:29: minimum 13 is above the capacity 12; write 0 to 12',
    'SITE/planogram.csv:3:31: plate shelf-1:1 is already used on line 2; a plate belongs to one facing, or write shelf-1:1+ on the lines of all items that share it',
    'SITE/site.yaml:4:8: "9521321000017" is not a GLN; its last digit should be 8 if the others are right',
    'SITE/site.yaml:6:13: there is no time zone "Europe/Berln"; did you mean Europe/Berlin?',
    'SITE/site.yaml:8:3: unknown key "htpp" in listen; did you mean http?',
    'SITE/site.yaml:10:15: policies.retainDays is 0, out of range; write a whole number from 1 to 3650',
    'SITE/site.yaml:13:11: the id shelf-1 is already used by device shelf-1; give each device its own',
    'SITE/site.yaml:14:29: there is no profile "aisle-lable"; did you mean aisle-label?',
    'SITE/site.yaml:17:5: this address is for opcua, but the profile danfoss-ekc-202d speaks modbus; write host, port and unit',
    'SITE: 10 problems',
  ]);
  expect(exitCode).toBe(1);
});

it('a sound site gets one line and exit code 0', () => {
  const lines: string[] = [];
  expect(checkSite('edge-config/demo', { json: false, print: line => lines.push(line) })).toBe(0);
  expect(lines).toEqual(['edge-config/demo: 20 devices, 30 facings, 27 items, no problems']);
});

it('the same as JSON is one object', () => {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  checkSite('edge-config/minimal', { json: true, print });
  checkSite('tests/cases/config/ten-mistakes', { json: true, print });
  const [sound, broken] = lines.map(line => JSON.parse(line));
  expect(sound).toEqual({ site: 'edge-config/minimal', devices: 1, facings: 1, items: 1, problems: [] });
  expect(broken.problems).toHaveLength(10);
  expect(broken.problems[0]).toMatchObject({
    file: expect.stringContaining('items.csv'),
    line: 2,
    column: 39,
  });
});
