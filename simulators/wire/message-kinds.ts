import type { DeviceProfile } from '../../src/config/profile-schema.ts';
import type { MessageKind } from './device-message.ts';
import { valueAt } from './json-template.ts';

/** A kind of message with the MQTT topic that it has; HTTP posts have none. */
export type TopicKind = MessageKind & { readonly topic: string };

type Golden = DeviceProfile['golden'][number];
type Sample = Pick<MessageKind, 'where'> & { readonly topic?: string };

function parsed(payload: unknown): unknown {
  if (typeof payload !== 'string') return payload;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return undefined;
  }
}

const payloadOf = (frame: Golden): unknown => {
  if ('topic' in frame) return parsed(frame.payload);
  return 'body' in frame ? parsed(frame.body) : undefined;
};

/** `{anything}` of a template stands for one level of a topic. */
function fits(topic: string, template: string): boolean {
  const levels = template.split('/');
  const given = topic.split('/');
  return (
    levels.length === given.length && levels.every((level, i) => /\{\w+\}/.test(level) || level === given[i])
  );
}

/** The first golden payload of this kind: what the maker's document shows of it. */
function sampleOf(golden: readonly Golden[], { topic, where }: Sample): unknown {
  for (const frame of golden) {
    const payload = payloadOf(frame);
    if (typeof payload !== 'object' || payload === null) continue;
    if (topic !== undefined && 'topic' in frame && !fits(frame.topic, topic)) continue;
    if (where === undefined || valueAt(payload, where.path) === where.equals) return payload;
  }
  return {};
}

/** Every kind of message that the MQTT device sends; empty for our own payloads, which have a topic per point. */
export function topicKinds({ mqtt, points, golden }: DeviceProfile): readonly TopicKind[] {
  if (!mqtt) return [];
  const { messages = [], ...main } = mqtt;
  const kinds = [{ ...main, name: undefined }, ...messages];
  return kinds
    .map(kind => ({
      ...kind,
      sample: sampleOf(golden, kind),
      points: points.filter(({ message }) => message === kind.name),
    }))
    .filter(({ payload, points: own }) => payload !== 'aisle' && payload !== 'sparkplug' && own.length > 0);
}

/** The one kind of message that an HTTP push device posts. */
export function postKind({ http, points, golden }: DeviceProfile): MessageKind | null {
  return http ? { ...http, sample: sampleOf(golden, http), points } : null;
}
