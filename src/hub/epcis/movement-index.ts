import { fromBinary } from '@bufbuild/protobuf';
import { EventSchema } from '../../cloud/gen/aisle/sync/v1/event_pb.ts';
import type { Clock } from '../../shared/clock.ts';
import { limits } from '../../shared/limits.ts';
import type { Log } from '../../shared/log.ts';
import type { HubDatabase, Sql } from '../database.ts';
import { noteConsumer, trimmedRun } from '../feed/consumers.ts';
import type { Position } from '../feed/position.ts';
import type { FeedPump } from '../feed/pump.ts';
import { type FedEvent, readFeed } from '../feed/read-feed.ts';
import { canonicalPlace } from './identifiers.ts';
import { type MovementEvent, movementEvent, type OffsetAt, offsetsOf } from './movement-event.ts';

/** No reader from outside can have this name. */
const CONSUMER = 'hub/epcis';
/** A quiet feed is confirmed this often, so that the index is not taken for abandoned. */
const CONFIRM_MS = 60 * 60_000;

interface IndexOptions {
  readonly database: HubDatabase;
  readonly pump: FeedPump;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the feed and notes every movement as an EPCIS event. One receiver at a time does it; each event is noted once. */
export function createMovementIndex({ database, pump, clock, log }: IndexOptions) {
  const gone = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    let confirmedMs = Number.NEGATIVE_INFINITY;
    while (!gone.signal.aborted) {
      const seen = pump.head();
      const isDue = clock.monotonicMs() - confirmedMs >= CONFIRM_MS;
      const isMore = await indexPage(database, clock.nowMs(), isDue);
      if (isDue) confirmedMs = clock.monotonicMs();
      if (!isMore) await pump.waitBehind(seen, CONFIRM_MS, gone.signal);
    }
  }

  async function keepRunning(): Promise<void> {
    const leave = pump.join();
    while (!gone.signal.aborted) {
      await run().catch(error => log.warn({ error: String(error) }, 'the index of movements waits'));
      if (!gone.signal.aborted) await pump.waitBehind(pump.head(), limits.hubIndexRetryMs, gone.signal);
    }
    leave();
  }

  return {
    start: () => {
      running = keepRunning();
    },
    async stop() {
      gone.abort();
      await running;
    },
  };
}

/** Notes the next page; true when there may be more. `isDue` says that the position is written even if nothing came. */
export const indexPage = (database: HubDatabase, nowMs: number, isDue: boolean): Promise<boolean> =>
  database.transaction(async sql => {
    const from = await claim(sql, nowMs);
    if (from === null) return false;
    const { events, position } = await readFeed(sql, from, null);
    await insertMovements(sql, events, nowMs);
    const isMoved = position.run !== from.run || position.seq !== from.seq;
    if (isMoved || isDue) await noteConsumer(sql, CONSUMER, position, nowMs);
    return isMoved;
  });

/** Where to go on; null when another receiver is at it. */
async function claim(sql: Sql, nowMs: number): Promise<Position | null> {
  const start = await trimmedRun(sql);
  await sql.query(
    `INSERT INTO feed_consumer (consumer, position, seen_at) VALUES ($1, $2, to_timestamp($3::float8))
     ON CONFLICT DO NOTHING`,
    [CONSUMER, start, nowMs / 1000],
  );
  const rows = await sql.query<{ position: unknown; seq: unknown }>(
    'SELECT position, seq FROM feed_consumer WHERE consumer = $1 FOR UPDATE SKIP LOCKED',
    [CONSUMER],
  );
  return rows[0] ? { run: Number(rows[0].position), seq: Number(rows[0].seq) } : null;
}

type Noted = MovementEvent & { readonly store: string };

async function insertMovements(sql: Sql, fed: readonly FedEvent[], nowMs: number): Promise<void> {
  const zones = await timeZones(sql);
  const clocks = new Map<string, OffsetAt>();
  const events = fed.flatMap(({ store, epoch, body }): Noted[] => {
    const offsetAt = clocks.get(store) ?? offsetsOf(zones.get(store) ?? 'UTC');
    clocks.set(store, offsetAt);
    const event = movementEvent({ store, epoch }, fromBinary(EventSchema, body), offsetAt);
    return event ? [{ ...event, store }] : [];
  });
  if (events.length === 0) return;
  const column = (of: (event: Noted) => string | number) => events.map(of);
  await sql.query(
    `INSERT INTO epcis_event (event_id, event_type, event_time, zone_offset, record_time, action, biz_step, disposition, read_point,
       biz_location, epcs, classes, store, epoch, seq)
     SELECT m.id, 'ObjectEvent', m.at::timestamptz, m.zone, to_timestamp($1::float8), 'OBSERVE', m.step, m.disposition, m.point,
       m.location, '{}', ARRAY[m.class], m.store, m.epoch, m.seq
     FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::bigint[]) AS m (id, at, zone, step, disposition, point, location, class, store, epoch, seq)
     ON CONFLICT (event_id) DO NOTHING`,
    [
      nowMs / 1000,
      column(event => event.eventID),
      column(event => event.eventTime),
      column(event => event.eventTimeZoneOffset),
      column(event => event.bizStep),
      column(event => event.disposition),
      column(event => canonicalPlace(event.readPoint.id)),
      column(event => canonicalPlace(event.bizLocation.id)),
      column(event => event.quantityList[0].epcClass),
      column(event => event.store),
      column(event => event['aisle:epoch']),
      column(event => String(event['aisle:seq'])),
    ],
  );
}

/** The wall clock of each store whose place is known. */
async function timeZones(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.query<{ store: string; zone: string }>(
    'SELECT store, time_zone AS zone FROM store_place',
  );
  return new Map(rows.map(({ store, zone }) => [store, zone]));
}
