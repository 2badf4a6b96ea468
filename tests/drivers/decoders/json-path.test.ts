import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { atPath, parseJsonPath } from '../../../src/drivers/decoders/json-path.ts';

const message = {
  counts: [
    { name: 'fw', id: 1, value: 3 },
    { name: 'bw', id: 2, value: 5 },
  ],
  people_in: 3,
  lines: [{ in: 1 }, { in: 2 }],
  params: { 'temperature:0': { tC: -4.5 } },
};

describe('a path into a JSON message', () => {
  test.each<[string, unknown]>([
    ['people_in', 3],
    ['lines[1].in', 2],
    ["params['temperature:0'].tC", -4.5],
    ["['people_in']", 3],
    ["counts[name='bw'].value", 5],
    ['counts[id=1].value', 3],
    ["counts[name='no'].value", undefined],
    ["counts[constructor='fw'].value", undefined],
    ["people_in[name='fw']", undefined],
    ['lines[7].in', undefined],
    ['people_in.more', undefined],
    ['constructor', undefined],
    ['lines.length.constructor', undefined],
  ])('%s finds what stands there', (path, value) => {
    expect(atPath(message, parseJsonPath(path) ?? [])).toEqual(value);
  });

  test.each([
    '',
    '.',
    '.a',
    'a.',
    'a..b',
    'a[',
    'a[-1]',
    'a[*]',
    'a[1]b',
    "a['b]",
    'a b',
    '$..a',
    'a[?(1)]',
    'a[b=c]',
    "a[='c']",
  ])('%j is not one', path => {
    expect(parseJsonPath(path)).toBeNull();
  });

  property.prop([fc.string({ maxLength: 40 }), fc.jsonValue()], { seed: 7, numRuns: 2_000 })(
    'any text on any message is answered and never thrown at',
    (text, value) => {
      const path = parseJsonPath(text);
      if (path) atPath(value, path);
    },
  );
});
