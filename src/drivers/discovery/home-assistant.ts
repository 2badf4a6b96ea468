import { field, isObject, parseJson } from '../decoders/json-object.ts';

/** What a device tells of itself for Home Assistant's MQTT discovery, as far as it helps a technician. */
export interface Announcement {
  /** Topic on which the value is published. */
  readonly stateTopic: string;
  /** Such as `sensor`, and what it measures, such as `temperature`, in which unit; null where it does not say. */
  readonly component: string;
  readonly deviceClass: string | null;
  readonly unit: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
}

const PREFIX = 'homeassistant/';

/** Subscriptions that bring the announcements of others' devices. */
export const ANNOUNCEMENT_FILTERS = [`${PREFIX}+/+/config`, `${PREFIX}+/+/+/config`] as const;

export const isAnnouncement = (topic: string) => topic.startsWith(PREFIX) && topic.endsWith('/config');

/**
 * Reads a discovery message: one value, or a whole device with its components. Long and short names of the fields are
 * known (home-assistant.io, MQTT discovery). Never throws.
 */
export function readAnnouncements(topic: string, payload: Uint8Array): readonly Announcement[] {
  const json = parseJson(payload);
  const component = topic.split('/')[1];
  if (!isAnnouncement(topic) || !component || !json.ok || !isObject(json.value)) return [];
  const message = json.value;
  const components = field(message, 'components') ?? field(message, 'cmps');
  if (!isObject(components)) return one(message, message, component);
  return Object.values(components).flatMap(part =>
    isObject(part) ? one(message, part, text(part, 'platform', 'p') ?? component) : [],
  );
}

type Fields = Readonly<Record<string, unknown>>;

function one(message: Fields, part: Fields, component: string): Announcement[] {
  const base = text(part, '~') ?? text(message, '~') ?? '';
  const stateTopic = text(part, 'state_topic', 'stat_t') ?? text(message, 'state_topic', 'stat_t');
  if (stateTopic === null) return [];
  const described = field(message, 'device') ?? field(message, 'dev');
  const device = isObject(described) ? described : {};
  return [
    {
      stateTopic: stateTopic.replace(/^~|~$/, base),
      component,
      deviceClass: text(part, 'device_class', 'dev_cla'),
      unit: text(part, 'unit_of_measurement', 'unit_of_meas'),
      manufacturer: text(device, 'manufacturer', 'mf'),
      model: text(device, 'model', 'mdl'),
    },
  ];
}

const MAX_TEXT = 200;

function text(fields: Fields, ...names: readonly string[]): string | null {
  const found = names
    .map(name => field(fields, name))
    .find(value => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found.slice(0, MAX_TEXT) : null;
}
