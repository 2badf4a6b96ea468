import { field, isObject, parseJson } from '../decoders/json-object.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';

export interface CommandAnswer {
  readonly id: string;
  readonly done: boolean;
  readonly detail: string | null;
}

const MAX_DETAIL = 200;

/** Reads the answer to a command: `{"id":"…","ok":true,"detail":null}`; `detail` may be left out. */
export function decodeAnswer(payload: Uint8Array): Decoded<CommandAnswer> {
  const json = parseJson(payload);
  if (!json.ok) return json;
  if (!isObject(json.value)) return reject('shape', 'expected {"id":…,"ok":…,"detail":…}');
  const id = field(json.value, 'id');
  const done = field(json.value, 'ok');
  const detail = field(json.value, 'detail') ?? null;
  if (typeof id !== 'string' || id === '') return reject('shape', '"id" must be the id of the command');
  if (typeof done !== 'boolean') return reject('shape', '"ok" must be true or false');
  if (detail !== null && typeof detail !== 'string')
    return reject('shape', '"detail" must be a text or null');
  return decoded({ id, done, detail: detail?.slice(0, MAX_DETAIL) ?? null });
}

/** Reads a birth message or a last will: the plain text `online` or `offline`. */
export function decodePresence(payload: Uint8Array): Decoded<'online' | 'offline'> {
  const text = Buffer.from(payload.subarray(0, 16)).toString('latin1').trim();
  return text === 'online' || text === 'offline'
    ? decoded(text)
    : reject('shape', 'expected the plain text online or offline');
}
