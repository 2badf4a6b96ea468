import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { loadProfiles } from '../../../src/config/load-profiles.ts';
import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import { readAnnouncements } from '../../../src/drivers/discovery/home-assistant.ts';
import { shapeOf } from '../../../src/drivers/discovery/payload-shape.ts';
import { createStrangers } from '../../../src/drivers/discovery/strangers.ts';
import { suggestProfiles } from '../../../src/drivers/discovery/suggest-profiles.ts';
import { limits } from '../../../src/shared/limits.ts';
import { packageRoot } from '../../../src/shared/package-root.ts';
import { doorProfile, labelProfile } from '../mqtt/test-store.ts';

const NOW = 1_767_600_000_000;
const bytes = (payload: unknown) =>
  Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));

const ruuvi: DeviceProfile = {
  ...doorProfile,
  id: 'ruuvi',
  kind: 'climate',
  vendor: 'Ruuvi',
  models: ['RuuviTag'],
  mqtt: {
    topic: 'ruuvi/{gateway}/{device}',
    payload: 'json',
    decode: 'ruuvi-rawv2',
    data: { path: 'data', encoding: 'hex' },
    maxBytes: 4_096,
    commands: [],
  },
  points: [{ key: 'air_temperature', path: 'decoded.temperature', scale: 1, offset: 0 }],
};
const library = [ruuvi, doorProfile, labelProfile];

function heard(topic: string, payload: unknown, client: string | null = null) {
  const strangers = createStrangers('mqtt');
  strangers.heard({ topic, payload: bytes(payload), client }, NOW);
  return suggestProfiles(strangers.list(), library)[0];
}

describe('a stranger', () => {
  const advert = '0201061BFF99040515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6';

  test('is named and suggested by its topic and what its bytes read as', () => {
    expect(heard('ruuvi/C8:25/F4:1F', { data: advert, rssi: -26 })).toMatchObject({
      name: 'F4:1F',
      where: 'ruuvi/C8:25/F4:1F',
      count: 1,
      suggestions: [{ profile: 'ruuvi', address: { name: 'F4:1F' } }],
    });
  });

  test('is suggested by the fields of its message', () => {
    expect(
      heard('milesight/uplink/door-9', { people_total_in: 3, people_total_out: 4 })?.suggestions,
    ).toMatchObject([{ profile: doorProfile.id, address: { name: 'door-9' } }]);
  });

  test('under another topic is suggested without an address', () => {
    expect(heard('application/1/device/ab/event/up', { data: advert }, 'lns')).toMatchObject({
      name: 'lns',
      suggestions: [{ profile: 'ruuvi', address: null }],
    });
  });

  test('that speaks Aisle’s own topics is suggested by its point', () => {
    expect(heard('aisle/v1/label-z9/battery', '87')?.suggestions).toMatchObject([
      { profile: labelProfile.id, address: { name: 'label-z9' } },
    ]);
  });

  test('of which nothing is known is listed without a suggestion', () => {
    expect(heard('a/b', 'x', 'somebody')).toMatchObject({
      name: 'somebody',
      sample: 'no JSON',
      suggestions: [],
    });
  });

  test('leaves nothing of what it says, only its form', () => {
    const told = JSON.stringify(
      heard('tracker/1', {
        snapshot: 'c2VjcmV0LXBpY3R1cmU=',
        people: [{ mac: '00:11:22:33:44:55', age: 41 }],
      }),
    );
    expect(told).toContain('snapshot');
    for (const secret of ['c2VjcmV0', '00:11', '41']) expect(told).not.toContain(secret);
  });

  test('is counted, and the one heard longest ago is forgotten', () => {
    const strangers = createStrangers('mqtt');
    for (let i = 0; i <= limits.strangers; i++)
      strangers.heard({ topic: `t/${i}`, payload: bytes('1'), client: null }, NOW + i);
    strangers.heard({ topic: 't/1', payload: bytes('1'), client: null }, NOW + 1_000);
    const list = strangers.list();
    expect(list).toHaveLength(limits.strangers);
    expect(list.at(-1)).toMatchObject({
      topic: 't/1',
      count: 2,
      firstSeenMs: NOW + 1,
      lastSeenMs: NOW + 1_000,
    });
    expect(list.some(({ topic }) => topic === 't/0')).toBe(false);
  });
});

