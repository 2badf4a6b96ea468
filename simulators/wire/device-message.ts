import type { DeviceProfile, ProfilePoint } from '../../src/config/profile-schema.ts';
import { putAt, valueAt } from './json-template.ts';
import { type Fields, PAYLOAD_ENCODERS } from './payload-encoders.ts';
import { rawOf, type TrueValues } from './raw-value.ts';
import { wireTime } from './wire-time.ts';

type Mqtt = NonNullable<DeviceProfile['mqtt']>;
type Http = NonNullable<DeviceProfile['http']>;

/** One kind of message, of MQTT or of HTTP push, whichever the profile has. */
export type MessageKind = Pick<Mqtt, 'where' | 'decode' | 'data' | 'records' | 'time' | 'dedupe'> & {
  readonly payload: Mqtt['payload'] | Http['payload'];
  /** What the maker's document shows of it. */
  readonly sample: unknown;
  readonly points: readonly ProfilePoint[];
};

export interface Instant {
  readonly nowMs: number;
  /** Zone of times that name none. */
  readonly zone: string;
  /** Counts the messages of this device. */
  readonly sequence: number;
}

/**
 * The payload of one message: the one in the maker's document, with true values in the places of the profile's
 * points, the time of now and a number of its own.
 */
export function encodeMessage(kind: MessageKind, values: TrueValues, instant: Instant): string | Buffer {
  const bytes = kind.decode === undefined ? null : encodeBytes(kind.decode, kind.points, values, instant);
  switch (kind.payload) {
    case 'binary':
      return bytes ?? Buffer.alloc(0);
    case 'hex':
      return bytes?.toString('hex') ?? '';
    case 'base64':
      return bytes?.toString('base64') ?? '';
    default: {
      const body = encodeJson(kind, values, instant, bytes);
      return kind.payload === 'form'
        ? new URLSearchParams(body as Record<string, string>).toString()
        : JSON.stringify(body);
    }
  }
}

/** Where the fields of a decoded payload are found. */
const DECODED = 'decoded.';
const isDecoded = ({ path }: ProfilePoint) => path?.startsWith(DECODED) === true;

function encodeBytes(name: string, points: readonly ProfilePoint[], values: TrueValues, instant: Instant) {
  const encode = PAYLOAD_ENCODERS[name];
  if (!encode) throw new Error(`no encoder for the payload ${name}`);
  const fields: Record<string, Fields[string]> = {};
  for (const point of points) {
    if (point.path === undefined || !isDecoded(point)) continue;
    const value = values(point.key);
    const raw = value === null ? null : rawOf(point, value);
    fields[point.path.slice(DECODED.length)] = typeof raw === 'number' || raw === null ? raw : undefined;
  }
  return encode(fields, instant.sequence);
}

function encodeJson(kind: MessageKind, values: TrueValues, instant: Instant, bytes: Buffer | null): object {
  const body = structuredClone(isObject(kind.sample) ? kind.sample : {});
  const record = oneRecord(kind, body);
  // In a list of records a path starts in the record, unless it says that it starts at the top.
  const put = (path: string, value: unknown) =>
    path.startsWith('$.') ? putAt(body, path.slice(2), value) : putAt(record, path, value);
  const sampleAt = (path: string) =>
    path.startsWith('$.') ? valueAt(body, path.slice(2)) : valueAt(record, path);
  if (kind.where) put(kind.where.path, kind.where.equals);
  if (kind.time) {
    put(kind.time.path, wireTime(kind.time, instant.nowMs, instant.zone, sampleAt(kind.time.path)));
    if (kind.time.zonePath !== undefined) put(kind.time.zonePath, 'UTC+0:00');
  }
  for (const path of kind.dedupe?.paths ?? []) {
    if (path === kind.time?.path || path.startsWith(DECODED)) continue;
    const sample = sampleAt(path);
    // Only what counts can be counted on; a serial number beside it stays.
    if (sample === undefined || typeof sample === 'number') put(path, instant.sequence);
  }
  if (bytes && kind.data) put(kind.data.path, bytes.toString(kind.data.encoding));
  for (const point of kind.points) {
    // What a decoder finds stands in the bytes; the rest of the message lies around them.
    if (!bytes || !point.path?.startsWith('decoded.')) putPoint(point, values, put, sampleAt);
  }
  return body;
}

function putPoint(
  point: ProfilePoint,
  values: TrueValues,
  put: (path: string, value: unknown) => void,
  sampleAt: (path: string) => unknown,
): void {
  if (point.path === undefined) return;
  const value = values(point.key);
  const raw = value === null && !point.sentinels ? null : rawOf(point, value);
  if (raw === undefined) return;
  // Makers write some numbers as text, and 0 and 1 for yes and no.
  const sample = sampleAt(point.path);
  if (typeof sample === 'string' && typeof raw === 'number') put(point.path, String(raw));
  else if (typeof sample === 'number' && typeof raw === 'boolean') put(point.path, Number(raw));
  else put(point.path, raw);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** The one record that is left of a list of records; the whole body where the kind has none. */
function oneRecord(kind: MessageKind, body: object): object {
  if (kind.records === undefined) return body;
  const list = valueAt(body, kind.records);
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const record = isObject(first) ? first : {};
  putAt(body, kind.records, [record]);
  return record;
}
