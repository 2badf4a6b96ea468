import { DECODERS, type DecoderName } from '../decoders/decoders.ts';
import { isObject, parseJson } from '../decoders/json-object.ts';
import type { JsonPath } from '../decoders/json-path.ts';
import { bytesOfBase64, bytesOfHex } from '../decoders/text-bytes.ts';
import { decodePayload } from '../sparkplug/sparkplug-payload.ts';
import { parseSparkplugTopic } from '../sparkplug/sparkplug-topic.ts';

/** JSON without its values: each leaf is the name of its type, and of a list only the first entry is left. */
export type Skeleton = string | readonly Skeleton[] | { readonly [name: string]: Skeleton };

/** What a message looks like, without anything that it says: nothing of a person can stand here. */
export interface PayloadShape {
  /** Null when it is no JSON. */
  readonly json: Skeleton | null;
  /** Decoders that understand its bytes, or bytes that it holds as text. */
  readonly decoders: readonly DecoderName[];
  /** Names of the metrics of a Sparkplug birth. */
  readonly metrics: readonly string[];
}

const MAX_BYTES = 65_536;
const MAX_NODES = 200;
const MAX_DEPTH = 8;
const MAX_METRICS = 200;
/** Text shorter than this is an ordinary value and no bytes of a sensor. */
const MIN_ENCODED = 8;

/** Never throws, whatever the bytes are. */
export function shapeOf(topic: string, payload: Uint8Array): PayloadShape {
  const bytes = payload.subarray(0, MAX_BYTES);
  if (parseSparkplugTopic(topic)) {
    const read = decodePayload(bytes);
    const names = read.ok ? read.value.metrics.flatMap(({ name }) => name ?? []) : [];
    return { json: null, decoders: [], metrics: names.slice(0, MAX_METRICS) };
  }
  const json = parseJson(bytes);
  const texts: string[] = [];
  if (!json.ok) {
    const text = Buffer.from(bytes).toString('latin1');
    return { json: null, decoders: decodersOf([bytes, ...encoded(text)]), metrics: [] };
  }
  const skeleton = skeletonOf(json.value, texts, { nodes: 0 }, 0);
  return { json: skeleton, decoders: decodersOf(texts.flatMap(encoded)), metrics: [] };
}

function skeletonOf(value: unknown, texts: string[], budget: { nodes: number }, depth: number): Skeleton {
  budget.nodes += 1;
  if (typeof value === 'string' && value.length >= MIN_ENCODED && texts.length < 8) texts.push(value);
  if (value === null) return 'null';
  if (depth >= MAX_DEPTH || budget.nodes >= MAX_NODES) return typeof value;
  if (Array.isArray(value)) {
    return value.length === 0 ? [] : [skeletonOf(value[0], texts, budget, depth + 1)];
  }
  if (!isObject(value)) return typeof value;
  const fields = Object.entries(value).slice(0, MAX_NODES);
  return Object.fromEntries(
    fields.map(([name, field]) => [name, skeletonOf(field, texts, budget, depth + 1)]),
  );
}

function encoded(text: string): Uint8Array[] {
  return [bytesOfHex(text), bytesOfBase64(text)].flatMap(read => (read.ok ? [read.value] : []));
}

function decodersOf(candidates: readonly Uint8Array[]): DecoderName[] {
  const names = Object.keys(DECODERS) as DecoderName[];
  return names.filter(name => candidates.some(bytes => saysSomething(name, bytes)));
}

function saysSomething(name: DecoderName, bytes: Uint8Array): boolean {
  const read = DECODERS[name](bytes, null);
  return read.ok && read.value.some(({ fields }) => Object.keys(fields).length > 0);
}

/** Whether a message of this shape has something at the path. A chosen entry of a list counts as its first. */
export function hasPath(skeleton: Skeleton, path: JsonPath): boolean {
  let at: Skeleton | undefined = skeleton;
  for (const step of path) {
    if (at === undefined || typeof at === 'string') return false;
    if (isList(at)) at = typeof step === 'string' ? undefined : at[0];
    else at = typeof step === 'string' && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at !== undefined;
}

const isList = (skeleton: Skeleton): skeleton is readonly Skeleton[] => Array.isArray(skeleton);

/** The shape in a line for a technician. */
export function describeShape({ json, decoders, metrics }: PayloadShape): string {
  if (metrics.length > 0) return `Sparkplug metrics ${metrics.slice(0, 5).join(', ')}`;
  const text = json === null ? 'no JSON' : JSON.stringify(json);
  const readable = text.length > 160 ? `${text.slice(0, 157)}...` : text;
  return decoders.length > 0 ? `${readable}; its bytes read as ${decoders.join(' or ')}` : readable;
}
