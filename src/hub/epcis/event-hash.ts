import { createHash } from 'node:crypto';
import type { MovementEvent } from './movement-event.ts';
import { AISLE_NAMESPACE, webWord } from './vocabulary.ts';

/** What is hashed: all of an event but the id that the hash becomes. */
export type Unnamed = Omit<MovementEvent, 'eventID'>;

/**
 * The EPCIS event hash id of CBV 2.0 (section 8.9): the same event has the same id, whoever computes it. This is the part of the
 * algorithm that movements need: their identifiers are canonical already, and their own fields are not nested. Two movements
 * that are alike in all else differ in `aisle:seq`.
 */
export const eventHash = (event: Unnamed): string =>
  `ni:///sha-256;${createHash('sha256').update(preHash(event)).digest('hex')}?ver=CBV2.0`;

/** The canonical text of an event: every name with its value, in the order of the standard, with nothing between them. */
export function preHash(event: Unnamed): string {
  const { quantityList, readPoint, bizLocation, bizStep, disposition } = event;
  const [{ epcClass, quantity, uom }] = quantityList;
  // `aisle:` names come last, by their full names.
  const own = Object.entries(event).flatMap(([name, value]) =>
    name.startsWith('aisle:') ? [`{${AISLE_NAMESPACE}}${name.slice('aisle:'.length)}=${trimmed(value)}`] : [],
  );
  return [
    `eventType=${event.type}`,
    `eventTime=${event.eventTime}`,
    `eventTimeZoneOffset=${event.eventTimeZoneOffset}`,
    `quantityListquantityElementepcClass=${epcClass}quantity=${quantity}${uom ? `uom=${uom}` : ''}`,
    `action=${event.action}`,
    `bizStep=${webWord('bizStep', bizStep)}`,
    `disposition=${webWord('disposition', disposition)}`,
    `readPointid=${readPoint.id}`,
    `bizLocationid=${bizLocation.id}`,
    ...own.sort(byCodeUnits),
  ].join('');
}

const trimmed = (value: unknown) => String(value).trim();
const byCodeUnits = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
