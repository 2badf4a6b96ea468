import type { Document, Line, Where } from '../readings/documents.ts';
import type { Outcome } from '../readings/submit.ts';
import { type Gtin, gs1CheckDigit, parseGtin } from '../shared/gtin.ts';
import { fail, ok, type Result } from '../shared/result.ts';
import type { ApiDeps } from './deps.ts';
import { quote } from './failures.ts';
import type { LinesBody, TimeBody } from './schemas/requests.ts';

/** Reads a GTIN of any length. The error says which check digit would be right. */
export function readGtin(text: string, place: string): Result<Gtin> {
  const gtin = parseGtin(text);
  if (gtin) return ok(gtin);
  const digit = gs1CheckDigit(text.slice(0, -1));
  return fail(
    'invalid',
    `${place} is ${quote(text)}, whose check digit is wrong; look for a typing mistake (these digits would end in ${digit})`,
  );
}

/** Reads lines with their GTINs as Aisle stores them; fails on the first that is wrong. */
export function readLines(lines: LinesBody): Result<readonly Line[]> {
  const read: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const gtin = readGtin(line.gtin, `body.lines[${index}].gtin`);
    if (!gtin.ok) return gtin;
    const measured = readMeasured(line, `body.lines[${index}]`);
    if (!measured.ok) return measured;
    read.push({ gtin: gtin.value, ...measured.value });
  }
  return ok(read);
}

/** A quantity of pieces, or grams of what is sold by weight: exactly one of the two. */
export function readMeasured(
  { quantity, grams }: { readonly quantity?: number; readonly grams?: number },
  place: string,
): Result<Pick<Line, 'quantity' | 'unit'>> {
  if (quantity !== undefined && grams === undefined) return ok({ quantity });
  if (grams !== undefined && quantity === undefined) return ok({ quantity: grams, unit: 'g' });
  const found = grams === undefined ? 'is missing' : 'stands beside grams';
  return fail('invalid', `${place}.quantity ${found}; send quantity, or grams for what is sold by weight`);
}

/** `backroom`, `returns` or `shelf:<facing>`; the schema has checked the form. */
export const readWhere = (text: string): Where =>
  text === 'backroom' || text === 'returns'
    ? { place: text }
    : { place: 'shelf', facing: text.slice('shelf:'.length) };

/** Event time of a document, Unix ms: as given, or now. The schema has checked the form, not the calendar. */
export function readTime(time: TimeBody, nowMs: number): Result<number> {
  if (time === undefined) return ok(nowMs);
  const timeMs = typeof time === 'number' ? time : Date.parse(time);
  if (Number.isFinite(timeMs)) return ok(timeMs);
  return fail('invalid', `body.time is ${quote(time)}, which no calendar has; correct the date or the hour`);
}

/** Hands a document to the inbox and waits until its effect is committed. */
export function submitDocument(deps: ApiDeps, document: Document, eventTimeMs: number): Promise<Outcome> {
  const receivedTimeMs = deps.clock.nowMs();
  return deps.submit([{ kind: 'document', source: 'api', document, eventTimeMs, receivedTimeMs }]);
}
