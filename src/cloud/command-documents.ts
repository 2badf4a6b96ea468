import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Document, Line, OrderTerms, PriceListDocument } from '../readings/documents.ts';
import { type Gtin, parseGtin } from '../shared/gtin.ts';
import { fail, ok, type Result } from '../shared/result.ts';
import { Handover, Measure } from './gen/aisle/sync/v1/event_pb.ts';
import type {
  Command,
  ConfirmCommand,
  GrantLeaseCommand,
  PublishPricesCommand,
  ReportLeaseCommand,
  ReserveCommand,
} from './gen/aisle/sync/v1/sync_pb.ts';

/** Kinds of document that a command can become; its request id is the document's key. */
export const COMMAND_DOCUMENTS = [
  'reserve',
  'release',
  'extend',
  'confirm',
  'hand_over',
  'grant_lease',
  'report_lease',
  'price_list',
  'configure',
] as const satisfies readonly Document['type'][];

export const MAX_ID_LENGTH = 128;

export const isId = (text: string) => text.length > 0 && text.length <= MAX_ID_LENGTH;

/** What a command without a signature asks of the store, checked, as the document that does it. */
export function toDocument(command: Command): Result<Document> {
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
    case 'extend':
    case 'confirm':
    case 'handOver':
      return orderDocument(key, body);
    case 'grantLease':
      return grantDocument(key, body.value);
    case 'reportLease':
      return reportDocument(key, body.value);
    default:
      return fail('unsupported', 'this store does not know that kind of command; its software may be older');
  }
}

const badReservationId = fail('invalid', `reservation_id must have 1 to ${MAX_ID_LENGTH} characters`);

function orderDocument(
  key: string,
  body: Extract<Command['body'], { case: 'extend' | 'confirm' | 'handOver' }>,
): Result<Document> {
  const { reservationId: reservation } = body.value;
  if (!isId(reservation)) return badReservationId;
  if (body.case === 'confirm') return ok({ type: 'confirm', key, reservation, ...termsOf(body.value) });
  if (body.case === 'handOver') return ok({ type: 'hand_over', key, reservation });
  const { holdUntilTime } = body.value;
  const expiresAtMs = holdUntilTime ? timestampMs(holdUntilTime) : null;
  return ok({ type: 'extend', key, reservation, expiresAtMs });
}

/** A courier comes only where the cloud says so. */
const termsOf = ({
  dueTime,
  handover,
}: Pick<ConfirmCommand, 'dueTime' | 'handover'>): { readonly terms?: OrderTerms } =>
  dueTime
    ? {
        terms: {
          dueAtMs: timestampMs(dueTime),
          handover: handover === Handover.DELIVERY ? 'delivery' : 'pickup',
        },
      }
    : {};

const badLeaseId = fail('invalid', `lease_id must have 1 to ${MAX_ID_LENGTH} characters`);

function grantDocument(key: string, command: GrantLeaseCommand): Result<Document> {
  const { leaseId: lease, expiresTime } = command;
  if (!isId(lease)) return badLeaseId;
  const gtin = wireGtin('grant_lease', command.gtin);
  if (!gtin.ok) return gtin;
  const quantity = wireUnits('grant_lease.quantity', command.quantity);
  if (!quantity.ok) return quantity;
  if (!expiresTime) return fail('invalid', 'grant_lease.expires_time is missing; a lease must end');
  const expiresAtMs = timestampMs(expiresTime);
  return ok({ type: 'grant_lease', key, lease, gtin: gtin.value, quantity: quantity.value, expiresAtMs });
}

function reportDocument(key: string, { leaseId: lease, sales, final }: ReportLeaseCommand): Result<Document> {
  if (!isId(lease)) return badLeaseId;
  const sold: { reservation: string; quantity: number; terms?: OrderTerms }[] = [];
  for (const [index, sale] of sales.entries()) {
    const { reservationId, quantity: units } = sale;
    if (!isId(reservationId)) return badReservationId;
    const quantity = wireUnits(`sales[${index}].quantity`, units);
    if (!quantity.ok) return quantity;
    sold.push({ reservation: reservationId, quantity: quantity.value, ...termsOf(sale) });
  }
  return ok({ type: 'report_lease', key, lease, sold, final });
}

function wireUnits(place: string, units: bigint): Result<number> {
  return units >= 1n && units <= BigInt(Number.MAX_SAFE_INTEGER)
    ? ok(Number(units))
    : fail('invalid', `${place} is ${units}; write 1 or more`);
}

function reserveDocument(key: string, command: ReserveCommand): Result<Document> {
  if (!isId(command.reservationId)) return badReservationId;
  if (command.lines.length === 0) return fail('invalid', 'lines is empty; name at least one item');
  const lines: Line[] = [];
  for (const [index, { gtin: text, quantity, measure }] of command.lines.entries()) {
    const gtin = wireGtin(`lines[${index}]`, text);
    if (!gtin.ok) return gtin;
    const units = wireUnits(`lines[${index}].quantity`, quantity);
    if (!units.ok) return units;
    const unit = measure === Measure.GRAMS ? ({ unit: 'g' } as const) : {};
    lines.push({ gtin: gtin.value, quantity: units.value, ...unit });
  }
  const expiresAtMs = command.holdUntilTime ? timestampMs(command.holdUntilTime) : null;
  return ok({ type: 'reserve', key, reservation: command.reservationId, lines, expiresAtMs });
}

/** A list of prices, signed or not. */
export function priceDocument(
  key: string,
  command: Pick<PublishPricesCommand, 'listVersion' | 'prices'>,
): Result<PriceListDocument> {
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
