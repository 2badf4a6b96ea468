import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Submit } from '../readings/submit.ts';
import type { Clock } from '../shared/clock.ts';
import { type Counters, countDuration } from '../shared/counters.ts';
import type { Failure, FailureCode } from '../shared/result.ts';
import type { ReservationView } from '../store/views.ts';
import { toDocument } from './command-documents.ts';
import { encodeReservation } from './encode.ts';
import {
  type Command,
  type CommandResult,
  CommandResultSchema,
  CommandStatus,
  FailureCode as WireCode,
} from './gen/aisle/sync/v1/sync_pb.ts';
import { isSigned, type Trust, toSignedDocument } from './signed-commands.ts';

export interface DownlinkOptions {
  readonly submit: Submit;
  readonly lookupReservation: (id: string) => ReservationView | null;
  /** Whether a document of this key had its effect. */
  readonly wasDone: (key: string) => boolean;
  /** Whose configurations and price lists are believed. */
  readonly trust: Trust;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** Carries out one command of the cloud. Resolves after its effect is committed; never rejects for what a command says. */
export type Downlink = (command: Command) => Promise<CommandResult>;

const CODES: Readonly<Record<FailureCode, WireCode>> = {
  invalid: WireCode.INVALID,
  conflict: WireCode.CONFLICT,
  insufficient: WireCode.INSUFFICIENT,
  not_found: WireCode.NOT_FOUND,
  expired: WireCode.EXPIRED,
  busy: WireCode.BUSY,
  storage: WireCode.STORAGE,
  comms: WireCode.COMMS,
  unsupported: WireCode.UNSUPPORTED,
};

/**
 * A command becomes a document whose key is the request id, so the store's own key check, which survives a crash,
 * makes a repeat harmless.
 */
export function createDownlink(options: DownlinkOptions): Downlink {
  const { submit, lookupReservation, wasDone, trust, clock, counters } = options;
  return async command => {
    const { requestId, body } = command;
    const document = isSigned(body) ? await toSignedDocument(trust, requestId, body) : toDocument(command);
    if (!document.ok) return answer(command, null, document.error);
    const reservationId = 'reservation' in document.value ? document.value.reservation : null;
    const reservation = () => (reservationId === null ? null : lookupReservation(reservationId));
    const nowMs = clock.nowMs();
    if (isPast(command.expiresTime, nowMs)) {
      const message = `command ${command.requestId} arrived after its expires_time; send it again with a later one`;
      return answer(command, reservation(), { code: 'expired', message, retry: false });
    }
    const before = command.afterRequestId;
    if (before !== '' && !wasDone(before)) {
      const message = `command ${before} has to be carried out before ${command.requestId}; send them again in order`;
      return answer(command, reservation(), { code: 'busy', message, retry: true });
    }
    const startedMs = clock.monotonicMs();
    const outcome = await submit([
      {
        kind: 'document',
        source: 'cloud',
        document: document.value,
        eventTimeMs: nowMs,
        receivedTimeMs: nowMs,
      },
    ]);
    countDuration(counters, 'cloud_command', clock.monotonicMs() - startedMs);
    if (outcome.status === 'refused') return answer(command, reservation(), outcome.failure);
    const after = reservation();
    return answer(command, after, document.value.type === 'reserve' ? refusal(after) : null);
  };
}

/** A reservation that the store could not grant is a fact in its log, and a refusal to whoever asked. */
const refusal = (reservation: ReservationView | null): Failure | null =>
  reservation?.state === 'refused'
    ? {
        code: 'insufficient',
        message: reservation.reason ?? `reservation ${reservation.reservation} was not granted`,
        retry: false,
      }
    : null;

function answer(
  command: Command,
  reservation: ReservationView | null,
  failure: Failure | null,
): CommandResult {
  const status = !failure
    ? CommandStatus.DONE
    : failure.code === 'expired'
      ? CommandStatus.EXPIRED
      : CommandStatus.REFUSED;
  const result: MessageInitShape<typeof CommandResultSchema> = { requestId: command.requestId, status };
  if (failure) {
    result.failure = { code: CODES[failure.code], message: failure.message, retry: failure.retry };
  }
  if (reservation) result.reservation = encodeReservation(reservation);
  return create(CommandResultSchema, result);
}

const isPast = (time: Timestamp | undefined, nowMs: number) =>
  time !== undefined && timestampMs(time) <= nowMs;
