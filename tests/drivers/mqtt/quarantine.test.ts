import { expect, test } from 'vitest';
import { createQuarantine } from '../../../src/drivers/mqtt/quarantine.ts';
import { limits } from '../../../src/shared/limits.ts';

const unknown = { reason: 'unknown_topic', detail: 'no device of this site publishes here' } as const;

test('a topic is kept once, with its first and its last sight', () => {
  const quarantine = createQuarantine();
  expect(quarantine.add('a', unknown, 1)).toBe(true);
  expect(quarantine.add('a', unknown, 5)).toBe(false);
  expect(quarantine.list()).toEqual([{ topic: 'a', ...unknown, count: 2, firstSeenMs: 1, lastSeenMs: 5 }]);
});

test('another reason is news', () => {
  const quarantine = createQuarantine();
  quarantine.add('a', unknown, 1);
  expect(quarantine.add('a', { reason: 'syntax', detail: 'the payload is not JSON' }, 2)).toBe(true);
});

test('the topic seen longest ago is forgotten first', () => {
  const quarantine = createQuarantine();
  for (let i = 0; i < limits.mqttQuarantineTopics; i++) quarantine.add(`t${i}`, unknown, i);
  quarantine.add('t0', unknown, 100);
  quarantine.add('new', unknown, 101);
  const topics = quarantine.list().map(({ topic }) => topic);
  expect(topics).toHaveLength(limits.mqttQuarantineTopics);
  expect(topics).toContain('t0');
  expect(topics).not.toContain('t1');
});
