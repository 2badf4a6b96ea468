import type { PointKey } from '../../readings/points.ts';
import type { Counters } from '../../shared/counters.ts';
import type { Failure } from '../../shared/result.ts';
import type { Rejection } from '../decoders/rejection.ts';
import type { DriverContext } from '../driver.ts';
import { decodeMessage, type Message } from './decode-message.ts';
import { createLane, type Lane } from './lane.ts';
import type { Presence } from './presence.ts';
import type { Quarantine } from './quarantine.ts';
import type { Route, Routes } from './routes.ts';
import type { InboundMessage, MessageSink } from './transport.ts';

interface ReceiverParts {
  readonly context: DriverContext;
  readonly routes: Routes;
  readonly presence: Presence;
  readonly quarantine: Quarantine;
}

/** Turns messages into readings, and keeps the book about those that are none. */
export function createReceiver({ context, routes, presence, quarantine }: ReceiverParts): MessageSink {
  const { clock, counters, log } = context;
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
    const received = { payload, stored, receivedTimeMs: clock.nowMs() };
    return decodeMessage(route.device, route.meaning, received);
  };

  return {
    openLane: () => createLane(context),
    receive(message, lane, acknowledge) {
      const { topic, payload, qos, stored } = message;
      const route = routes.find(topic);
      counters.add('mqtt_messages_total', { kind: route?.meaning.kind ?? 'unknown' });
      const { readings, presence: said, rejection } = understand(message, route);
      if (rejection) setAside(topic, rejection, route);
      if (route && said) presence.said(route.device.id, said);
      else if (route && !stored) presence.heard(route.device.id);
      if (route) presence.valued(route.device.id, readings.flatMap(goodPoint));
      const refused = ({ message: detail }: Failure) => setAside(topic, { reason: 'refused', detail }, route);
      return enter(lane, { readings, bytes: payload.length, acknowledge, refused }, qos, counters);
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
  entry: Parameters<Lane['push']>[0],
  qos: InboundMessage['qos'],
  counters: Counters,
): boolean {
  if (qos > 0) {
    const taken = lane.push(entry);
    if (!taken) counters.add('mqtt_rejected_total', { reason: 'busy' });
    return taken;
  }
  // QoS 0 promises nothing, so it may be lost here, but it keeps its place between its neighbours.
  if (!lane.push({ ...entry, acknowledge() {} })) counters.add('mqtt_rejected_total', { reason: 'busy' });
  entry.acknowledge();
  return true;
}

function notRouted(topic: string, routes: Routes): Message {
  const owner = routes.ownerOf(topic);
  const rejection: Rejection = owner
    ? { reason: 'unknown_point', detail: `the profile of ${owner.id} has no such point` }
    : { reason: 'unknown_topic', detail: 'no device of this site publishes here' };
  return { readings: [], presence: null, rejection };
}

function goodPoint(reading: Message['readings'][number]): PointKey[] {
  return reading.kind === 'point' && reading.quality.level !== 'bad' ? [reading.point] : [];
}
