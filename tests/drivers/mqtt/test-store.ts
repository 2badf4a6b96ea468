import type { DeviceProfile } from '../../../src/config/profile-schema.ts';
import type { Site, SiteDevice } from '../../../src/config/site.ts';
import type { DriverContext } from '../../../src/drivers/driver.ts';
import { createMqttDriver, type MqttDriver } from '../../../src/drivers/mqtt/mqtt-driver.ts';
import type { Reading } from '../../../src/readings/reading.ts';
import type { Outcome, Submit } from '../../../src/readings/submit.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { createCounters } from '../../../src/shared/counters.ts';
import { silentLog } from '../../../src/shared/log.ts';

type MqttProfile = NonNullable<DeviceProfile['mqtt']>;
type Point = { key: string } & Partial<DeviceProfile['points'][number]>;

function profile(
  kind: DeviceProfile['kind'],
  points: readonly Point[],
  mqtt: Partial<MqttProfile> = {},
): DeviceProfile {
  return {
    schema: 1,
    id: `test-${kind}`,
    vendor: 'Test',
    models: ['T1'],
    kind,
    sources: [{ title: 'this test', trust: 'ours' }],
    protocol: 'mqtt',
    mqtt: { topic: 'aisle/v1/{device}/{point}', payload: 'aisle', maxBytes: 65_536, commands: [], ...mqtt },
    groups: {},
    points: points.map(point => ({ scale: 1, offset: 0, ...point })),
    golden: [],
    simulator: { model: 'shelf', defaults: {} },
  };
}

export const shelfProfile = profile('shelf', [{ key: 'weights' }, { key: 'battery' }]);
export const labelProfile = profile('label', [{ key: 'battery', valid: { min: 0, max: 100 } }], {
  commands: ['show'],
});
export const tillProfile = profile('till', [{ key: 'sale' }]);
export const doorProfile = profile(
  'footfall',
  [
    { key: 'people_in_total', path: 'people_total_in' },
    { key: 'people_out_total', path: 'people_total_out' },
  ],
  { topic: 'milesight/uplink/{device}', payload: 'json', expectEveryS: 60 },
);

const device = (id: string, deviceProfile: DeviceProfile): [string, SiteDevice] => [
  id,
  { id, profile: deviceProfile, address: { protocol: 'mqtt', name: id }, bind: {} },
];

export function testSite(mqtt: Site['mqtt'] = { port: 0 }): Site {
  return {
    folder: 'test',
    store: { gln: '9521321000018' as Site['store']['gln'], name: 'Test', timeZone: 'UTC', currency: 'EUR' },
    listen: { host: '127.0.0.1', http: 0 },
    mqtt,
    cloud: null,
    policies: {} as Site['policies'],
    devices: new Map([
      device('shelf-a1', shelfProfile),
      device('label-a1-1', labelProfile),
      device('till-1', tillProfile),
      device('door-main', doorProfile),
    ]),
    items: new Map(),
    facings: new Map(),
  };
}

export const ACCEPTED: Outcome = { status: 'accepted', seq: null };
export const BUSY: Outcome = {
  status: 'refused',
  failure: { code: 'busy', message: 'full', retry: true },
};
export const INVALID: Outcome = {
  status: 'refused',
  failure: { code: 'invalid', message: 'no such item', retry: false },
};

/** A store that remembers what it was given and answers as the test says. */
export function testSubmit(
  answer: (readings: readonly Reading[]) => Outcome | Promise<Outcome> = () => ACCEPTED,
) {
  const given: Reading[] = [];
  const submit: Submit = async readings => {
    given.push(...readings);
    return answer(readings);
  };
  return { given, submit };
}

export interface RunningDriver {
  readonly driver: MqttDriver;
  readonly given: Reading[];
  readonly url: string;
  count(name: string, labels?: Record<string, string>): number;
}

export async function startDriver(
  answer?: (readings: readonly Reading[]) => Outcome | Promise<Outcome>,
  {
    mqtt,
    devices,
    context = {},
  }: { mqtt?: Site['mqtt']; devices?: readonly SiteDevice[]; context?: Partial<DriverContext> } = {},
): Promise<RunningDriver> {
  const { given, submit } = testSubmit(answer);
  const counters = createCounters();
  const site = testSite(mqtt);
  const chosen = devices ? new Map(devices.map(each => [each.id, each])) : site.devices;
  const driver = createMqttDriver(
    { ...site, devices: chosen },
    {
      clock: systemClock(),
      log: silentLog,
      counters,
      submit,
      random: () => 0.5,
      ...context,
    },
  );
  await driver.start();
  return {
    driver,
    given,
    url: `mqtt://127.0.0.1:${driver.port}`,
    count: (name, labels = {}) =>
      counters
        .snapshot()
        .filter(series => series.name === name)
        .filter(series => Object.entries(labels).every(([key, value]) => series.labels[key] === value))
        .reduce((sum, series) => sum + series.value, 0),
  };
}

/** Polls until the condition holds, and says what it waited for when it never does. */
export async function until(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
