import type { DeviceProfile, ProfilePoint } from '../../config/profile-schema.ts';
import type { Site, SiteDevice } from '../../config/site.ts';
import { compileKind, type MessageKind } from '../decoders/device-message.ts';
import type { MessageForm, PointModel } from '../decoders/message-reader.ts';
import { exactTopic, filterOf, isExact, topicMatcher } from './topic-template.ts';

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

export type Meaning =
  | { readonly kind: 'weights' | 'sale' | 'presence' }
  | { readonly kind: 'point'; readonly point: ProfilePoint }
  | { readonly kind: 'ack'; readonly command: string }
  | { readonly kind: 'lifecycle'; readonly online: string; readonly offline: string }
  | { readonly kind: 'message'; readonly kinds: readonly MessageKind[] };

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

/** Every topic on which a device of the site may speak. Made once, so that a message costs a look-up or two. */
export function createRoutes(
  site: Pick<Site, 'devices'> & { readonly store: Pick<Site['store'], 'timeZone'> },
): Routes {
  const devices = new Map<string, RoutedDevice>();
  const table = createTable();
  const owners = new Map<string, RoutedDevice>();
  const filters = new Set<string>();
  /** Compiled once for each model, however many devices there are of it. */
  const compiled = new Map<DeviceProfile, readonly Entry[]>();
  for (const siteDevice of site.devices.values()) {
    const { profile, address } = siteDevice;
    const { mqtt } = profile;
    if (address.protocol !== 'mqtt' || !mqtt) continue;
    const device = routedDevice(siteDevice, address.name, mqtt);
    devices.set(device.id, device);
    const entries = compiled.get(profile) ?? entriesOf(profile, mqtt, site.store.timeZone);
    compiled.set(profile, entries);
    for (const { template, meaning } of entries) table.add(template, { device, meaning });
    if (mqtt.payload !== 'sparkplug') owners.set(ownerPrefix(mqtt.topic, device.name), device);
    for (const filter of filtersOf(mqtt)) filters.add(filter);
  }
  return {
    devices,
    filters: [...filters],
    find: table.find,
    ownerOf(topic) {
      for (let end = topic.length; end > 0; end = topic.lastIndexOf('/', end - 1)) {
        const owner = owners.get(topic.slice(0, end));
        if (owner) return owner;
      }
      return null;
    },
  };
}

function filtersOf({ topic, payload, lifecycle, messages = [] }: MqttProfile): readonly string[] {
  const templates = [
    topic,
    ...messages.map(message => message.topic),
    ...(lifecycle ? [lifecycle.topic] : []),
  ];
  return [...templates.map(filterOf), ...(payload === 'aisle' ? [ackTopic('+', '+')] : [])];
}

interface Table {
  add(template: string, route: Route): void;
  find(topic: string): Route | null;
}

/** Topics that are known whole are looked up; only those with a level that nobody knows before are matched. */
function createTable(): Table {
  const exact = new Map<string, Route>();
  const matched = new Map<string, { match: (topic: string) => string | null; byName: Map<string, Route> }>();
  return {
    add(template, route) {
      const { name } = route.device;
      if (isExact(template)) {
        exact.set(exactTopic(template, name), route);
        return;
      }
      const known = matched.get(template) ?? { match: topicMatcher(template), byName: new Map() };
      known.byName.set(template.includes('{device}') ? name : '', route);
      matched.set(template, known);
    },
    find(topic) {
      const route = exact.get(topic);
      if (route) return route;
      for (const { match, byName } of matched.values()) {
        const name = match(topic);
        const found = name === null ? undefined : byName.get(name);
        if (found) return found;
      }
      return null;
    },
  };
}

type MqttProfile = NonNullable<DeviceProfile['mqtt']>;

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

/** A topic of a model, where only the device's name is still open, and what is said there. */
interface Entry {
  readonly template: string;
  readonly meaning: Meaning;
}

function entriesOf(profile: DeviceProfile, mqtt: MqttProfile, storeZone: string): readonly Entry[] {
  if (mqtt.payload === 'sparkplug') return [];
  const entries = mqtt.payload === 'aisle' ? aisleEntries(profile, mqtt) : messageEntries(profile, storeZone);
  if (!mqtt.lifecycle) return entries;
  const { topic: template, online, offline } = mqtt.lifecycle;
  return [...entries, { template, meaning: { kind: 'lifecycle', online, offline } }];
}

function aisleEntries({ points }: DeviceProfile, mqtt: MqttProfile): Entry[] {
  const topic = (point: string) => mqtt.topic.replace('{point}', point);
  return [
    ...points.map(point => ({ template: topic(point.key), meaning: aisleMeaning(point) })),
    { template: topic('presence'), meaning: { kind: 'presence' } },
    ...mqtt.commands.map(
      (command): Entry => ({ template: ackTopic('{device}', command), meaning: { kind: 'ack', command } }),
    ),
  ];
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

/** Kinds of message that share a topic are tried one after the other. */
function messageEntries({ points, derive = {}, mqtt }: DeviceProfile, storeZone: string): Entry[] {
  const byTopic = new Map<string, MessageKind[]>();
  const add = (topic: string, form: MessageForm, model: PointModel) => {
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), compileKind(form, model, storeZone)]);
  };
  const forms = mqtt ? [{ ...mqtt, name: undefined }, ...(mqtt.messages ?? [])] : [];
  for (const { payload, topic, ...form } of forms) {
    if (payload === 'aisle' || payload === 'sparkplug') continue;
    const found = points.filter(point => point.message === form.name);
    const message = { ...form, payload };
    if (!topic.includes('{point}')) add(topic, message, { points: found, derive });
    else for (const point of found) add(topic.replace('{point}', point.key), message, { points: [point] });
  }
  return [...byTopic].map(([template, kinds]) => ({ template, meaning: { kind: 'message', kinds } }));
}

// The levels of the topic up to and with the device's name.
function ownerPrefix(template: string, name: string): string {
  const end = template.indexOf('{device}');
  return end < 0 ? template : template.slice(0, end) + name;
}
