import type { PointKey } from '../../readings/points.ts';
import type { Counters } from '../../shared/counters.ts';
import type { Failure } from '../../shared/result.ts';
import type { Rejection } from '../decoders/rejection.ts';
import { createSeenKeys } from '../decoders/seen-keys.ts';
import type { DriverContext } from '../driver.ts';
import type { VitalsBook } from '../vitals.ts';
import { decodeMessage, type Message } from './decode-message.ts';
import { createLane, type Lane, type LaneEntry } from './lane.ts';
import type { Presence } from './presence.ts';
import type { Quarantine } from './quarantine.ts';
import type { Route, Routes } from './routes.ts';
import type { InboundMessage, MessageSink } from './transport.ts';

interface ReceiverParts {
  readonly context: DriverContext;
  readonly routes: Routes;
  readonly presence: Presence;
  readonly quarantine: Quarantine;
  /** How each device does; it is told of every message. */
  readonly vitals: ReadonlyMap<string, VitalsBook>;
}

/** Turns messages into readings, and keeps the book about those that are none. */
export function createReceiver(parts: ReceiverParts): MessageSink {
  const { context, routes, presence, quarantine, vitals } = parts;
  const { clock, counters, log } = context;
  const seen = createSeenKeys(clock);
  const names = new Map([...routes.devices.values()].map(({ id, name }) => [name, id]));

  const setAside = (topic: string, rejection: Rejection, route: Route | null) => {
    counters.add('mqtt_rejected_total', { reason: rejection.reason });
    const isNew = quarantine.add(topic, rejection, clock.nowMs());
    // A sale that is not booked is always worth a line; of the rest the first one tells.
    if (route && (isNew || route.meaning.kind === 'sale')) {
      log.warn({ device: route.device.id, topic, ...rejection }, 'a message could not be used');
    }
  };

  const understand = (message: InboundMessage, route: Route | null): Message => {
    const { topic, payload, stored } = message;
    if (!route) return notRouted(topic, routes);
    const received = { payload, stored, receivedTimeMs: clock.nowMs(), seen };
    return decodeMessage(route.device, route.meaning, received);
  };

  return {
    openLane: () => createLane(context),
    receive(message, lane, acknowledge) {
      const { topic, payload, qos } = message;
      const route = routes.find(topic);
      counters.add('mqtt_messages_total', { kind: route?.meaning.kind ?? 'unknown' });
      const { readings, presence: said, rejection, keys, clockOffsetMs } = understand(message, route);
      if (rejection) setAside(topic, rejection, route);
      const book = route && vitals.get(route.device.id);
      if (rejection) book?.failed(rejection.detail);
      else book?.good();
      if (clockOffsetMs !== null) book?.clock(clockOffsetMs);
      if (route && said) presence.said(route.device.id, said);
      else if (route && !message.stored) presence.heard(route.device.id);
      if (route) presence.valued(route.device.id, readings.flatMap(goodPoint));
      const refused = ({ message: detail }: Failure) => setAside(topic, { reason: 'refused', detail }, route);
      const stored = () => {
        for (const { key, windowMs } of keys) seen.add(route?.device.id ?? '', key, windowMs);
      };
      return enter(lane, { readings, bytes: payload.length, acknowledge, refused }, stored, qos, counters);
    },
    forwarding(topic) {
      const route = routes.find(topic);
      // Keeping the last message of any topic anybody makes up would have no bound.
      if (!route) return 'live';
      return route.device.personal ? 'withheld' : 'kept';
    },
    clientJoined(clientId) {
      const device = names.get(clientId);
      if (device) presence.heard(device);
    },
    clientLeft(clientId) {
      const device = names.get(clientId);
      if (device) presence.left(device);
    },
    linkLost: presence.linkLost,
    linkBack: presence.linkBack,
  };
}

function enter(
  lane: Lane,
  entry: LaneEntry,
  stored: () => void,
  qos: InboundMessage['qos'],
  counters: Counters,
): boolean {
  if (qos > 0) {
    const acknowledge = () => {
      stored();
      entry.acknowledge();
    };
    const taken = lane.push({ ...entry, acknowledge });
    if (!taken) counters.add('mqtt_rejected_total', { reason: 'busy' });
    return taken;
  }
  // QoS 0 promises nothing, so it may be lost here, but it keeps its place between its neighbours.
  if (!lane.push({ ...entry, acknowledge: stored })) counters.add('mqtt_rejected_total', { reason: 'busy' });
  entry.acknowledge();
  return true;
}

function notRouted(topic: string, routes: Routes): Message {
  const owner = routes.ownerOf(topic);
  const rejection: Rejection = owner
    ? { reason: 'unknown_point', detail: `the profile of ${owner.id} has no such point` }
    : { reason: 'unknown_topic', detail: 'no device of this site publishes here' };
  return { readings: [], presence: null, rejection, keys: [], clockOffsetMs: null };
}

function goodPoint(reading: Message['readings'][number]): PointKey[] {
  return reading.kind === 'point' && reading.quality.level !== 'bad' ? [reading.point] : [];
}
