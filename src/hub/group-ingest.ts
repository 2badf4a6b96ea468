import type { HubDatabase, Sql } from './database.ts';
import type { Joining } from './judge.ts';
import type { LogStream } from './ledger.ts';
import { type Columns, rowsOf } from './sql-effects.ts';
import { digestOf, eventWrites, storedOf } from './sql-events.ts';

/** A batch that joins on to what this receiver believes to be held of its log. */
export interface Believed {
  readonly log: LogStream;
  readonly judged: Joining;
  readonly nowMs: number;
}

/** False, and nothing written of it, when the watermark or the store's stream is another one than was believed. */
export type StoreAtOnce = (batch: Believed) => Promise<boolean>;

interface Waiting {
  readonly batch: Believed;
  readonly resolve: (stored: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements under way at once: while one is committed the next one is gathered. */
const GROUPS_AT_ONCE = 3;
/** What one statement takes; a batch has 500 events at most. */
const GROUP_EVENTS = 2_000;
const GROUP_LOGS = 200;

/**
 * Stores what came from many stores while the statement before was on its way in one statement and one commit: a store that
 * sells sends one or two events at a time, and a commit for each would cost a hundred times what they do. With little to do a
 * batch goes at once, alone.
 */
export function createGroupIngest(database: HubDatabase): StoreAtOnce {
  const waiting: Waiting[] = [];
  let underWay = 0;
  const pump = () => {
    while (underWay < GROUPS_AT_ONCE && waiting.length > 0) {
      underWay += 1;
      const group = takeGroup(waiting);
      void settle(database, group).finally(() => {
        underWay -= 1;
        pump();
      });
    }
  };
  return batch =>
    new Promise((resolve, reject) => {
      waiting.push({ batch, resolve, reject });
      pump();
    });
}

/** Takes the first ones, of each log one: the next one builds on it. */
function takeGroup(waiting: Waiting[]): readonly Waiting[] {
  const group: Waiting[] = [];
  const logs = new Set<string>();
  let events = 0;
  while (waiting[0] && group.length < GROUP_LOGS) {
    const { log, judged } = waiting[0].batch;
    const name = `${log.store} ${log.epoch}`;
    events += judged.fresh.length;
    if (logs.has(name) || (events > GROUP_EVENTS && group.length > 0)) break;
    logs.add(name);
    group.push(waiting.shift()!);
  }
  return group;
}

/** Classes of SQLSTATE that are about what was written, or about who else wrote: bad data, broken keys, a transaction undone. */
const OF_ONE = /^(22|23|40)/;
const isOfOne = (error: unknown) =>
  error instanceof Error && 'code' in error && OF_ONE.test(String(error.code));

/** Never rejects. When one batch spoils a group each is tried alone, so that none fails for another's sake. */
async function settle(sql: Sql, group: readonly Waiting[]): Promise<void> {
  try {
    const stored = await storeTogether(
      sql,
      group.map(({ batch }) => batch),
    );
    for (const [index, { resolve }] of group.entries()) resolve(stored.has(index));
  } catch (error) {
    if (group.length > 1 && isOfOne(error)) for (const one of group) await settle(sql, [one]);
    else for (const { reject } of group) reject(error);
  }
}

interface Move {
  readonly index: number;
  readonly batch: Believed;
}

const MOVE: Columns<Move> = {
  n: ['integer', ({ index }) => index],
  store: ['text', ({ batch }) => batch.log.store],
  epoch: ['text', ({ batch }) => batch.log.epoch],
  stream: ['text', ({ batch }) => batch.log.stream],
  held: ['bigint', ({ batch }) => batch.judged.heldSeq],
  acked: ['bigint', ({ batch }) => batch.judged.ackedSeq],
  stored: ['bigint', ({ batch }) => storedOf(batch.judged.fresh)],
  skipped: ['bigint', ({ batch }) => batch.judged.skipped],
  digest: ['bytea', ({ batch }) => digestOf(batch.judged)],
  heard: ['float8', ({ batch }) => batch.nowMs / 1000],
};

/** Returns which of the batches were stored. */
async function storeTogether(sql: Sql, batches: readonly Believed[]): Promise<ReadonlySet<number>> {
  const values: unknown[] = [];
  const put = (value: unknown) => `$${values.push(value)}`;
  const moves = batches.map((batch, index) => ({ index, batch }));
  const moved = `UPDATE watermark w SET acked_seq = x.acked, event_count = w.event_count + x.stored,
      skipped_count = w.skipped_count + x.skipped, acked_digest = x.digest, heard_at = to_timestamp(x.heard)
    FROM ${rowsOf(put, moves, MOVE)}
    WHERE w.store = x.store AND w.epoch = x.epoch AND w.acked_seq = x.held
      AND NOT EXISTS (SELECT 1 FROM store_link k WHERE k.store = x.store AND k.stream <> x.stream)
    RETURNING x.n, w.store, w.epoch`;
  const target = { put, where: 'WHERE (x.store, x.epoch) IN (SELECT m.store, m.epoch FROM moved m)' };
  const writes = eventWrites(batches.map(({ log, judged }) => ({ log, events: judged.fresh })));
  const parts = writes.map((write, index) => `, part${index} AS (${write(target)})`);
  const rows = await sql.query<{ n: unknown }>(
    `WITH moved AS (${moved})${parts.join('')} SELECT n FROM moved`,
    values,
  );
  return new Set(rows.map(({ n }) => Number(n)));
}
