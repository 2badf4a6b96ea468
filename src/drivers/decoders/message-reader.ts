import type { DeviceProfile } from '../../config/profile-schema.ts';
import { isPointKey, POINTS, type PointKey } from '../../readings/points.ts';
import { bad } from '../../readings/quality.ts';
import { limits } from '../../shared/limits.ts';
import { createPointSet, type RawRead, type ResolvedPoint } from '../point-set.ts';
import type { RawValue } from '../point-value.ts';
import { DECODERS, type DecoderName } from './decoders.ts';
import { isObject, parseJson } from './json-object.ts';
import { compilePath, compileTime } from './message-time.ts';
import { type Decoded, decoded, reject } from './rejection.ts';
import { bytesOfBase64, bytesOfHex } from './text-bytes.ts';

type Mqtt = NonNullable<DeviceProfile['mqtt']>;

/** What one kind of message looks like: the message part of a device profile, for MQTT and HTTP alike. */
export interface MessageForm extends Pick<Mqtt, 'where' | 'decode' | 'data' | 'records' | 'time' | 'dedupe'> {
  readonly payload: 'json' | 'form' | 'hex' | 'base64' | 'binary';
}

/** What the values of a message mean. */
export type PointModel = Pick<DeviceProfile, 'points' | 'derive'>;

/** Values that belong to one instant. */
export interface Sample {
  readonly values: readonly ResolvedPoint[];
  /** The device's own time, Unix ms; null when it told none. */
  readonly timeMs: number | null;
  /** From the device's memory: never the latest value. */
  readonly historical: boolean;
  /** Names the sample within its device, so that a repeat is known; null when the form has no such name. */
  readonly key: string | null;
}

/** Null: the message is of another kind. Never throws, whatever the bytes are. Samples come oldest first. */
export type ReadMessage = (payload: Uint8Array) => Decoded<readonly Sample[]> | null;

interface Entry {
  readonly top: unknown;
  readonly entry: unknown;
  readonly timeMs: number | null;
  readonly historical: boolean;
}

type Found = Decoded<readonly Entry[]>;

/**
 * Compiles a form once, so that a message costs its parsing and a few look-ups. Only the fields that the profile names
 * are looked at; everything else in the message ends here, unread.
 */
export function compileMessage(form: MessageForm, model: PointModel, storeZone: string): ReadMessage {
  const open = opener(form);
  const split = splitter(form);
  const isOurs = chooser(form);
  const sampleOf = sampler(form, model, storeZone);
  return payload => {
    const top = open(payload);
    if (!top.ok) return top;
    if (!isOurs(top.value.top)) return null;
    const entries = split(top.value);
    if (!entries.ok) return entries;
    const samples = entries.value.map(sampleOf);
    const told = samples.filter(({ values }) => values.length > 0);
    // A kind of message that names itself, or that a decoder understood, may well tell nothing of the points.
    if (told.length === 0 && !form.where && !form.decode) {
      return reject('shape', 'none of the fields that the profile names is there');
    }
    return decoded(told.toSorted((a, b) => (a.timeMs ?? 0) - (b.timeMs ?? 0)));
  };
}

interface Opened {
  readonly top: unknown;
  /** The payload's own bytes, for a decoder; null for a message that is a tree. */
  readonly bytes: Uint8Array | null;
}

function opener({ payload: kind }: MessageForm): (payload: Uint8Array) => Decoded<Opened> {
  const text = (payload: Uint8Array) =>
    Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1');
  const ofBytes = (bytes: Decoded<Uint8Array>): Decoded<Opened> =>
    bytes.ok ? decoded({ top: {}, bytes: bytes.value }) : bytes;
  switch (kind) {
    case 'binary':
      return payload => ofBytes(decoded(payload));
    case 'hex':
      return payload => ofBytes(bytesOfHex(text(payload)));
    case 'base64':
      return payload => ofBytes(bytesOfBase64(text(payload)));
    case 'form':
      return payload => decoded({ top: Object.fromEntries(new URLSearchParams(text(payload))), bytes: null });
    case 'json':
      return payload => {
        const json = parseJson(payload);
        if (!json.ok) return json;
        return typeof json.value === 'object' && json.value !== null
          ? decoded({ top: json.value, bytes: null })
          : reject('shape', 'expected a JSON object');
      };
  }
}

function chooser({ where }: MessageForm): (top: unknown) => boolean {
  if (!where) return () => true;
  const path = compilePath(where.path);
  const words: readonly unknown[] = [where.equals, ...(where.or ?? [])];
  return top => words.includes(path(top, top));
}

