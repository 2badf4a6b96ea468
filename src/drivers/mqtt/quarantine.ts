import { limits } from '../../shared/limits.ts';
import type { Rejection, RejectReason } from '../decoders/rejection.ts';

/** A topic whose messages could not be used. The payload is never kept. */
export interface QuarantinedTopic {
  readonly topic: string;
  readonly reason: RejectReason;
  readonly detail: string;
  readonly count: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export interface Quarantine {
  /** True when this topic was not there with this reason before. */
  add(topic: string, rejection: Rejection, nowMs: number): boolean;
  /** The one seen last comes last. */
  list(): readonly QuarantinedTopic[];
}

const MAX_TOPIC = 200;

/** The last topics that nobody understood, for a technician who looks for a new or a broken device. */
export function createQuarantine(): Quarantine {
  const topics = new Map<string, QuarantinedTopic>();
  return {
    add(topic, { reason, detail }, nowMs) {
      const name = topic.slice(0, MAX_TOPIC);
      const before = topics.get(name);
      // Deleted and set again, so that the map stays in the order of last sight.
      topics.delete(name);
      topics.set(name, {
        topic: name,
        reason,
        detail,
        count: (before?.count ?? 0) + 1,
        firstSeenMs: before?.firstSeenMs ?? nowMs,
        lastSeenMs: nowMs,
      });
      const oldest = topics.keys().next();
      if (topics.size > limits.mqttQuarantineTopics && !oldest.done) topics.delete(oldest.value);
      return before?.reason !== reason;
    },
    list: () => [...topics.values()],
  };
}
