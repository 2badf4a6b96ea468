import { type Decoded, decoded, reject } from './rejection.ts';

/** Reads UTF-8 JSON. The parser's own message is not passed on, because it quotes the payload. */
export function parseJson(payload: Uint8Array): Decoded<unknown> {
  try {
    return decoded(
      JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8')),
    );
  } catch {
    return reject('syntax', 'the payload is not JSON');
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of a JSON object; inherited names such as `constructor` read as absent. */
export function field(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
