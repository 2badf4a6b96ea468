import { expect, test } from 'vitest';
import { arePolicies, readPolicies, untilConfirmed, wholePolicies } from '../../src/config/policies.ts';

const policies = (text: object) => {
  const read = readPolicies(JSON.stringify(text));
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};

test('nothing is deleted under policies that are watched that those before would have kept', () => {
  const before = policies({ retainDays: 90, sync: { backlogMegabytes: 100 } });
  const now = policies({ retainDays: 7, sync: { backlogMegabytes: 900 }, stock: { safetyStock: 4 } });
  expect(untilConfirmed(now, before)).toMatchObject({
    retainDays: 90,
    sync: { backlogMegabytes: 900 },
    stock: { safetyStock: 4 },
  });
});

test('policies that older software stored have the default of every policy that came since', () => {
  const { retainDays: _, ...older } = policies({ stock: { safetyStock: 4 } });
  expect(arePolicies(older)).toBe(false);
  expect(arePolicies(wholePolicies(older))).toBe(true);
  expect(wholePolicies(older)).toEqual(policies({ stock: { safetyStock: 4 } }));
});

test('policies that this software does not know cannot be used', () => {
  expect(arePolicies({ ...policies({}), unknown: 1 })).toBe(false);
});
