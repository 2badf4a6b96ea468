import type { Database } from '../database.ts';
import { createEventLog, type EventLog } from '../event-log.ts';
import { coldProjection } from './cold-projection.ts';
import { configurationProjection } from './configuration-projection.ts';
import { deviceProjection } from './device-projection.ts';
import { footfallProjection } from './footfall-projection.ts';
import { itemDayProjection } from './item-day-projection.ts';
import { labelProjection } from './label-projection.ts';
import { latestProjection } from './latest-projection.ts';
import type { Apply, Fold, Projection } from './projection.ts';
import { stockProjection } from './stock-projection.ts';

const PROJECTIONS: readonly Projection[] = [
  stockProjection,
  coldProjection,
  footfallProjection,
  labelProjection,
  deviceProjection,
  latestProjection,
  itemDayProjection,
  configurationProjection,
];

const REFOLD_CHUNK = 1_000;

/** Every table that is a fold of the log, without prefix. */
export const FOLDED_TABLES: readonly string[] = PROJECTIONS.flatMap(projection => projection.tables);

/** Prepares all projections and returns the fold of one entry into all of them. */
export function prepareFold({ connection }: Database, fold: Fold): Apply {
  const folds = PROJECTIONS.map(projection => projection.prepare(connection, fold));
  return entry => {
    for (const apply of folds) apply(entry);
  };
}

/** Empties the live tables and computes them again: the base, then every entry of the log. */
export function rebuild(database: Database): void {
  const { connection } = database;
  const apply = prepareFold(database, '');
  const log = createEventLog(database);
  database.write(() => {
    for (const table of FOLDED_TABLES) {
      connection.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM base_${table}`);
    }
    foldRange(log, apply, 0, log.lastSeq());
  });
}

/**
 * Moves the entries up to and including `lastSeq` from the log into the base, so that balances stay right
 * without them. Inside a transaction. What was kept only as long as the log is forgotten with it.
 */
export function prepareFoldAway(database: Database): (lastSeq: number) => void {
  const { connection } = database;
  const log = createEventLog(database);
  const apply = prepareFold(database, 'base_');
  const remove = connection.prepare('DELETE FROM event WHERE seq <= ?');
  const forget = PROJECTIONS.flatMap(projection => [...projection.forget(''), ...projection.forget('base_')]);
  const statements = forget.map(sql => connection.prepare(sql));
  return lastSeq => {
    foldRange(log, apply, 0, lastSeq);
    remove.run(lastSeq);
    for (const statement of statements) statement.run(lastSeq);
  };
}

/** In chunks, because a statement cannot be read while others write. */
function foldRange(log: EventLog, apply: Apply, afterSeq: number, lastSeq: number): void {
  for (let seq = afterSeq; seq < lastSeq; ) {
    const entries = log.after(seq, Math.min(REFOLD_CHUNK, lastSeq - seq));
    for (const entry of entries) {
      if (entry.seq <= lastSeq) apply(entry);
    }
    seq = entries.at(-1)?.seq ?? lastSeq;
  }
}
