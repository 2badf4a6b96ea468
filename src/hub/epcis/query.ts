import { fromBinary } from '@bufbuild/protobuf';
import { EventSchema } from '../../cloud/gen/aisle/sync/v1/event_pb.ts';
import { limits } from '../../shared/limits.ts';
import type { Sql } from '../database.ts';
import type { EventDocument } from './capture-schema.ts';
import { canonicalItem, canonicalPlace } from './identifiers.ts';
import { type MovementEvent, movementEvent } from './movement-event.ts';
import { bareWord } from './vocabulary.ts';

/** What a caller did wrong with the parameters of a query, as the standard names it, and one sentence. */
export class QueryFault extends Error {
  readonly type: 'QueryParameterException' | 'QueryTooLargeException';

  constructor(type: QueryFault['type'], message: string) {
    super(message);
    this.type = type;
  }
}

type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** A condition on one column: the SQL with `?` for the values, and what is done to each value first. */
interface Condition {
  readonly sql: string;
  readonly cast: 'text[]' | 'timestamptz';
  readonly canonical?: (value: string) => string;
}

const among = (column: string, canonical?: (value: string) => string): Condition => ({
  sql: `x.${column} = ANY(?)`,
  cast: 'text[]',
  ...(canonical && { canonical }),
});
const meets = (sql: string): Condition => ({ sql, cast: 'text[]', canonical: canonicalItem });
const time = (sql: string): Condition => ({ sql, cast: 'timestamptz', canonical: timeText });

/** The parameters of the standard's simple event query that this hub knows (EPCIS 2.0, section 8.2.7.1). */
const CONDITIONS: Readonly<Record<string, Condition>> = {
  eventType: among('event_type'),
  GE_eventTime: time('x.event_time >= ?'),
  LT_eventTime: time('x.event_time < ?'),
  GE_recordTime: time('x.record_time >= ?'),
  LT_recordTime: time('x.record_time < ?'),
  EQ_action: among('action'),
  EQ_bizStep: among('biz_step', value => bareWord('bizStep', value)),
  EQ_disposition: among('disposition', value => bareWord('disposition', value)),
  EQ_readPoint: among('read_point', canonicalPlace),
  EQ_bizLocation: among('biz_location', canonicalPlace),
  EQ_eventID: among('event_id'),
  MATCH_anyEPC: meets('x.epcs && ?'),
  MATCH_anyEPCClass: meets('x.classes && ?'),
};
const OTHERS = ['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount', 'perPage', 'nextPageToken'];
const KNOWN = [...Object.keys(CONDITIONS), ...OTHERS].join(', ');

const ORDERS: Readonly<Record<string, string>> = { eventTime: 'event_time', recordTime: 'record_time' };

export type EpcisEvent = (MovementEvent | EventDocument) & { readonly recordTime: string };

export interface QueryPage {
  readonly events: readonly EpcisEvent[];
  /** Null on the last page. */
  readonly nextPageToken: string | null;
}

interface Asked {
  readonly where: readonly string[];
  readonly values: readonly unknown[];
  readonly column: string;
  readonly isDescending: boolean;
  readonly perPage: number;
  /** Events that all pages may have together. */
  readonly atMost: number;
  /** More than so many in all is a fault. */
  readonly tooMany: number | null;
  readonly after: PageToken | null;
}

interface PageToken {
  readonly micros: string;
  readonly id: string;
  readonly given: number;
}

interface Row {
  readonly id: string;
  readonly micros: unknown;
  readonly recorded: unknown;
  readonly zone: string;
  readonly store: string | null;
  readonly epoch: string | null;
  readonly body: Uint8Array | null;
  readonly doc: EventDocument | null;
}

// A movement whose event retention has taken is not told any more, even before its line here is gone.
const FROM = `FROM epcis_event x LEFT JOIN event e ON e.store = x.store AND e.epoch = x.epoch AND e.seq = x.seq
  WHERE (x.doc IS NOT NULL OR e.body IS NOT NULL)`;

