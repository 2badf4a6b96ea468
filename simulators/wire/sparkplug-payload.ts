/** One metric of a Sparkplug B payload, as an edge node writes it. */
export interface Metric {
  /** In a birth; later the alias stands for it. */
  readonly name?: string;
  readonly alias?: number;
  readonly value: number | boolean | string;
}

/** Data types, Sparkplug 3.0.0 section 6.4.16. */
const UINT64 = 8;
const DOUBLE = 10;
const BOOLEAN = 11;
const STRING = 12;

// Protocol buffers by hand: a key is the field's number and how it is written, then comes the value.
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const key = (field: number, wire: number) => varint((field << 3) | wire);
const number = (field: number, value: number) => Buffer.concat([key(field, VARINT), varint(value)]);
const block = (field: number, bytes: Buffer) =>
  Buffer.concat([key(field, BYTES), varint(bytes.length), bytes]);

function typedValue(value: Metric['value']): readonly Buffer[] {
  if (typeof value === 'boolean') return [number(4, BOOLEAN), number(14, value ? 1 : 0)];
  if (typeof value === 'string') return [number(4, STRING), block(15, Buffer.from(value))];
  const double = Buffer.alloc(8);
  double.writeDoubleLE(value);
  return [number(4, DOUBLE), key(13, FIXED64), double];
}

function metric({ name, alias, value }: Metric, timeMs: number): Buffer {
  return Buffer.concat([
    ...(name === undefined ? [] : [block(1, Buffer.from(name))]),
    ...(alias === undefined ? [] : [number(2, alias)]),
    number(3, timeMs),
    ...typedValue(value),
  ]);
}

/** The birth-death sequence, by which a death is tied to the connection that it ends. */
const bdSeq = (sequence: number, timeMs: number): Buffer =>
  Buffer.concat([block(1, Buffer.from('bdSeq')), number(3, timeMs), number(4, UINT64), number(11, sequence)]);

export interface PayloadOptions {
  readonly timeMs: number;
  /** 0 to 255; deaths have none. */
  readonly seq: number | null;
  readonly metrics: readonly Metric[];
  readonly bdSeq?: number;
}

/** A payload with the field numbers of the public schema (Sparkplug 3.0.0 section 6.4). */
export function sparkplugPayload({ timeMs, seq, metrics, bdSeq: session }: PayloadOptions): Buffer {
  const time = Math.round(timeMs);
  return Buffer.concat([
    number(1, time),
    ...(session === undefined ? [] : [block(2, bdSeq(session, time))]),
    ...metrics.map(each => block(2, metric(each, time))),
    ...(seq === null ? [] : [number(3, seq)]),
  ]);
}
