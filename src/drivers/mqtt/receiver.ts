import type { PointKey } from '../../readings/points.ts';
import type { Counters } from '../../shared/counters.ts';
import { limits } from '../../shared/limits.ts';
import type { Failure } from '../../shared/result.ts';
import type { Rejection } from '../decoders/rejection.ts';
import { createSeenKeys } from '../decoders/seen-keys.ts';
import { isAnnouncement } from '../discovery/home-assistant.ts';
import type { Strangers } from '../discovery/strangers.ts';
import type { DriverContext } from '../driver.ts';
import type { SparkplugHost } from '../sparkplug/sparkplug-host.ts';
import type { VitalsBook } from '../vitals.ts';
import { decodeMessage, type Message } from './decode-message.ts';
import { createLane, type Lane, type LaneEntry } from './lane.ts';
import type { Presence } from './presence.ts';
import type { Quarantine } from './quarantine.ts';
import type { Route, Routes } from './routes.ts';
import type { InboundMessage, MessageSink } from './transport.ts';

/** A message, whose it is, and whom it tells the birth or the death of. */
interface Understood extends Message {
  /** Null: none of the site's. */
  readonly device: string | null;
  readonly kind: string;
  readonly born: readonly string[];
  readonly died: readonly string[];
}

const nothing: Understood = {
  ...{ device: null, kind: 'unknown', born: [], died: [] },
  ...{ readings: [], presence: null, rejection: null, keys: [], clockOffsetMs: null },
};

interface ReceiverParts {
  readonly context: DriverContext;
  readonly routes: Routes;
  readonly sparkplug: Pick<SparkplugHost, 'isOurs' | 'take'>;
  readonly presence: Presence;
  readonly quarantine: Quarantine;
  readonly strangers: Strangers;
  /** How each device does; it is told of every message. */
  readonly vitals: ReadonlyMap<string, VitalsBook>;
}

/** Turns messages into readings, and keeps the book about those that are none. */
export function createReceiver(parts: ReceiverParts): MessageSink {
  const { context, routes, sparkplug, presence, quarantine, strangers } = parts;
  const { clock, counters, log } = context;
  const seen = createSeenKeys(clock);
  const names = new Map([...routes.devices.values()].map(({ id, name }) => [name, id]));

  const setAside = (topic: string, rejection: Rejection, device: string | null, kind: string) => {
    counters.add('mqtt_rejected_total', { reason: rejection.reason });
    const isNew = quarantine.add(topic, rejection, clock.nowMs());
    // A sale that is not booked is always worth a line; of the rest the first one tells.
    if (device !== null && (isNew || kind === 'sale')) {
      log.warn({ device, topic, ...rejection }, 'a message could not be used');
    }
  };

  const understand = (message: InboundMessage, route: Route | null): Understood => {
    const { topic, payload, stored, tooLargeBytes } = message;
    if (tooLargeBytes !== undefined) return { ...tooLarge(tooLargeBytes), device: route?.device.id ?? null };
    if (route) {
      const received = { payload, stored, receivedTimeMs: clock.nowMs(), seen };
      const decoded = decodeMessage(route.device, route.meaning, received);
      return { ...decoded, device: route.device.id, kind: route.meaning.kind, born: [], died: [] };
    }
    const understood = sparkplug.isOurs(topic)
      ? fromEdgeNode(sparkplug.take(topic, payload, stored))
      : { ...nothing, ...notRouted(topic, routes) };
    if (understood.device === null) strangers.heard(message, clock.nowMs());
    // Made for others: worth a hint, and no fault.
    return isAnnouncement(topic) ? { ...nothing, kind: 'announcement' } : understood;
  };

  const note = noteTaker(parts);

  return {
    openLane: () => createLane(context),
    receive(message, lane, acknowledge) {
      const { topic, payload, qos } = message;
      const route = routes.find(topic);
      const understood = understand(message, route);
      const { device, kind, readings, rejection, keys } = understood;
      counters.add('mqtt_messages_total', { kind });
      if (rejection) setAside(topic, rejection, device, kind);
      note(understood, !message.stored);
      const refused = ({ message: detail }: Failure) =>
        setAside(topic, { reason: 'refused', detail }, device, kind);
      const stored = () => {
        for (const { key, windowMs } of keys) seen.add(device ?? '', key, windowMs);
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

/** Tells presence and vitals what a message says of its device, and of those that were born or died with it. */
function noteTaker({ presence, vitals }: Pick<ReceiverParts, 'presence' | 'vitals'>) {
  return ({ device, presence: said, readings, rejection, ...told }: Understood, fresh: boolean): void => {
    for (const id of told.born) presence.said(id, 'online');
    for (const id of told.died) presence.said(id, 'offline');
    if (device === null) return;
    const book = vitals.get(device);
    if (rejection) book?.failed(rejection.detail);
    else book?.good();
    if (told.clockOffsetMs !== null) book?.clock(told.clockOffsetMs);
    if (said) presence.said(device, said);
    else if (fresh && !told.died.includes(device)) presence.heard(device);
    presence.valued(device, readings.flatMap(goodPoint));
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

function notRouted(topic: string, routes: Routes): Pick<Message, 'rejection'> {
  const owner = routes.ownerOf(topic);
  const rejection: Rejection = owner
    ? { reason: 'unknown_point', detail: `the profile of ${owner.id} has no such point` }
    : { reason: 'unknown_topic', detail: 'no device of this site publishes here' };
  return { rejection };
}

function tooLarge(bytes: number): Understood {
  const detail = `${bytes} bytes; the broker takes ${limits.mqttPacketBytes}`;
  return { ...nothing, rejection: { reason: 'too_large', detail } };
}

function fromEdgeNode(taken: ReturnType<SparkplugHost['take']>): Understood {
  if (!taken.ok) return { ...nothing, kind: 'sparkplug', rejection: taken.rejection };
  return { ...nothing, ...taken.value, kind: 'sparkplug' };
}

function goodPoint(reading: Message['readings'][number]): PointKey[] {
  return reading.kind === 'point' && reading.quality.level !== 'bad' ? [reading.point] : [];
}