/** From the opened message to its entries: through the decoder, or through the list of records. */
function splitter(form: MessageForm): (opened: Opened) => Found {
  if (form.decode) return decodeWith(form.decode, form.data);
  if (form.records === undefined) return ({ top }) => decoded([entryOf(top, top)]);
  const list = compilePath(form.records);
  return ({ top }) => {
    const records = list(top, top);
    if (!Array.isArray(records)) return reject('shape', 'the list of records is not there');
    if (records.length > limits.messageRecords) {
      return reject('range', `a message has at most ${limits.messageRecords} records`);
    }
    return decoded(records.map(record => entryOf(top, record)));
  };
}

const entryOf = (top: unknown, entry: unknown): Entry => ({ top, entry, timeMs: null, historical: false });

function decodeWith(name: DecoderName, data: MessageForm['data']): (opened: Opened) => Found {
  const decode = DECODERS[name];
  const path = data && compilePath(data.path);
  // ChirpStack writes `fPort` and The Things Stack `f_port` beside the bytes.
  const beside = (key: string) => compilePath(data?.path.replace(/[^.[\]']+('\])?$/, key) ?? key);
  const ports = [beside('fPort'), beside('f_port')];
  const bytesOf = ({ top, bytes }: Opened): Decoded<Uint8Array> => {
    if (bytes) return decoded(bytes);
    const text = path?.(top, top);
    if (typeof text !== 'string') return reject('shape', 'the bytes to decode are not there');
    return data?.encoding === 'base64' ? bytesOfBase64(text) : bytesOfHex(text);
  };
  return opened => {
    const bytes = bytesOf(opened);
    if (!bytes.ok) return bytes;
    const port = ports.map(find => find(opened.top, opened.top)).find(value => typeof value === 'number');
    const records = decode(bytes.value, typeof port === 'number' ? port : null);
    if (!records.ok) return records;
    return decoded(
      records.value.map(({ fields, timeMs, historical }) => {
        const entry = { ...(isObject(opened.top) ? opened.top : {}), decoded: fields };
        return { top: entry, entry, timeMs, historical };
      }),
    );
  };
}

function sampler(
  { time, dedupe }: MessageForm,
  model: PointModel,
  storeZone: string,
): (found: Entry) => Sample {
  const readTime = time ? compileTime(time, storeZone) : () => null;
  const keyPaths = dedupe?.paths.map(compilePath);
  const resolve = createPointSet(model);
  const finders = model.points.flatMap(({ key, path }) =>
    path === undefined ? [] : [{ key, find: compilePath(path), decoded: path.startsWith('decoded.') }],
  );
  return ({ top, entry, timeMs, historical }) => {
    const read = new Map<string, RawRead>();
    for (const { key, find, decoded: isDecoded } of finders) {
      const found = find(top, entry);
      if (found !== undefined) read.set(key, rawOf(key, found, isDecoded));
    }
    return {
      values: resolve(read),
      // The device's time of a stored record is the record's; the message around it is from now.
      timeMs: timeMs ?? (time?.trust === 'receipt' ? null : readTime(top, entry)),
      historical,
      key: keyPaths ? keyOf(keyPaths.map(find => find(top, entry))) : null,
    };
  };
}

// A decoder says null where the device has its own word for "not measured".
function rawOf(key: string, found: unknown, isDecoded: boolean): RawRead {
  if (found === null && isDecoded) return { quality: bad('sentinel') };
  if (!isRaw(found)) return { quality: bad('format') };
  return !isPointKey(key) || isNumeric(key) ? numberOf(found) : found;
}

const isNumeric = (key: PointKey) => POINTS[key].type === 'number' || POINTS[key].type === 'counter';

// Forms hold nothing but text, and many devices quote their numbers.
function numberOf(raw: RawValue): RawValue {
  return typeof raw === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(raw) ? Number(raw) : raw;
}

export function isRaw(value: unknown): value is RawValue {
  return value === null || ['number', 'boolean', 'string'].includes(typeof value);
}

const MAX_KEY = 128;

/** All parts together; null when one is missing, or when they are no name. */
function keyOf(parts: readonly unknown[]): string | null {
  if (parts.some(part => typeof part !== 'string' && typeof part !== 'number')) return null;
  const key = parts.join('/');
  return key.length <= MAX_KEY ? key : null;
}
