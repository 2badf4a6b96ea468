import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import type { Document, Line } from '../readings/documents.ts';
import type { Submit } from '../readings/submit.ts';
import type { Clock } from '../shared/clock.ts';
import { type Gtin, parseGtin } from '../shared/gtin.ts';
import { type Failure, type FailureCode, fail, ok, type Result } from '../shared/result.ts';
import type { ReservationView } from '../store/views.ts';
import { encodeReservation } from './encode.ts';
import { Measure } from './gen/aisle/sync/v1/event_pb.ts';
import {
  type Command,
  type CommandResult,
  CommandResultSchema,
  CommandStatus,
  type PublishPricesCommand,
  type ReserveCommand,
  FailureCode as WireCode,
} from './gen/aisle/sync/v1/sync_pb.ts';

export interface DownlinkOptions {
  readonly submit: Submit;
  readonly lookupReservation: (id: string) => ReservationView | null;
  readonly clock: Clock;
}

/** Carries out one command of the cloud. Resolves after its effect is committed; never rejects for what a command says. */
export type Downlink = (command: Command) => Promise<CommandResult>;

const MAX_ID_LENGTH = 128;

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
export function createDownlink({ submit, lookupReservation, clock }: DownlinkOptions): Downlink {
  return async command => {
    const document = toDocument(command);
    if (!document.ok) return answer(command, null, document.error);
    const reservationId = 'reservation' in document.value ? document.value.reservation : null;
    const reservation = () => (reservationId === null ? null : lookupReservation(reservationId));
    const nowMs = clock.nowMs();
    if (isPast(command.expiresTime, nowMs)) {
      const message = `command ${command.requestId} arrived after its expires_time; send it again with a later one`;
      return answer(command, reservation(), { code: 'expired', message, retry: false });
    }
    const outcome = await submit([
      {
        kind: 'document',
        source: 'cloud',
        document: document.value,
        eventTimeMs: nowMs,
        receivedTimeMs: nowMs,
      },
    ]);
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

const isId = (text: string) => text.length > 0 && text.length <= MAX_ID_LENGTH;

function toDocument(command: Command): Result<Document> {
  const { requestId: key, body } = command;
  if (!isId(key)) return fail('invalid', `request_id must have 1 to ${MAX_ID_LENGTH} characters`);
  switch (body.case) {
    case 'reserve':
      return reserveDocument(key, body.value);
    case 'release':
      return isId(body.value.reservationId)
        ? ok({ type: 'release', key, reservation: body.value.reservationId })
        : badReservationId;
    case 'publishPrices':
      return priceDocument(key, body.value);
    default:
      return fail('unsupported', 'this store does not know that kind of command; its software may be older');
  }
}

const badReservationId = fail('invalid', `reservation_id must have 1 to ${MAX_ID_LENGTH} characters`);

function reserveDocument(key: string, command: ReserveCommand): Result<Document> {
  if (!isId(command.reservationId)) return badReservationId;
  if (command.lines.length === 0) return fail('invalid', 'lines is empty; name at least one item');
  const lines: Line[] = [];
  for (const [index, { gtin: text, quantity, measure }] of command.lines.entries()) {
    const gtin = wireGtin(`lines[${index}]`, text);
    if (!gtin.ok) return gtin;
    if (quantity < 1n || quantity > BigInt(Number.MAX_SAFE_INTEGER)) {
      return fail('invalid', `lines[${index}].quantity is ${quantity}; write 1 or more`);
    }
    const unit = measure === Measure.GRAMS ? ({ unit: 'g' } as const) : {};
    lines.push({ gtin: gtin.value, quantity: Number(quantity), ...unit });
  }
  const expiresAtMs = command.holdUntilTime ? timestampMs(command.holdUntilTime) : null;
  return ok({ type: 'reserve', key, reservation: command.reservationId, lines, expiresAtMs });
}

function priceDocument(key: string, command: PublishPricesCommand): Result<Document> {
  if (!isId(command.listVersion)) {
    return fail('invalid', `list_version must have 1 to ${MAX_ID_LENGTH} characters`);
  }
  if (command.prices.length === 0) return fail('invalid', 'prices is empty; name at least one item');
  const prices: { gtin: Gtin; priceMinor: number }[] = [];
  for (const [index, { gtin: text, priceMinor }] of command.prices.entries()) {
    const gtin = wireGtin(`prices[${index}]`, text);
    if (!gtin.ok) return gtin;
    if (priceMinor < 0n || priceMinor > BigInt(Number.MAX_SAFE_INTEGER)) {
      return fail('invalid', `prices[${index}].price_minor is ${priceMinor}; write 0 or more, in cents`);
    }
    prices.push({ gtin: gtin.value, priceMinor: Number(priceMinor) });
  }
  return ok({ type: 'price_list', key, version: command.listVersion, prices });
}

function wireGtin(place: string, text: string): Result<Gtin> {
  const gtin = parseGtin(text);
  return gtin
    ? ok(gtin)
    : fail('invalid', `${place}.gtin is "${text}"; write 8, 12, 13 or 14 digits with a right check digit`);
}
