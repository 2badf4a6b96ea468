import { limits } from '../../shared/limits.ts';
import { type Announcement, isAnnouncement, readAnnouncements } from './home-assistant.ts';
import { type PayloadShape, shapeOf } from './payload-shape.ts';

/** Where messages come from that are of no device of the site. What they say is not kept, only its shape. */
export interface StrangeTopic {
  readonly protocol: 'mqtt' | 'http';
  /** The topic, or the path of the request. */
  readonly topic: string;
  /** The client id of the sender; null when it is not known. */
  readonly client: string | null;
  readonly shape: PayloadShape;
  readonly announcement: Announcement | null;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface HeardStranger {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly client: string | null;
}

export interface Strangers {
  heard(message: HeardStranger, nowMs: number): void;
  /** The one heard last comes last. */
  list(): readonly StrangeTopic[];
}

const MAX_TOPIC = 200;

/** Remembers who spoke without being known, bounded, so that a technician can adopt it. */
export function createStrangers(protocol: StrangeTopic['protocol']): Strangers {
  const topics = new Map<string, Omit<StrangeTopic, 'announcement'>>();
  const announcements = new Map<string, Announcement>();
  return {
    heard({ topic, payload, client }, nowMs) {
      if (topic.length > MAX_TOPIC) return;
      if (protocol === 'mqtt' && isAnnouncement(topic)) {
        for (const each of readAnnouncements(topic, payload)) keep(announcements, each.stateTopic, each);
        return;
      }
      const before = topics.get(topic);
      keep(topics, topic, {
        protocol,
        topic,
        client: client ?? before?.client ?? null,
        // The first message shows what it is; a birth of Sparkplug comes when it comes.
        shape: before && !topic.includes('BIRTH/') ? before.shape : shapeOf(topic, payload),
        count: (before?.count ?? 0) + 1,
        firstSeenMs: before?.firstSeenMs ?? nowMs,
        lastSeenMs: nowMs,
      });
    },
    list: () =>
      [...topics.values()].map(each => ({ ...each, announcement: announcements.get(each.topic) ?? null })),
  };
}

// Deleted and set again, so that the map stays in the order of last sight.
function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > limits.strangers && !oldest.done) map.delete(oldest.value);
}
