import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, status } from '@grpc/grpc-js';

/**
 * google.rpc.Status as gRPC carries it beside its own status: in the trailer `grpc-status-details-bin`. Field numbers are
 * those of google/rpc/status.proto and google/rpc/error_details.proto.
 */
export interface StatusDetails {
  /** For programs, in UPPER_SNAKE_CASE. */
  readonly reason: string;
  /** After how long the same call may be made again; null when it must be changed first. */
  readonly retryInMs: number | null;
}

/** Under which reasons are unique. */
export const ERROR_DOMAIN = 'aisle';
const TRAILER = 'grpc-status-details-bin';
const TYPES = 'type.googleapis.com/google.rpc.';
const RETRY_MS = 1_000;

/** What a status says by itself. A call that went unanswered may be repeated: its request_id makes that harmless. */
export function usualDetails(code: status): StatusDetails {
  const mayPass = code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED;
  return { reason: status[code] ?? 'UNKNOWN', retryInMs: mayPass ? RETRY_MS : null };
}

export function statusTrailer(code: status, message: string, { reason, retryInMs }: StatusDetails): Metadata {
  const whole = new BinaryWriter().uint32(varint(1)).int32(code).uint32(bytes(2)).string(message);
  const info = new BinaryWriter().uint32(bytes(1)).string(reason).uint32(bytes(2)).string(ERROR_DOMAIN);
  whole.uint32(bytes(3)).bytes(any('ErrorInfo', info));
  if (retryInMs !== null) {
    const retry = new BinaryWriter().uint32(bytes(1)).bytes(duration(retryInMs).finish());
    whole.uint32(bytes(3)).bytes(any('RetryInfo', retry));
  }
  const trailer = new Metadata();
  trailer.set(TRAILER, Buffer.from(whole.finish()));
  return trailer;
}

const any = (type: string, value: BinaryWriter) =>
  new BinaryWriter()
    .uint32(bytes(1))
    .string(`${TYPES}${type}`)
    .uint32(bytes(2))
    .bytes(value.finish())
    .finish();

const duration = (ms: number) =>
  new BinaryWriter()
    .uint32(varint(1))
    .int64(Math.floor(ms / 1000))
    .uint32(varint(2))
    .int32((ms % 1000) * 1_000_000);

/** Tags of protobuf's wire format: a number, and something with a length before it. */
const varint = (field: number) => field << 3;
const bytes = (field: number) => (field << 3) | 2;
