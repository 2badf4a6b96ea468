import type { ProfilePoint } from '../../config/profile-schema.ts';
import { bad, GOOD, type Quality, type QualityReason, uncertain } from '../../readings/quality.ts';
import { type PointValue, toValue } from '../point-value.ts';

/** What the driver needs of an OPC UA status: its 32-bit code and its symbolic name. */
export interface Status {
  readonly value: number;
  readonly name: string;
}

/** What the driver needs of an OPC UA data value. */
export interface WireValue {
  readonly statusCode: Status;
  readonly value?: { readonly value?: unknown } | null | undefined;
  readonly sourceTimestamp?: Date | null;
}

const REASONS: readonly (readonly [RegExp, QualityReason])[] = [
  [/NoCommunication|CommunicationError|NotConnected|WaitingForInitialData|Timeout/, 'comms'],
  [/LastUsableValue|LastKnown|NoDataAvailable/, 'stale'],
  [/OutOfRange|EngineeringUnitsExceeded/, 'range'],
  [/TypeMismatch|Decoding|DataEncoding/, 'format'],
];

/** The top two bits are the severity: 0 good, 1 uncertain, else bad (OPC 10000-4, 7.39). */
export function qualityOf(status: Status): Quality {
  const severity = status.value >>> 30;
  if (severity === 0) return GOOD;
  const reason = REASONS.find(([pattern]) => pattern.test(status.name))?.[1] ?? 'device';
  return severity === 1 ? uncertain(reason) : bad(reason);
}

/** The worse of what the server and what the profile say about a value. */
export function pointValueOf(point: ProfilePoint, wire: WireValue): PointValue {
  const quality = qualityOf(wire.statusCode);
  if (quality.level === 'bad') return { value: null, quality };
  const raw = wire.value?.value;
  const isScalar = typeof raw === 'number' || typeof raw === 'boolean' || typeof raw === 'string';
  const result = toValue(point, isScalar ? raw : null);
  return result.quality.level === 'good' ? { value: result.value, quality } : result;
}

const BELIEVED_WITHIN_MS = 5 * 60_000;

/** The source's own time where it is near ours; a value that has not changed for long was still read now. */
export function eventTimeOf(wire: WireValue, nowMs: number): number {
  const sourceMs = wire.sourceTimestamp?.getTime() ?? Number.NaN;
  return Math.abs(sourceMs - nowMs) <= BELIEVED_WITHIN_MS ? sourceMs : nowMs;
}
