import { randomUUID } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { limits } from '../shared/limits.ts';
import type { Result } from '../shared/result.ts';
import { fail, ok } from '../shared/result.ts';
import { type Ballast, createBallast } from './ballast.ts';
import { migrate, SCHEMA_VERSION, schemaVersionOf } from './migrations.ts';
import { asStorageError, damaged, openFailure, StorageError } from './storage-error.ts';

/** "Aisl" in ASCII: names our files among all SQLite files. */
const APPLICATION_ID = 0x4169736c;
const SYNCHRONOUS_FULL = 2;
/** Long enough for a gateway that is just ending; a blocked open blocks the whole process. */
const BUSY_TIMEOUT_MS = 250;

/** The one connection to `aisle.db`. Writers go through `write` and `reclaim`, readers use `connection`. */
export interface Database {
  readonly folder: string;
  readonly connection: Sqlite.Database;
  /**
   * Runs `work` in one transaction and returns when it is durable. Throws StorageError, with everything rolled
   * back, when the disk cannot take it; on a full disk it stays refused until the reserve can be held again.
   */
  write<T>(work: () => T): T;
  /** Like `write`, for what makes room: may use the reserve, and returns null when even that did not help. */
  reclaim<T>(work: () => T): T | null;
  /** Moves the write-ahead log into the database and cuts it back. For quiet moments; false when it did not work. */
  checkpoint(): boolean;
  /** Why the last write failed, in one sentence; null since one succeeded. */
  trouble(): string | null;
  /** The last commit failed for want of space, and there is none still. */
  isFull(): boolean;
  close(): void;
}

/**
 * Opens or creates `<folder>/aisle.db` for this process alone: the lock is the operating system's, so it
 * ends with the process, however that ends. Fails with one sentence that names the folder and the mend.
 */
export function openDatabase(folder: string): Result<Database> {
  const path = resolve(folder);
  let connection: Sqlite.Database | null = null;
  try {
    mkdirSync(path, { recursive: true });
    const file = join(path, 'aisle.db');
    accessSync(path, constants.W_OK);
    if (existsSync(file)) accessSync(file, constants.W_OK);
    connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
    const refused = checkFile(connection, path);
    if (refused) {
      connection.close();
      return refused;
    }
    makeDurable(connection);
    migrate(connection);
    connection.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)').run('epoch', randomUUID());
    return ok(databaseOver(connection, path));
  } catch (error) {
    connection?.close();
    const failure = openFailure(error, path);
    if (failure) return failure;
    throw error;
  }
}

/** Takes the lock and says why this file is not ours to use, or null when it is. */
function checkFile(connection: Sqlite.Database, folder: string) {
  // Also keeps other SQLite builds away from our write-ahead log: those before 3.51.3 can damage it.
  connection.pragma('locking_mode = EXCLUSIVE');
  const version = schemaVersionOf(connection);
  const owner = connection.pragma('application_id', { simple: true });
  const isEmpty = connection.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (owner !== APPLICATION_ID && !isEmpty) {
    return fail('storage', `${folder}/aisle.db belongs to another program; name another folder.`);
  }
  if (version > SCHEMA_VERSION) {
    return fail(
      'storage',
      `The database in ${folder} was written by a newer Aisle (schema ${version}, this one knows ${SCHEMA_VERSION}); start the newer version or name another folder.`,
    );
  }
  const finding = connection.pragma('quick_check(1)', { simple: true });
  return finding === 'ok' ? null : damaged(folder, String(finding).replaceAll(/\s+/g, ' '));
}

function makeDurable(connection: Sqlite.Database): void {
  connection.pragma(`application_id = ${APPLICATION_ID}`);
  connection.pragma('journal_mode = WAL');
  // This build of SQLite opens every existing write-ahead log with NORMAL, which forgets commits in a power cut.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('temp_store = MEMORY');
  connection.pragma(`journal_size_limit = ${limits.walBytes}`);
  if (
    connection.pragma('synchronous', { simple: true }) !== SYNCHRONOUS_FULL ||
    connection.pragma('journal_mode', { simple: true }) !== 'wal'
  ) {
    throw new Error('SQLite did not accept synchronous=FULL with a write-ahead log');
  }
}

function databaseOver(connection: Sqlite.Database, folder: string): Database {
  const ballast = createBallast(folder);
  ballast.hold();
  const guard = createWriteGuard(connection, folder, ballast);
  const transaction = connection.transaction((work: () => unknown) => work());
  const inTransaction = <T>(work: () => T) => transaction.immediate(work) as T;
  return {
    folder,
    connection,
    write(work) {
      guard.requireReserve();
      return guard.attempt(() => inTransaction(work));
    },
    reclaim: work => guard.makeRoom(() => inTransaction(work)),
    checkpoint() {
      // Without a reserve the log's own room is the only one that deleting has: others would take what it gave back.
      const mode = ballast.hold() ? 'TRUNCATE' : 'RESTART';
      return guard.makeRoom(() => connection.pragma(`wal_checkpoint(${mode})`)) !== null && ballast.hold();
    },
    trouble: guard.trouble,
    isFull: guard.isFull,
    close: () => void connection.close(),
  };
}

/**
 * Keeps the reserve for deleting: it is given up when the disk is full, to the write-ahead log, which keeps that room. No
 * commit may use more from then on than pages that deleting left free in the file.
 */
function createWriteGuard(connection: Sqlite.Database, folder: string, ballast: Ballast) {
  let trouble: StorageError | null = null;
  const freePages = connection.prepare<[], number>('PRAGMA freelist_count').pluck();
  const pageBytes = Number(connection.pragma('page_size', { simple: true }));
  const hasRoomInside = () => (freePages.get() ?? 0) * pageBytes >= limits.freeInsideBytes;
  const attempt = <T>(work: () => T): T => {
    try {
      const result = work();
      trouble = null;
      return result;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      const storageError = asStorageError(error, folder);
      if (storageError instanceof StorageError) trouble = storageError;
      throw storageError;
    }
  };
  /** What makes room says nothing about whether there is room: a full disk stays full until a commit went through. */
  const makeRoom = <T>(work: () => T): T | null => {
    const before = trouble;
    try {
      const result = attempt(work);
      if (before?.full) trouble = before;
      return result;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return error.full && ballast.release() ? makeRoom(work) : null;
    }
  };
  return {
    makeRoom,
    trouble: () => trouble?.message ?? null,
    isFull() {
      if (!trouble?.full) return false;
      if (ballast.hold()) trouble = null;
      return trouble !== null && !hasRoomInside();
    },
    requireReserve() {
      if (ballast.hold() || hasRoomInside()) return;
      trouble = new StorageError(`The disk that holds ${folder} is full; free some space there.`, true, null);
      throw trouble;
    },
    attempt<T>(work: () => T): T {
      try {
        return attempt(work);
      } catch (error) {
        if (error instanceof StorageError && error.full) ballast.release();
        throw error;
      }
    },
  };
}
