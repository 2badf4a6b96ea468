import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { Stranger, Suggestion } from '../../readings/discovery.ts';
import { parseJsonPath } from '../decoders/json-path.ts';
import { topicMatcher } from '../mqtt/topic-template.ts';
import { parseSparkplugTopic } from '../sparkplug/sparkplug-topic.ts';
import type { Announcement } from './home-assistant.ts';
import { describeShape, hasPath, type PayloadShape } from './payload-shape.ts';
import type { StrangeTopic } from './strangers.ts';

const MOST = 5;

/** Names the profiles that fit each stranger, the likeliest first. */
export function suggestProfiles(
  strangers: readonly StrangeTopic[],
  profiles: readonly DeviceProfile[],
): readonly Stranger[] {
  return strangers.map(stranger => {
    const fits = profiles.flatMap(profile => fitOf(stranger, profile) ?? []);
    const best = fits.toSorted((a, b) => b.score - a.score).slice(0, MOST);
    const { protocol, topic, client, shape, announcement, count, firstSeenMs, lastSeenMs } = stranger;
    return {
      protocol,
      name: best[0]?.name ?? client ?? topic,
      where: topic,
      sample: announcement ? describeAnnouncement(announcement) : describeShape(shape),
      ...{ count, firstSeenMs, lastSeenMs },
      suggestions: best.map(({ suggestion }) => suggestion),
    };
  });
}

interface Fit {
  /** 1 and more: topic and message fit; below: only one of the two. */
  readonly score: number;
  readonly name: string;
  readonly suggestion: Suggestion;
}

function fitOf(stranger: StrangeTopic, profile: DeviceProfile): Fit | null {
  const name = nameIn(stranger, profile);
  const share = shareOf(stranger, profile);
  const announced = stranger.announcement !== null && isModel(profile, stranger.announcement);
  if (name !== null && (share > 0 || announced)) {
    const because = `${whereItFits(stranger)} and the message are those of ${profile.vendor} ${profile.models[0]}`;
    return {
      score: 1 + share,
      name,
      suggestion: { kind: profile.kind, profile: profile.id, address: { name }, because },
    };
  }
  // Half of its fields under a topic of somebody's own choice: worth a look, not worth an address.
  if (share < 0.5 && !announced) return null;
  const because = announced
    ? `it announces itself as ${profile.vendor} ${profile.models[0]}, on another topic than the profile's`
    : `the message has the fields of ${profile.vendor} ${profile.models[0]}, on another topic than the profile's`;
  const suggestion = { kind: profile.kind, profile: profile.id, address: null, because };
  return { score: share / 2, name: stranger.client ?? stranger.topic, suggestion };
}

const whereItFits = ({ protocol }: StrangeTopic) => (protocol === 'mqtt' ? 'the topic' : 'the path');

/** The device's name where the profile's template has it; null when the topic is not of the template. */
function nameIn({ protocol, topic, client }: StrangeTopic, { mqtt, http }: DeviceProfile): string | null {
  if (protocol === 'http') {
    const templates = http ? ['/ingest/v1/{device}', ...(http.path ? [http.path] : [])] : [];
    return firstName(templates, topic, client);
  }
  if (!mqtt) return null;
  if (mqtt.payload === 'sparkplug') {
    const found = parseSparkplugTopic(topic);
    return found && (found.device ?? found.node);
  }
  return firstName([mqtt.topic, ...(mqtt.messages ?? []).map(message => message.topic)], topic, client);
}

function firstName(templates: readonly string[], topic: string, client: string | null): string | null {
  for (const template of templates) {
    const name = topicMatcher(template)(topic);
    if (name !== null) return name === '' ? client : name;
  }
  return null;
}

/** Share of the profile's values that a message of this shape holds, 0 to 1. */
function shareOf({ protocol, topic, shape }: StrangeTopic, profile: DeviceProfile): number {
  const { mqtt, http, points } = profile;
  const form = protocol === 'mqtt' ? mqtt : http;
  if (!form || points.length === 0) return 0;
  if (form.payload === 'aisle') {
    return points.some(({ key }) => topic.endsWith(`/${key}`)) ? 1 : 0;
  }
  if (form.payload === 'sparkplug') {
    const metrics = points.flatMap(({ metric }) => metric ?? []);
    return metrics.filter(metric => shape.metrics.includes(metric)).length / Math.max(1, metrics.length);
  }
  if (form.decode !== undefined && shape.decoders.includes(form.decode)) return 1;
  const found = points.filter(({ path = '' }) => isThere(shape, path, form.records));
  return found.length / points.length;
}

function isThere({ json }: PayloadShape, path: string, records: string | undefined): boolean {
  if (json === null || path === '' || path.startsWith('decoded.')) return false;
  const fromTop = path.startsWith('$.');
  const prefix = records === undefined || fromTop ? [] : [...(parseJsonPath(records) ?? []), 0];
  const steps = parseJsonPath(fromTop ? path.slice(2) : path);
  return steps !== null && hasPath(json, [...prefix, ...steps]);
}

function isModel({ vendor, models }: DeviceProfile, { manufacturer, model }: Announcement): boolean {
  if (model === null) return false;
  const maker = manufacturer?.toLowerCase() ?? '';
  const fitsMaker =
    maker === '' || maker.includes(vendor.toLowerCase()) || vendor.toLowerCase().includes(maker);
  return fitsMaker && models.some(each => each.toLowerCase() === model.toLowerCase());
}

function describeAnnouncement({ component, deviceClass, unit, manufacturer, model }: Announcement): string {
  const what = [deviceClass ?? component, ...(unit ? [`in ${unit}`] : [])].join(' ');
  const who = [manufacturer, model].filter(each => each !== null).join(' ');
  return who === '' ? `announces ${what}` : `${who} announces ${what}`;
}