/** One page of the events that a query asks for. Throws a QueryFault that names the parameter and the mend. */
export async function queryEvents(sql: Sql, parameters: Parameters): Promise<QueryPage> {
  const asked = readParameters(parameters);
  const { column, isDescending, values } = asked;
  if (asked.tooMany !== null) await refuseTooMany(sql, asked, asked.tooMany);
  const given = asked.after?.given ?? 0;
  const limit = Math.min(asked.perPage, asked.atMost - given);
  const where = [...asked.where];
  const all = [...values];
  if (asked.after) {
    const sign = isDescending ? '<' : '>';
    all.push(asked.after.micros, asked.after.id);
    where.push(
      `(x.${column}, x.event_id) ${sign} (to_timestamp(0) + $${all.length - 1}::bigint * interval '1 microsecond', $${all.length})`,
    );
  }
  const direction = isDescending ? 'DESC' : 'ASC';
  const rows = await sql.query<Row>(
    `SELECT x.event_id AS id, (extract(epoch FROM x.${column}) * 1000000)::bigint AS micros, x.zone_offset AS zone,
       extract(epoch FROM x.record_time) * 1000 AS recorded, x.store, x.epoch, e.body, x.doc
     ${FROM} ${where.map(each => `AND ${each}`).join(' ')}
     ORDER BY x.${column} ${direction}, x.event_id ${direction} LIMIT ${limit + 1}`,
    all,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isMore = rows.length > limit && given + limit < asked.atMost;
  return {
    events: page.map(eventOf),
    nextPageToken:
      isMore && last ? tokenText({ micros: String(last.micros), id: last.id, given: given + limit }) : null,
  };
}

function eventOf({ zone, store, epoch, body, doc, recorded }: Row): EpcisEvent {
  const recordTime = new Date(Number(recorded)).toISOString();
  if (doc) return { ...doc, recordTime };
  const event = movementEvent(
    { store: store ?? '', epoch: epoch ?? '' },
    fromBinary(EventSchema, body ?? new Uint8Array()),
    () => zone,
  );
  if (!event) throw new Error(`an event of store ${store} stands in the index and is no movement`);
  return { ...event, recordTime };
}

async function refuseTooMany(sql: Sql, { where, values }: Asked, most: number): Promise<void> {
  const rows = await sql.query<{ found: unknown }>(
    `SELECT count(*) AS found FROM (SELECT 1 ${FROM} ${where.map(each => `AND ${each}`).join(' ')} LIMIT ${most + 1}) f`,
    values,
  );
  if (Number(rows[0]?.found ?? 0) <= most) return;
  throw new QueryFault('QueryTooLargeException', `more than maxEventCount=${most} events meet the query`);
}

function readParameters(parameters: Parameters): Asked {
  const where: string[] = [];
  const values: unknown[] = [];
  const single = new Map<string, string>();
  for (const [name, given] of Object.entries(parameters)) {
    if (typeof given !== 'string')
      throw fault(`${name} is given twice; write its values as one, with | between`);
    const condition = CONDITIONS[name];
    if (!condition) {
      if (!OTHERS.includes(name)) throw fault(`${name} is not known here; known are ${KNOWN}`);
      single.set(name, given);
      continue;
    }
    const canonical = condition.canonical ?? ((value: string) => value);
    values.push(condition.cast === 'text[]' ? given.split('|').map(canonical) : canonical(given));
    where.push(condition.sql.replace('?', `$${values.length}::${condition.cast}`));
  }
  const order = single.get('orderBy') ?? 'eventTime';
  const column = ORDERS[order];
  if (column === undefined) throw fault(`orderBy is ${order}; write ${Object.keys(ORDERS).join(' or ')}`);
  const direction = single.get('orderDirection') ?? 'DESC';
  if (direction !== 'ASC' && direction !== 'DESC') {
    throw fault(`orderDirection is ${direction}; write ASC or DESC`);
  }
  const whole = (name: string, most: number) => wholeNumber(name, single.get(name), most);
  if (single.has('eventCountLimit') && single.has('maxEventCount')) {
    throw fault('eventCountLimit and maxEventCount exclude each other; give one');
  }
  return {
    where,
    values,
    column,
    isDescending: direction === 'DESC',
    perPage: whole('perPage', limits.epcisPageEvents) ?? limits.epcisUsualPageEvents,
    atMost: whole('eventCountLimit', Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER,
    tooMany: whole('maxEventCount', MOST_COUNTED),
    after: readToken(single.get('nextPageToken')),
  };
}

/** Counting further would cost more than the answer is worth. */
const MOST_COUNTED = 100_000;

const fault = (message: string) => new QueryFault('QueryParameterException', message);

function wholeNumber(name: string, text: string | undefined, most: number): number | null {
  if (text === undefined) return null;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= most) return value;
  throw fault(`${name} is ${text.slice(0, 40)}; write a number from 1 to ${most}`);
}

function timeText(text: string): string {
  const ms = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return text;
  throw fault(`"${text.slice(0, 40)}" is no time; write one such as 2026-01-15T08:31:02.120Z`);
}

const tokenText = ({ micros, id, given }: PageToken) =>
  Buffer.from(`${micros} ${given} ${id}`).toString('base64url');

function readToken(text: string | undefined): PageToken | null {
  if (text === undefined) return null;
  const [, micros, given, id] =
    /^(-?\d{1,18}) (\d{1,15}) (.+)$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (micros === undefined || given === undefined || id === undefined) {
    throw fault('nextPageToken is not one of ours; take it from the Link of the page before');
  }
  return { micros, id, given: Number(given) };
}
