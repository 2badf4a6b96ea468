import type { PointKey } from '../../readings/points.ts';
import { isPointKey, POINTS } from '../../readings/points.ts';
import { bad } from '../../readings/quality.ts';
import type { PointReading, Reading } from '../../readings/reading.ts';
import {
  type DeviceMessage,
  type ReceivedMessage,
  readDeviceMessage,
  trust,
} from '../decoders/device-message.ts';
import { eventTime } from '../decoders/event-time.ts';
import type { Rejection } from '../decoders/rejection.ts';
import type { SeenKeys } from '../decoders/seen-keys.ts';
import { toValue } from '../point-value.ts';
import { decodeAnswer, decodePresence } from './device-answer.ts';
import type { Meaning, RoutedDevice } from './routes.ts';
import { decodeSale } from './sale-message.ts';
import { decodeScalar } from './scalar.ts';
import { decodeWeightBatch } from './weight-batch.ts';

/** One message as a driver received it, and what was stored before it (nothing, when it is left out). */
export interface Received extends ReceivedMessage {
  readonly seen?: Pick<SeenKeys, 'has'>;
}

/** What a message means. A rejected one may still yield a reading of bad quality. */
export interface Message extends DeviceMessage {
  readonly presence: 'online' | 'offline' | null;
}

/** Tills keep sales while they are cut off, so a sale's own time is believed for this long. */
const SALE_KEPT_MS = 72 * 3_600_000;

const nothing: Message = { readings: [], presence: null, rejection: null, keys: [], clockOffsetMs: null };
const refused = (rejection: Rejection, readings: readonly Reading[] = []): Message => ({
  ...nothing,
  readings,
  rejection,
});
const meaning = (...readings: Reading[]): Message => ({ ...nothing, readings });

/** Never throws, whatever the bytes are. */
export function decodeMessage(device: RoutedDevice, what: Meaning, received: Received): Message {
  if (received.payload.length > device.maxBytes) {
    const detail = `${received.payload.length} bytes; the profile allows ${device.maxBytes}`;
    return refused({ reason: 'too_large', detail });
  }
  // An empty payload is how MQTT deletes a stored message.
  if (received.payload.length === 0) return nothing;
  switch (what.kind) {
    case 'weights':
      return weights(device, received);
    case 'point':
      return scalar(device, what, received);
    case 'message':
      return message(device, what, received);
    case 'lifecycle':
      return lifecycle(what, received);
    case 'sale':
      return sale(device, received);
    case 'ack':
      return answer(device, what.command, received);
    case 'presence': {
      const state = decodePresence(received.payload);
      return state.ok ? { ...nothing, presence: state.value } : refused(state.rejection);
    }
  }
}

function message(
  { id }: RoutedDevice,
  { kinds }: Extract<Meaning, { kind: 'message' }>,
  received: Received,
): Message {
  return { ...nothing, ...readDeviceMessage(id, kinds, received, received.seen) };
}

// Compared without case: makers write Online, online and ONLINE for the same thing.
function lifecycle(what: Extract<Meaning, { kind: 'lifecycle' }>, { payload }: Received): Message {
  const text = Buffer.from(payload.subarray(0, 64)).toString('utf8').trim().toLowerCase();
  if (text === what.online.toLowerCase()) return { ...nothing, presence: 'online' };
  if (text === what.offline.toLowerCase()) return { ...nothing, presence: 'offline' };
  return refused({ reason: 'shape', detail: `expected ${what.online} or ${what.offline}` });
}

function weights(device: RoutedDevice, { payload, receivedTimeMs, stored }: Received): Message {
  if (stored)
    return refused({ reason: 'stored', detail: 'weight batches must not be published with retain' });
  const batch = decodeWeightBatch(payload);
  if (!batch.ok) return refused(batch.rejection);
  const { t0Ms, hz, plates } = batch.value;
  const lengthMs = Math.round(((plates[0]?.grams.length ?? 0) * 1000) / hz);
  const time = eventTime(t0Ms, receivedTimeMs);
  const eventTimeMs = time.believed ? t0Ms : receivedTimeMs - lengthMs;
  return meaning({ kind: 'weights', device: device.id, hz, plates, eventTimeMs, receivedTimeMs });
}

function scalar(
  device: RoutedDevice,
  { point }: Extract<Meaning, { kind: 'point' }>,
  received: Received,
): Message {
  if (!isPointKey(point.key)) return nothing;
  const read = decodeScalar(received.payload);
  if (!read.ok) {
    const unread = pointReading(device, point.key, { value: null, quality: bad('format') }, received, null);
    return refused(read.rejection, unread);
  }
  return meaning(
    ...pointReading(device, point.key, toValue(point, read.value.raw), received, read.value.timeMs),
  );
}

function pointReading(
  device: RoutedDevice,
  point: PointKey,
  { value, quality }: Pick<PointReading, 'value' | 'quality'>,
  received: Received,
  timeMs: number | null,
): PointReading[] {
  if (POINTS[point].type === 'samples' || POINTS[point].type === 'document') return [];
  const time = eventTime(timeMs, received.receivedTimeMs);
  const trusted = trust(time.believed, timeMs !== null, received.stored);
  return [
    {
      kind: 'point',
      device: device.id,
      point,
      value,
      quality: quality.level === 'good' && trusted ? trusted : quality,
      eventTimeMs: time.eventTimeMs,
      receivedTimeMs: received.receivedTimeMs,
    },
  ];
}

function sale(device: RoutedDevice, { payload, receivedTimeMs }: Received): Message {
  const read = decodeSale(payload, device.till);
  if (!read.ok) return refused(read.rejection);
  const { document, timeMs } = read.value;
  const { eventTimeMs } = eventTime(timeMs, receivedTimeMs, SALE_KEPT_MS);
  return meaning({ kind: 'document', source: 'mqtt', document, eventTimeMs, receivedTimeMs });
}

function answer(device: RoutedDevice, command: string, { payload, receivedTimeMs }: Received): Message {
  const read = decodeAnswer(payload);
  if (!read.ok) return refused(read.rejection);
  const { id, done, detail } = read.value;
  return meaning({
    kind: 'ack',
    device: device.id,
    command,
    commandId: id,
    done,
    detail,
    eventTimeMs: receivedTimeMs,
    receivedTimeMs,
  });
}
