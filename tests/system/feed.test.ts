import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { EventBatchSchema, HelloSchema } from '../../src/cloud/gen/aisle/sync/v1/sync_pb.ts';
import { type HubDatabase, migrate } from '../../src/hub/database.ts';
import { makeEventDays } from '../../src/hub/event-days.ts';
import { BEGINNING, type Position } from '../../src/hub/feed/position.ts';
import { readFeed } from '../../src/hub/feed/read-feed.ts';
import { sequence } from '../../src/hub/feed/sequencer.ts';
import { openPostgres } from '../../src/hub/postgres-database.ts';
import { createSqlLedger } from '../../src/hub/sql-ledger.ts';
import { gs1CheckDigit } from '../../src/shared/gtin.ts';
import { silentLog } from '../../src/shared/log.ts';
import { pick } from '../cloud/facts.ts';
import { hasPostgres, type PostgresServer, privateServer } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait-for.ts';

const storeOf = (number: number) => {
  const body = `9521321${String(number).padStart(5, '0')}`;
  return `${body}${gs1CheckDigit(body)}`;
};
const STORES = Array.from({ length: 20 }, (_, index) => storeOf(index));
const ROUNDS = 25;
const EVENTS = 4;

describe.skipIf(!hasPostgres())('the change feed of several receivers on one PostgreSQL', () => {
  let server: PostgresServer;
  let receivers: HubDatabase[];

  beforeAll(async () => {
    server = await privateServer();
    receivers = [openPostgres(server.url, silentLog), openPostgres(server.url, silentLog)];
    await migrate(receivers[0]!);
    await makeEventDays(receivers[0]!);
  });
  afterAll(async () => {
    await Promise.all((receivers ?? []).map(database => database.close()));
    await server?.remove();
  });

  const logOf = (store: string) => ({ store, epoch: 'e1', stream: `stream-${store}` });
  const open = async (database: HubDatabase, store: string) => {
    const ledger = createSqlLedger(database, 'receiver');
    const hello = create(HelloSchema, { storeGln: store, epoch: 'e1', version: '1' });
    await ledger.register(hello, logOf(store).stream, 1);
    return ledger;
  };
  const batch = (firstSeq: number) =>
    create(EventBatchSchema, {
      firstSeq: BigInt(firstSeq),
      events: Array.from({ length: EVENTS }, (_, i) =>
        encodeEntry({ seq: firstSeq + i, fact: pick(), eventTimeMs: 1, receivedTimeMs: 2 }),
      ),
    });
  /** Reads on until there is nothing more, and looks for new events first. */
  const readOn = async (database: HubDatabase, from: Position, into: string[]): Promise<Position> => {
    await sequence(database, 1);
    let position = from;
    for (;;) {
      const page = await readFeed(database, position, null);
      position = page.position;
      if (page.events.length === 0) return position;
      into.push(...page.events.map(({ store, seq }) => `${store} ${seq}`));
    }
  };

  it('tells every reader every event once and in the order of its store, while both receivers store and look', async () => {
    let isWriting = true;
    const write = async (store: string, index: number) => {
      const ledger = await open(receivers[index % 2]!, store);
      for (let round = 0; round < ROUNDS; round++)
        await ledger.ingest(logOf(store), batch(1 + round * EVENTS), 1);
    };
    const writers = Promise.all(STORES.map(write)).finally(() => {
      isWriting = false;
    });
    const readers = receivers.map(async database => {
      const seen: string[] = [];
      let position = BEGINNING;
      while (isWriting) position = await readOn(database, position, seen);
      // The other receiver may be in the middle of a look, and this one leaves it to that.
      await waitFor('the whole feed', async () => {
        position = await readOn(database, position, seen);
        return seen.length >= STORES.length * ROUNDS * EVENTS;
      });
      return seen;
    });
    await writers;
    const all = STORES.map(store => Array.from({ length: ROUNDS * EVENTS }, (_, i) => `${store} ${i + 1}`));
    for (const seen of await Promise.all(readers)) {
      for (const [index, store] of STORES.entries()) {
        expect(seen.filter(name => name.startsWith(store))).toEqual(all[index]);
      }
    }
  });

  it('tells what commits late when it commits, to readers that have gone on', async () => {
    const [slow, quick] = [storeOf(100), storeOf(101)];
    const commit = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    // Everything is written, and the commit waits.
    const late: HubDatabase = {
      ...receivers[0]!,
      transaction: work =>
        receivers[0]!.transaction(async sql => {
          const value = await work(sql);
          written.resolve();
          await commit.promise;
          return value;
        }),
    };
    await open(receivers[0]!, slow);
    const ledger = await open(receivers[1]!, quick);
    const before: string[] = [];
    const start = await readOn(receivers[1]!, BEGINNING, before);
    const storing = createSqlLedger(late, 'receiver').ingest(logOf(slow), batch(1), 1);
    await written.promise;
    await ledger.ingest(logOf(quick), batch(1), 1);
    const passed: string[] = [];
    const position = await readOn(receivers[1]!, start, passed);
    expect(passed).toEqual([1, 2, 3, 4].map(seq => `${quick} ${seq}`));
    commit.resolve();
    await storing;
    const then: string[] = [];
    await readOn(receivers[1]!, position, then);
    expect(then).toEqual([1, 2, 3, 4].map(seq => `${slow} ${seq}`));
  }, 30_000);
});
