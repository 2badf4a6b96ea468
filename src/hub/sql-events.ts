import { toBinary } from '@bufbuild/protobuf';
import { type Timestamp, timestampMs } from '@bufbuild/protobuf/wkt';
import { identityOf } from '../cloud/event-identity.ts';
import { type Event, EventSchema } from '../cloud/gen/aisle/sync/v1/event_pb.ts';
import { foldEvents } from './fold.ts';
import type { Joining } from './judge.ts';
import type { LogName } from './ledger.ts';
import { type Columns, effectWrites, rowsOf, type Write } from './sql-effects.ts';

/** New events of one log, in order. */
export interface LogEvents {
  readonly log: LogName;
  readonly events: readonly Event[];
}

/** The events themselves, and what follows from them. */
export const eventWrites = (told: readonly LogEvents[]): readonly Write[] => [
  insertEvents(told.flatMap(({ log, events }) => events.map(event => ({ log, event })))),
  ...effectWrites(told.map(({ log, events }) => ({ log, effects: foldEvents(events) }))),
];

interface Told {
  readonly log: LogName;
  readonly event: Event;
}

const EVENT: Columns<Told> = {
  store: ['text', ({ log }) => log.store],
  epoch: ['text', ({ log }) => log.epoch],
  seq: ['bigint', ({ event }) => String(event.seq)],
  type: ['text', ({ event }) => event.body.case ?? 'unknown'],
  happened: ['float8', ({ event }) => secondsOf(event.eventTime)],
  received: ['float8', ({ event }) => secondsOf(event.receivedTime)],
  body: ['bytea', ({ event }) => toBinary(EventSchema, event)],
};

const insertEvents =
  (rows: readonly Told[]): Write =>
  ({ put, where }) =>
    `INSERT INTO event (store, epoch, seq, type, event_time, received_time, body, day)
     SELECT x.store, x.epoch, x.seq, x.type, to_timestamp(x.happened), to_timestamp(x.received), x.body,
       (now() AT TIME ZONE 'utc')::date
     FROM ${rowsOf(put, rows, EVENT)} ${where}`;

const MAX_TIME_MS = 8.64e15;

/** A time that no calendar has stays readable in the event's body. */
function secondsOf(time: Timestamp | undefined): number | null {
  const unixMs = time ? timestampMs(time) : Number.NaN;
  return Math.abs(unixMs) <= MAX_TIME_MS ? unixMs / 1000 : null;
}

/** Tells this log from another one with the same numbers, also when the event itself is deleted. */
export function digestOf({ fresh, rejected, ackedSeq }: Joining): Uint8Array {
  // Also one that was put aside: it is an event of the log like the others.
  const last = [fresh.at(-1), rejected.at(-1)?.event].find(event => Number(event?.seq) === ackedSeq);
  return identityOf(last ?? null);
}

/** Events that count; a run of discarded ones is stored and is none. */
export const storedOf = (fresh: readonly Event[]): number =>
  fresh.filter(({ body }) => body.case !== 'discarded').length;
