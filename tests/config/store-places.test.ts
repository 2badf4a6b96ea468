import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/problems.ts';
import { loadStorePlaces } from '../../src/config/store-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'aisle-stores-'));
const file = join(folder, 'stores.csv');
afterEach(() => rmSync(file, { force: true }));

const read = (text: string) => {
  writeFileSync(file, text);
  const { stores, problems } = loadStorePlaces(file);
  return { stores, problems: problems.map(each => formatProblem(each).slice(folder.length + 1)) };
};

it('reads the example', () => {
  const { stores, problems } = loadStorePlaces('edge-config/stores.csv');
  expect(problems).toEqual([]);
  expect(stores).toHaveLength(5);
  expect(stores[0]).toMatchObject({ store: '9521321000018', latitude: 52.5219, timeZone: 'Europe/Berlin' });
});

it('names every mistake with its place and the mend', () => {
  const { stores, problems } = read(
    [
      'gln,name,latitude,longitude,timeZone',
      '9521321000019,Wrong digit,52.5,13.4,UTC',
      '9521321000025,,91,"13,4",Europe/Berlyn',
      '9521321000032,Good,50.9,-6.9,',
      '9521321000032,Again,50.9,6.9,',
    ].join('\n'),
  );
  expect(stores).toEqual([
    { store: '9521321000032', name: 'Good', latitude: 50.9, longitude: -6.9, timeZone: 'UTC' },
  ]);
  expect(problems).toEqual([
    'stores.csv:2:1: "9521321000019" is not a GLN; its last digit should be 8 if the others are right',
    'stores.csv:3:15: name is empty; write what people call the store',
    'stores.csv:3:16: latitude is "91"; write degrees with a point, from -90 to 90, such as 52.5200',
    'stores.csv:3:19: longitude is "13,4"; write degrees with a point, from -180 to 180, such as 52.5200',
    'stores.csv:3:26: there is no time zone "Europe/Berlyn"; write one such as Europe/Berlin',
    'stores.csv:5:1: store 9521321000032 already stands on line 4; keep one line per store',
  ]);
});
