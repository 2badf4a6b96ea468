import { createHash, randomUUID } from 'node:crypto';
import type { HubDatabase, Sql } from '../database.ts';
import { type CaptureDocument, type EventDocument, faultOf } from './capture-schema.ts';
import { canonicalItem, canonicalPlace } from './identifiers.ts';
import { bareWord, GS1_CONTEXT } from './vocabulary.ts';

/** All events or none, or those that can be taken: what the header GS1-Capture-Error-Behaviour asks for. */
export type Behaviour = 'rollback' | 'proceed';

interface CaptureError {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

/** What became of a capture, as the standard names it. It ran before its answer was given, so it is never `running`. */
export interface CaptureJob {
  readonly captureID: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  readonly running: false;
  readonly success: boolean;
  readonly captureErrorBehaviour: Behaviour;
  readonly errors: readonly CaptureError[];
}

interface NewEvent {
  readonly id: string;
  readonly event: EventDocument;
  readonly digest: string;
}

interface CaptureOptions {
  readonly behaviour: Behaviour;
  /** Who sent it, as the certificate says. */
  readonly by: string;
  readonly nowMs: number;
}

/** Keeps events of other parties, each id once; the answer comes after the commit. An id with other content is an error of the job. */
export function capture(
  database: HubDatabase,
  document: CaptureDocument,
  { behaviour, by, nowMs }: CaptureOptions,
): Promise<CaptureJob> {
  const prefixes = ownContext(document['@context']);
  return database.transaction(async sql => {
    const wrong: CaptureError[] = [];
    const good: NewEvent[] = [];
    for (const [index, event] of document.epcisBody.eventList.entries()) {
      const fault = faultOf(event);
      if (fault === null) good.push(named(event, prefixes));
      else wrong.push(validation(`eventList[${index}] ${fault}`));
    }
    // In one order for all captures, so that two of them wait for each other and never in a ring.
    const put = good.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const inserted: string[] = [];
    for (const each of put) if (await insert(sql, each, by, nowMs)) inserted.push(each.id);
    const others = await otherContent(sql, put);
    wrong.push(...others.map(id => validation(`eventID ${id} is held already, with other content`)));
    if (wrong.length > 0 && behaviour === 'rollback') {
      await sql.query('DELETE FROM epcis_event WHERE event_id = ANY($1::text[])', [inserted]);
    }
    return noteJob(sql, { behaviour, by, nowMs }, wrong);
  });
}

const validation = (detail: string): CaptureError => ({
  type: 'epcisException:ValidationException',
  title: 'the event cannot be taken',
  status: 400,
  detail,
});

/** The sender's own part of the context, which says what its prefixes mean. */
function ownContext(context: unknown): readonly unknown[] {
  const all = Array.isArray(context) ? context : [context];
  return all.filter(each => typeof each === 'object' && each !== null && each !== GS1_CONTEXT);
}

/** An event without an id gets one from its content, so that the same event sent again is the same event. */
function named(event: EventDocument, prefixes: readonly unknown[]): NewEvent {
  const { recordTime: _, ...content } = event;
  const whole = { ...content, ...(prefixes.length > 0 && { '@context': prefixes }) };
  const digest = createHash('sha256').update(canonicalJson(whole)).digest('hex');
  const id = event.eventID ?? uuidOf(digest);
  return { id, event: { ...whole, eventID: id }, digest };
}

/** The same value gives the same text, whatever the order of its names. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** RFC 9562, version 8: 122 bits of a digest of ours. */
function uuidOf(digest: string): string {
  const variant = ((Number.parseInt(digest[16]!, 16) & 3) | 8).toString(16);
  const text = `${digest.slice(0, 12)}8${digest.slice(13, 16)}${variant}${digest.slice(17, 32)}`;
  return `urn:uuid:${text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}

/** Ids that stand for something else: held before, or twice in one document. */
async function otherContent(sql: Sql, events: readonly NewEvent[]): Promise<readonly string[]> {
  const rows = await sql.query<{ id: string; digest: string | null }>(
    'SELECT event_id AS id, digest FROM epcis_event WHERE event_id = ANY($1::text[])',
    [events.map(({ id }) => id)],
  );
  const held = new Map(rows.map(({ id, digest }) => [id, digest]));
  return events.filter(({ id, digest }) => held.get(id) !== digest).map(({ id }) => id);
}

/** False when the id is held already. */
async function insert(
  sql: Sql,
  { id, event, digest }: NewEvent,
  by: string,
  nowMs: number,
): Promise<boolean> {
  const { bizStep, disposition, readPoint, bizLocation } = event;
  const rows = await sql.query(
    `INSERT INTO epcis_event (event_id, event_type, event_time, zone_offset, record_time, action, biz_step, disposition,
         read_point, biz_location, epcs, classes, doc, digest, captured_by)
       VALUES ($1, $2, $3::timestamptz, $4, to_timestamp($5::float8), $6, $7, $8, $9, $10, $11::text[], $12::text[],
         $13::jsonb, $14, $15) ON CONFLICT (event_id) DO NOTHING RETURNING event_id`,
    [
      id,
      event.type,
      event.eventTime,
      event.eventTimeZoneOffset,
      nowMs / 1000,
      event.action ?? null,
      bizStep === undefined ? null : bareWord('bizStep', bizStep),
      disposition === undefined ? null : bareWord('disposition', disposition),
      readPoint ? canonicalPlace(readPoint.id) : null,
      bizLocation ? canonicalPlace(bizLocation.id) : null,
      epcsOf(event),
      classesOf(event),
      JSON.stringify(event),
      digest,
      by,
    ],
  );
  return rows.length > 0;
}

const epcsOf = (event: EventDocument): string[] =>
  [
    event.parentID ?? [],
    event.epcList ?? [],
    event.childEPCs ?? [],
    event.inputEPCList ?? [],
    event.outputEPCList ?? [],
  ]
    .flat()
    .map(canonicalItem);

const classesOf = (event: EventDocument): string[] =>
  [event.quantityList, event.childQuantityList, event.inputQuantityList, event.outputQuantityList]
    .flatMap(quantities => quantities ?? [])
    .map(({ epcClass }) => canonicalItem(epcClass));

async function noteJob(
  sql: Sql,
  { behaviour, by, nowMs }: CaptureOptions,
  errors: readonly CaptureError[],
): Promise<CaptureJob> {
  const captureID = randomUUID();
  await sql.query(
    `INSERT INTO epcis_capture (capture_id, created_at, finished_at, success, behaviour, errors, captured_by)
     VALUES ($1, to_timestamp($2::float8), to_timestamp($2::float8), $3, $4, $5::jsonb, $6)`,
    [captureID, nowMs / 1000, errors.length === 0, behaviour, JSON.stringify(errors), by],
  );
  const at = new Date(nowMs).toISOString();
  const success = errors.length === 0;
  return {
    captureID,
    createdAt: at,
    finishedAt: at,
    running: false,
    success,
    captureErrorBehaviour: behaviour,
    errors,
  };
}

/** A capture of before; null when there is none of that name. */
export async function captureJob(sql: Sql, captureID: string): Promise<CaptureJob | null> {
  const rows = await sql.query<{
    created: unknown;
    finished: unknown;
    success: boolean;
    behaviour: Behaviour;
    errors: CaptureError[];
  }>(
    `SELECT extract(epoch FROM created_at) * 1000 AS created, extract(epoch FROM finished_at) * 1000 AS finished,
       success, behaviour, errors FROM epcis_capture WHERE capture_id = $1`,
    [captureID],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    captureID,
    createdAt: new Date(Number(row.created)).toISOString(),
    finishedAt: new Date(Number(row.finished)).toISOString(),
    running: false,
    success: row.success,
    captureErrorBehaviour: row.behaviour,
    errors: row.errors,
  };
}
