import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventBatchSchema, HelloSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import { dropEventDays, makeEventDays } from '../../src/hub/event-days.ts';
import { noteConsumer } from '../../src/hub/feed/consumers.ts';
import { BEGINNING } from '../../src/hub/feed/position.ts';
import type { EventLedger } from '../../src/hub/ledger.ts';
import { openPglite } from '../../src/hub/pglite-database.ts';
import { createRetention } from '../../src/hub/retention.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { silentLog } from '../../src/shared/log.ts';
import { pick } from '../cloud/facts.ts';

const log = { store: '9521321000018', epoch: 'e1', stream: 's1' };
const hello = create(HelloSchema, { storeGln: log.store, epoch: log.epoch, version: '1' });
const clock = systemClock();
const DAY_MS = 24 * 60 * 60_000;
let database: HubDatabase;
let ledger: EventLedger;

const batch = (firstSeq: number, events: number) =>
  create(EventBatchSchema, {
    firstSeq: BigInt(firstSeq),
    events: Array.from({ length: events }, (_, i) =>
      encodeEntry({ seq: firstSeq + i, fact: pick(), eventTimeMs: 1, receivedTimeMs: 2 }),
    ),
  });
const held = async () => {
  const rows = await database.query<{ seq: unknown }>('SELECT seq FROM event ORDER BY seq');
  return rows.map(({ seq }) => Number(seq));
};
const stock = () => database.query('SELECT place, quantity FROM stock ORDER BY place');

beforeAll(async () => {
  database = await openPglite(null);
  await migrate(database);
  await makeEventDays(database);
  ledger = createSqlLedger(database, 'receiver-1');
  await ledger.register(hello, log.stream, 1);
  await ledger.ingest(log, batch(1, 4), 1);
}, 60_000);
afterAll(() => database.close());

/** As if the first two events had been received 40 days ago, each day in a table of its own. */
async function ageTheFirstTwo(): Promise<void> {
  const days = (back: number) => new Date(clock.nowMs() - back * DAY_MS).toISOString().slice(0, 10);
  await database.script(`
    ALTER TABLE event DETACH PARTITION event_first;
    CREATE TABLE event_old PARTITION OF event FOR VALUES FROM (MINVALUE) TO ('${days(39)}');
    CREATE TABLE event_new PARTITION OF event FOR VALUES FROM ('${days(39)}') TO ('${days(-1)}');
    UPDATE event_first SET day = '${days(40)}' WHERE seq <= 2;
    INSERT INTO event (store, epoch, seq, type, event_time, received_time, body, day)
      SELECT store, epoch, seq, type, event_time, received_time, body, day FROM event_first;
    DROP TABLE event_first`);
}

describe('events by day', () => {
  it('have a table for today and for the next days, however often it is made', async () => {
    await makeEventDays(database);
    const [{ days }] = (await database.query<{ days: unknown }>(
      `SELECT count(*) AS days FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = 'event'`,
    )) as [{ days: unknown }];
    expect(Number(days)).toBe(4);
  });

  it('are kept while a reader of the feed has not had them, and dropped by whole days when it has', async () => {
    await ageTheFirstTwo();
    const before = await stock();
    const retention = createRetention({
      database,
      receiver: 'receiver-1',
      keepDays: 35,
      clock,
      log: silentLog,
    });
    await noteConsumer(database, 'erp', BEGINNING, clock.nowMs());
    await retention.round();
    expect(await held()).toEqual([1, 2, 3, 4]);
    await database.query('DELETE FROM feed_consumer');
    await retention.round();
    expect(await held()).toEqual([3, 4]);
    expect(await stock()).toEqual(before);
  });

  it('are known when they come again, although they are deleted', async () => {
    const before = await stock();
    expect(await ledger.ingest(log, batch(1, 5), 1)).toMatchObject({ ackedSeq: 5, quarantined: [] });
    expect(await held()).toEqual([3, 4, 5]);
    expect(await stock()).not.toEqual(before);
  });

  it('tell a restored log from ours by the last of them, although it is deleted', async () => {
    const { ackedDigest } = await ledger.register(hello, log.stream, 1);
    await database.query('DELETE FROM event');
    expect(ackedDigest.length).toBe(32);
    expect(await ledger.register(hello, log.stream, 1)).toMatchObject({ ackedSeq: 5, ackedDigest });
  });

  it('are deleted row by row where a database knows no such tables', async () => {
    await database.script(`
      ALTER TABLE event RENAME TO event_divided;
      CREATE TABLE event AS SELECT * FROM event_divided;
      INSERT INTO event (store, epoch, seq, type, body, day)
        SELECT '9521321000018', 'e1', n, 'movement', '', date '2026-01-01' + n FROM generate_series(1, 5) AS n`);
    expect(await dropEventDays(database, Date.UTC(2026, 0, 4))).toBe(Date.UTC(2026, 0, 4));
    expect(await held()).toEqual([3, 4, 5]);
  });
});

it('every table of the stores has the store first in its key, so that they can be spread over machines', async () => {
  const keys = await database.query<{ table: string; first: string }>(
    `SELECT c.relname AS table, a.attname AS first FROM pg_index i
       JOIN pg_class c ON c.oid = i.indrelid
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
       JOIN pg_attribute s ON s.attrelid = c.oid AND s.attname = 'store'
     WHERE i.indisprimary AND c.relname NOT IN ('feed', 'shop_order', 'epcis_event')`,
  );
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter(({ first }) => first !== 'store')).toEqual([]);
});
