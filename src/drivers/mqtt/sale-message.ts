import type { Line, SaleDocument } from '../../readings/documents.ts';
import { parseGtin } from '../../shared/gtin.ts';
import { readTime } from '../decoders/event-time.ts';
import { field, isObject, parseJson } from '../decoders/json-object.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';

export interface SaleMessage {
  readonly document: SaleDocument;
  readonly timeMs: number | null;
}

const MAX_KEY = 128;
const MAX_LINES = 500;
const MAX_QUANTITY = 10_000;
const MAX_GRAMS = 1_000_000;

/**
 * Reads `{"key":"till-1/000123","time":<unix ms or ISO 8601>,"lines":[{"gtin":"…","quantity":2}]}`; what is sold by
 * weight has `grams` in place of `quantity`.
 * Whatever else a till adds (a card, a customer) is left behind here.
 */
export function decodeSale(payload: Uint8Array, till: string): Decoded<SaleMessage> {
  const json = parseJson(payload);
  if (!json.ok) return json;
  if (!isObject(json.value)) return reject('shape', 'expected {"key":…,"time":…,"lines":[…]}');
  const key = field(json.value, 'key');
  if (typeof key !== 'string' || key.length < 1 || key.length > MAX_KEY || !/^[\x21-\x7e]+$/.test(key)) {
    return reject('shape', `"key" must be 1 to ${MAX_KEY} printable characters without spaces`);
  }
  const time = field(json.value, 'time');
  const timeMs = readTime(time, typeof time === 'string' ? 'iso' : 'unix-ms');
  if (time !== undefined && timeMs === null) {
    return reject('shape', '"time" must be Unix milliseconds or ISO 8601 with its offset');
  }
  const lines = readLines(field(json.value, 'lines'));
  if (!lines.ok) return lines;
  return decoded({ document: { type: 'sale', key, till, lines: lines.value }, timeMs });
}

function readLines(value: unknown): Decoded<readonly Line[]> {
  if (!Array.isArray(value) || value.length === 0)
    return reject('shape', '"lines" must hold at least one line');
  if (value.length > MAX_LINES) return reject('range', `a sale has at most ${MAX_LINES} lines`);
  const lines: Line[] = [];
  for (const [index, entry] of value.entries()) {
    const line = readLine(entry, `lines[${index}]`);
    if (!line.ok) return line;
    lines.push(line.value);
  }
  return decoded(lines);
}

function readLine(entry: unknown, where: string): Decoded<Line> {
  if (!isObject(entry)) return reject('shape', `${where} must be {"gtin":"…","quantity":…}`);
  const text = field(entry, 'gtin');
  const gtin = typeof text === 'string' ? parseGtin(text) : null;
  if (!gtin) {
    return reject('shape', `${where}.gtin must be a text of 8, 12, 13 or 14 digits with a right check digit`);
  }
  const grams = field(entry, 'grams');
  const quantity = field(entry, 'quantity');
  if (grams !== undefined) {
    if (quantity !== undefined) return reject('shape', `${where} has grams and quantity; send one of them`);
    return isWhole(grams, MAX_GRAMS)
      ? decoded({ gtin, quantity: grams, unit: 'g' })
      : reject('range', `${where}.grams must be a whole number from 1 to ${MAX_GRAMS}`);
  }
  return isWhole(quantity, MAX_QUANTITY)
    ? decoded({ gtin, quantity })
    : reject('range', `${where}.quantity must be a whole number from 1 to ${MAX_QUANTITY}`);
}

const isWhole = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
