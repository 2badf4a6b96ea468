import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProfiles } from '../../../src/config/load-profiles.ts';
import type { SiteDevice } from '../../../src/config/site.ts';
import { decodeMessage } from '../../../src/drivers/mqtt/decode-message.ts';
import { createRoutes } from '../../../src/drivers/mqtt/routes.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import { packageRoot } from '../../../src/shared/package-root.ts';
import { testSite } from './test-store.ts';

/** The device's name as the golden topic has it. */
function nameIn(template: string, topic: string): string {
  const level = template.split('/').indexOf('{device}');
  return topic.split('/')[level] ?? '';
}

function plain(reading: Reading): [string, unknown][] {
  if (reading.kind === 'point') {
    const { point, value, quality } = reading;
    return [[point, quality.level === 'bad' ? { bad: quality.reason } : value]];
  }
  if (reading.kind === 'weights') {
    const g = Object.fromEntries(reading.plates.map(({ plate, grams }) => [plate, Array.from(grams)]));
    return [['weights', { t0: reading.eventTimeMs, hz: reading.hz, g }]];
  }
  if (reading.kind !== 'document' || reading.document.type !== 'sale') return [];
  const { key, lines } = reading.document;
  return [['sale', { key, lines }]];
}

const { profiles } = loadProfiles(join(packageRoot(), 'devices'));
const golden = [...profiles.values()].flatMap(profile =>
  profile.golden.flatMap(frame =>
    'topic' in frame && profile.mqtt ? [{ profile, frame, template: profile.mqtt.topic }] : [],
  ),
);

describe('every golden message of the device profiles', () => {
  test.each(golden.map(each => [each.profile.id, each.frame.name, each] as const))(
    '%s: %s',
    (_profile, _name, { profile, frame, template }) => {
      const name = nameIn(template, frame.topic);
      const device: SiteDevice = { id: name, profile, address: { protocol: 'mqtt', name }, bind: {} };
      const route = createRoutes({ ...testSite(), devices: new Map([[name, device]]) }).find(frame.topic);
      const text = typeof frame.payload === 'string' ? frame.payload : JSON.stringify(frame.payload);
      const payload = frame.hex ? Buffer.from(frame.hex.replaceAll(' ', ''), 'hex') : Buffer.from(text);
      const received = { payload, stored: false, receivedTimeMs: 1_767_600_000_500 };
      const { readings } = decodeMessage(route!.device, route!.meaning, received);
      expect(Object.fromEntries(readings.flatMap(plain))).toEqual(frame.expect);
    },
  );

  test('there are some', () => {
    expect(golden.length).toBeGreaterThanOrEqual(4);
  });
});