describe('an announcement for Home Assistant', () => {
  const long = {
    state_topic: 'room/state',
    device_class: 'temperature',
    unit_of_measurement: '°C',
    device: { manufacturer: 'Ruuvi Innovations', model: 'RuuviTag' },
  };
  const short = {
    '~': 'room',
    stat_t: '~/state',
    dev_cla: 'temperature',
    unit_of_meas: '°C',
    dev: { mf: 'Ruuvi Innovations', mdl: 'RuuviTag' },
  };

  test.each([
    ['long', long],
    ['short', short],
  ])('in %s names is a hint for the topic that it names', (_form, message) => {
    const strangers = createStrangers('mqtt');
    strangers.heard(
      { topic: 'homeassistant/sensor/room/config', payload: bytes(message), client: null },
      NOW,
    );
    expect(strangers.list()).toEqual([]);
    strangers.heard({ topic: 'room/state', payload: bytes('21.5'), client: null }, NOW);
    expect(suggestProfiles(strangers.list(), library)).toMatchObject([
      {
        where: 'room/state',
        sample: 'Ruuvi Innovations RuuviTag announces temperature in °C',
        suggestions: [
          { profile: 'ruuvi', address: null, because: expect.stringContaining('announces itself') },
        ],
      },
    ]);
  });

  test('of a whole device is read component by component', () => {
    const message = {
      dev: { mdl: 'H&T' },
      stat_t: 'ht/state',
      cmps: { t: { p: 'sensor', dev_cla: 'temperature' }, d: { p: 'binary_sensor', stat_t: 'ht/door' } },
    };
    expect(readAnnouncements('homeassistant/device/ht/config', bytes(message))).toMatchObject([
      { component: 'sensor', stateTopic: 'ht/state', model: 'H&T' },
      { component: 'binary_sensor', stateTopic: 'ht/door', model: 'H&T' },
    ]);
  });

  test.each(['no JSON', '[]', {}, { cmps: { a: 1 } }, { state_topic: 7 }])('%j is none', message => {
    expect(readAnnouncements('homeassistant/sensor/room/config', bytes(message))).toEqual([]);
  });
});

describe('the profiles of the library', () => {
  const { profiles } = loadProfiles(join(packageRoot(), 'devices'));
  const frames = [...profiles.values()].flatMap(profile =>
    profile.golden.flatMap(frame => ('topic' in frame && profile.mqtt ? [{ profile, frame }] : [])),
  );

  test.each(frames.map(each => [each.profile.id, each.frame.name, each] as const))(
    '%s is among the suggestions for "%s"',
    (id, _name, { frame }) => {
      const payload =
        frame.hex === undefined ? bytes(frame.payload) : Buffer.from(frame.hex.replaceAll(' ', ''), 'hex');
      const strangers = createStrangers('mqtt');
      strangers.heard({ topic: frame.topic, payload, client: null }, NOW);
      const [told] = suggestProfiles(strangers.list(), [...profiles.values()]);
      expect(told?.suggestions.map(({ profile }) => profile)).toContain(id);
    },
  );
});

property.prop(
  [
    fc.string({ maxLength: 60 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(text => new Uint8Array(Buffer.from(text))),
    ),
  ],
  { seed: 9, numRuns: 1_000 },
)('any topic and any bytes are described and never thrown at', (topic, payload) => {
  shapeOf(topic, payload);
  readAnnouncements('homeassistant/sensor/x/config', payload);
  const strangers = createStrangers('mqtt');
  strangers.heard({ topic, payload, client: null }, NOW);
  suggestProfiles(strangers.list(), library);
});
