import { readTime } from '../decoders/event-time.ts';
import { field, isObject, parseJson } from '../decoders/json-object.ts';
import { isRaw } from '../decoders/message-reader.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';
import type { RawValue } from '../point-value.ts';

export interface Scalar {
  readonly raw: RawValue;
  /** Unix ms as the device gave it, null when it gave none. */
  readonly timeMs: number | null;
}

/** Reads `4.2`, `true`, `"text"`, `null` or `{"v":4.2,"t":<unix ms>}`; `t` may be left out. */
export function decodeScalar(payload: Uint8Array): Decoded<Scalar> {
  const json = parseJson(payload);
  if (!json.ok) return json;
  if (isRaw(json.value)) return decoded({ raw: json.value, timeMs: null });
  if (!isObject(json.value))
    return reject('shape', 'expected a number, true, false, a text or {"v":…,"t":…}');
  const raw = field(json.value, 'v');
  if (!isRaw(raw)) return reject('shape', 'field "v" must be a number, true, false or a text');
  const time = field(json.value, 't');
  if (time === undefined) return decoded({ raw, timeMs: null });
  const timeMs = readTime(time, 'unix-ms');
  if (timeMs === null) return reject('shape', 'field "t" must be Unix time in milliseconds');
  return decoded({ raw, timeMs });
}
