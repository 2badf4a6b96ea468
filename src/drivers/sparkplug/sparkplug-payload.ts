import { create, fromBinary, isFieldSet, toBinary } from '@bufbuild/protobuf';
import { bad } from '../../readings/quality.ts';
import { type Decoded, decoded, reject } from '../decoders/rejection.ts';
import type { RawRead } from '../point-set.ts';
import { type Metric, MetricSchema, PayloadSchema } from './gen/sparkplug/b/v1/payload_pb.ts';

export interface SparkplugMetric {
  readonly name: string | null;
  readonly alias: bigint | null;
  /** Unix ms. */
  readonly timeMs: number | null;
  readonly datatype: number | null;
  readonly historical: boolean;
  /** What it carries when read as this data type. */
  readonly as: (datatype: number | null) => RawRead;
}

export interface SparkplugPayload {
  readonly timeMs: number | null;
  /** 0 to 255; null in deaths, and where it is missing or no such number. */
  readonly seq: number | null;
  readonly metrics: readonly SparkplugMetric[];
}

/** Data types by their index, Sparkplug 3.0.0 section 6.4.16. */
const INT8 = 1;
const INT16 = 2;
const INT32 = 3;
const INT64 = 4;
const UNSIGNED: readonly number[] = [5, 6, 7, 8, 13];
const REAL: readonly number[] = [9, 10];
const BOOLEAN = 11;
const TEXT: readonly number[] = [12, 14, 15];

/** Never throws, whatever the bytes are. */
export function decodePayload(bytes: Uint8Array): Decoded<SparkplugPayload> {
  try {
    const payload = fromBinary(PayloadSchema, bytes);
    const { seq } = payload;
    const hasSeq = isFieldSet(payload, PayloadSchema.field.seq) && seq <= 255n;
    return decoded({
      timeMs: isFieldSet(payload, PayloadSchema.field.timestamp) ? safe(payload.timestamp) : null,
      seq: hasSeq ? Number(seq) : null,
      metrics: payload.metrics.map(metricOf),
    });
  } catch {
    return reject('syntax', 'the payload is not one of Sparkplug B');
  }
}

function metricOf(metric: Metric): SparkplugMetric {
  const { field } = MetricSchema;
  return {
    name: isFieldSet(metric, field.name) && metric.name !== '' ? metric.name : null,
    alias: isFieldSet(metric, field.alias) ? metric.alias : null,
    timeMs: isFieldSet(metric, field.timestamp) ? safe(metric.timestamp) : null,
    datatype: isFieldSet(metric, field.datatype) ? metric.datatype : null,
    historical: metric.isHistorical,
    as: datatype => readAs(metric, datatype),
  };
}

const FORMAT: RawRead = { quality: bad('format') };

// The data type of the birth says how the bits are meant; without it only types that need no telling are read.
function readAs({ isNull, value }: Metric, datatype: number | null): RawRead {
  if (isNull) return { quality: bad('sentinel') };
  switch (value.case) {
    case 'intValue':
      if (datatype === INT8) return (value.value << 24) >> 24;
      if (datatype === INT16) return (value.value << 16) >> 16;
      if (datatype === INT32) return value.value | 0;
      return datatype !== null && UNSIGNED.includes(datatype) ? value.value : FORMAT;
    case 'longValue':
      if (datatype === INT64) return safe(BigInt.asIntN(64, value.value)) ?? FORMAT;
      return datatype !== null && UNSIGNED.includes(datatype) ? (safe(value.value) ?? FORMAT) : FORMAT;
    case 'floatValue':
      // A float has seven digits; the rest is dust of its conversion.
      return isReal(datatype) ? Number(value.value.toPrecision(7)) : FORMAT;
    case 'doubleValue':
      return isReal(datatype) ? value.value : FORMAT;
    case 'booleanValue':
      return datatype === null || datatype === BOOLEAN ? value.value : FORMAT;
    case 'stringValue':
      return datatype === null || TEXT.includes(datatype) ? value.value : FORMAT;
    default:
      return FORMAT;
  }
}

const isReal = (datatype: number | null) => datatype === null || REAL.includes(datatype);

function safe(value: bigint): number | null {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

/** The command that asks an edge node for all its births again, Sparkplug 3.0.0 section 6.4.20. */
export function rebirthCommand(nowMs: number): Uint8Array {
  const timestamp = BigInt(Math.round(nowMs));
  const metric = create(MetricSchema, {
    name: 'Node Control/Rebirth',
    timestamp,
    datatype: BOOLEAN,
    value: { case: 'booleanValue', value: true },
  });
  return toBinary(PayloadSchema, create(PayloadSchema, { timestamp, metrics: [metric] }));
}
