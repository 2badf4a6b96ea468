import type { PointKey } from '../../readings/points.ts';
import { isPointKey, POINTS } from '../../readings/points.ts';
import { bad, type Quality, uncertain } from '../../readings/quality.ts';
import type { PointReading, Reading } from '../../readings/reading.ts';
import { type EventTime, eventTime, readTime } from '../decoders/event-time.ts';
import { isObject, parseJson } from '../decoders/json-object.ts';
import { atPath } from '../decoders/json-path.ts';
import type { Rejection } from '../decoders/rejection.ts';
import { toValue } from '../point-value.ts';
import { decodeAnswer, decodePresence } from './device-answer.ts';
import type { Meaning, RoutedDevice } from './routes.ts';
import { decodeSale } from './sale-message.ts';
import { decodeScalar, isRaw } from './scalar.ts';
import { decodeWeightBatch } from './weight-batch.ts';

/** One message as a driver received it. */
export interface Received {
  readonly payload: Uint8Array;
  readonly receivedTimeMs: number;
  /** A broker had kept it: it tells what once was, not what is now. */
  readonly stored: boolean;
}

/** What a message means. A rejected one may still yield a reading of bad quality. */
export interface Message {
  readonly readings: readonly Reading[];
  readonly presence: 'online' | 'offline' | null;
  readonly rejection: Rejection | null;
}

/** Tills keep sales while they are cut off, so a sale's own time is believed for this long. */
const SALE_KEPT_MS = 72 * 3_600_000;

const nothing: Message = { readings: [], presence: null, rejection: null };
const refused = (rejection: Rejection, readings: readonly Reading[] = []): Message => ({
  readings,
  presence: null,
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
    case 'json':
      return jsonPoints(device, what, received);
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

// Only the fields that the profile names are looked at. Everything else ends here, unread (law 10).
function jsonPoints(
  device: RoutedDevice,
  { points, time }: Extract<Meaning, { kind: 'json' }>,
  received: Received,
): Message {
  const json = parseJson(received.payload);
  if (!json.ok) return refused(json.rejection);
  if (!isObject(json.value)) return refused({ reason: 'shape', detail: 'expected a JSON object' });
  const timeMs = time && readTime(atPath(json.value, time.path), time.format);
  const readings: Reading[] = [];
  for (const { point, path } of points) {
    const found = atPath(json.value, path);
    if (found === undefined || !isPointKey(point.key)) continue;
    const value = isRaw(found) ? toValue(point, found) : { value: null, quality: bad('format') };
    readings.push(...pointReading(device, point.key, value, received, timeMs));
  }
  if (readings.length > 0) return meaning(...readings);
  return refused({ reason: 'shape', detail: 'none of the fields that the profile names is there' });
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
  return [
    {
      kind: 'point',
      device: device.id,
      point,
      value,
      quality: quality.level === 'good' ? trust(time, timeMs !== null, received.stored) : quality,
      eventTimeMs: time.eventTimeMs,
      receivedTimeMs: received.receivedTimeMs,
    },
  ];
}

function trust(time: EventTime, given: boolean, stored: boolean): Quality {
  if (stored && !(given && time.believed)) return uncertain('stale');
  return time.believed ? { level: 'good' } : uncertain('clock');
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
