import type { ProfilePoint } from '../../config/profile-schema.ts';
import type { Site, SiteDevice } from '../../config/site.ts';
import type { TimeFormat } from '../decoders/event-time.ts';
import { type JsonPath, parseJsonPath } from '../decoders/json-path.ts';

/** A device of the site as its topics need it. */
export interface RoutedDevice {
  readonly id: string;
  /** Its name in topics. */
  readonly name: string;
  /** Name of the till for the sales that it publishes. */
  readonly till: string;
  readonly maxBytes: number;
  readonly commands: ReadonlySet<string>;
  /** Its messages may hold more of a person than the named fields, so nobody else may receive them. */
  readonly personal: boolean;
}

export interface JsonPoint {
  readonly point: ProfilePoint;
  readonly path: JsonPath;
}

export type Meaning =
  | { readonly kind: 'weights' | 'sale' | 'presence' }
  | { readonly kind: 'point'; readonly point: ProfilePoint }
  | { readonly kind: 'ack'; readonly command: string }
  | {
      readonly kind: 'json';
      readonly points: readonly JsonPoint[];
      readonly time: { readonly path: JsonPath; readonly format: TimeFormat } | null;
    };

export interface Route {
  readonly device: RoutedDevice;
  readonly meaning: Meaning;
}

export interface Routes {
  readonly devices: ReadonlyMap<string, RoutedDevice>;
  find(topic: string): Route | null;
  /** Whether a topic that has no route begins like one of this device, and so names a point it lacks. */
  ownerOf(topic: string): RoutedDevice | null;
  /** Topic filters that cover every route and their unknown neighbours. */
  readonly filters: readonly string[];
}

const AISLE = 'aisle/v1';
export const commandTopic = (deviceName: string, command: string) =>
  `${AISLE}/${deviceName}/command/${command}`;
const ackTopic = (deviceName: string, command: string) => `${AISLE}/${deviceName}/ack/${command}`;

/** Every topic on which a device of the site may speak. Made once, so that a message costs one look-up. */
export function createRoutes(site: Site): Routes {
  const devices = new Map<string, RoutedDevice>();
  const routes = new Map<string, Route>();
  const owners = new Map<string, RoutedDevice>();
  const filters = new Set<string>();
  for (const siteDevice of site.devices.values()) {
    const mqtt = siteDevice.profile.mqtt;
    if (siteDevice.address.protocol !== 'mqtt' || !mqtt) continue;
    const device = routedDevice(siteDevice, siteDevice.address.name, mqtt);
    devices.set(device.id, device);
    for (const [topic, meaning] of topicsOf(siteDevice, device, mqtt)) routes.set(topic, { device, meaning });
    owners.set(ownerPrefix(mqtt.topic, device.name), device);
    filters.add(mqtt.topic.replace('{device}', '+').replace('{point}', '+'));
    if (mqtt.payload === 'aisle') filters.add(ackTopic('+', '+'));
  }
  return {
    devices,
    filters: [...filters],
    find: topic => routes.get(topic) ?? null,
    ownerOf(topic) {
      for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) {
        const owner = owners.get(topic.slice(0, end));
        if (owner) return owner;
      }
      return null;
    },
  };
}

type MqttProfile = NonNullable<SiteDevice['profile']['mqtt']>;

function routedDevice(device: SiteDevice, name: string, mqtt: MqttProfile): RoutedDevice {
  return {
    id: device.id,
    name,
    till: device.bind.till ?? device.id,
    maxBytes: mqtt.maxBytes,
    commands: new Set(mqtt.commands),
    personal: device.profile.kind === 'footfall',
  };
}

function* topicsOf(
  { profile }: SiteDevice,
  device: RoutedDevice,
  mqtt: MqttProfile,
): Generator<readonly [string, Meaning]> {
  const topic = (point: string) => mqtt.topic.replace('{device}', device.name).replace('{point}', point);
  if (mqtt.payload === 'json') {
    const perPoint = mqtt.topic.includes('{point}');
    for (const key of perPoint ? profile.points.map(point => point.key) : ['']) {
      const points = profile.points.filter(point => !perPoint || point.key === key);
      yield [topic(key), { kind: 'json', points: points.flatMap(jsonPoint), time: timeOf(mqtt) }];
    }
    return;
  }
  for (const point of profile.points) yield [topic(point.key), aisleMeaning(point)];
  yield [topic('presence'), { kind: 'presence' }];
  for (const command of mqtt.commands) yield [ackTopic(device.name, command), { kind: 'ack', command }];
}

function aisleMeaning(point: ProfilePoint): Meaning {
  switch (point.key) {
    case 'weights':
    case 'sale':
    case 'presence':
      return { kind: point.key };
    default:
      return { kind: 'point', point };
  }
}

function jsonPoint(point: ProfilePoint): JsonPoint[] {
  const path = parseJsonPath(point.path ?? '');
  return path ? [{ point, path }] : [];
}

function timeOf({ time }: MqttProfile) {
  const path = time && parseJsonPath(time.path);
  return path ? { path, format: time.format } : null;
}

// The levels of the topic up to and with the device's name.
function ownerPrefix(template: string, name: string): string {
  const end = template.indexOf('{device}');
  return end < 0 ? template : template.slice(0, end) + name;
}
