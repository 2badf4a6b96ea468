import type Sqlite from 'better-sqlite3';
import { sql as first } from './migrations/0001-first.ts';
import { sql as shelfWork } from './migrations/0002-shelf-work.ts';
import { sql as soldByWeight } from './migrations/0003-sold-by-weight.ts';
import { sql as facingBelief } from './migrations/0004-facing-belief.ts';
import { sql as deadLetters } from './migrations/0005-dead-letters.ts';
import { sql as backlog } from './migrations/0006-backlog.ts';
import { sql as receipts } from './migrations/0007-receipts.ts';

/** In order and forward only: a migration that was released is never edited. */
const MIGRATIONS: readonly string[] = [
  first,
  shelfWork,
  soldByWeight,
  facingBelief,
  deadLetters,
  backlog,
  receipts,
];

/** What `PRAGMA user_version` is after all migrations. */
export const SCHEMA_VERSION = MIGRATIONS.length;

export const schemaVersionOf = (connection: Sqlite.Database): number =>
  connection.pragma('user_version', { simple: true }) as number;

/** Brings an older database up to date, each step in a transaction of its own. */
export function migrate(connection: Sqlite.Database): void {
  const from = schemaVersionOf(connection);
  MIGRATIONS.slice(from).forEach((sql, index) => {
    connection.transaction(() => {
      connection.exec(sql);
      connection.pragma(`user_version = ${from + index + 1}`);
    })();
  });
}
