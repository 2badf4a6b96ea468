import Sqlite from 'better-sqlite3';
import { encodeEntry } from '../../src/cloud/encode.ts';
import { foldEvents } from '../../src/hub/fold.ts';
import type { Database } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrations.ts';
import type { LogEntry } from '../../src/store/outbox.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import { StorageError } from '../../src/store/storage-error.ts';
import { addStock } from './memory-ledger.ts';

/** `full`: nothing new can be written, room can still be made. `stuck`: the reserve is used up as well. */
export type DiskState = 'roomy' | 'full' | 'stuck';

/** The store's disk with the real database on it, in memory. What is in it survives a crash of the process. */
export interface StoreDisk {
  /** What the log took, by sequence number from 1 on: kept beside the database, and what the laws are held against. */
  readonly journal: readonly LogEntry[];
  become(state: DiskState): void;
  /** A start of the process. What another start opened before must not be used any more. */
  open(budgetBytes: number): SqliteStore;
  /** Remembers what `open` committed. */
  note(entries: readonly LogEntry[]): void;
  /** Quantity by item and place, from the journal alone. */
  stock(): Map<string, number>;
  /** Outages whose events are numbered and that have no receipt yet. */
  waitingForReceipt(): number;
  backUp(): void;
  /** Puts the last backup back; false when there is none. */
  restore(): boolean;
  /** As new. Opening a database takes longer than a whole history. */
  wipe(): void;
  close(): void;
}

const EPOCH = `INSERT INTO meta VALUES ('epoch', 'e1')`;

export function createStoreDisk(): StoreDisk {
  const raw = new Sqlite(':memory:');
  migrate(raw);
  const tables = raw.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
  const copies = createCopies(raw, tables);
  const { connection, reopen } = withCachedStatements(raw);
  let state: DiskState = 'roomy';
  let journal: LogEntry[] = [];
  let backup: readonly LogEntry[] | null = null;
  const database = databaseOver(connection, () => state);
  const waiting = raw.prepare<[], number>('SELECT count(*) FROM outage WHERE last_seq IS NOT NULL').pluck();
  raw.exec(EPOCH);
  return {
    get journal() {
      return journal;
    },
    become(next) {
      state = next;
    },
    open: budgetBytes =>
      reopen(() => openStore(database, { cloudless: false, budgetBytes: () => budgetBytes })),
    note: entries => void journal.push(...entries),
    stock() {
      const stock = new Map<string, number>();
      addStock(stock, foldEvents(journal.map(encodeEntry)).stock);
      return stock;
    },
    waitingForReceipt: () => waiting.get() ?? 0,
    backUp() {
      copies.save();
      backup = [...journal];
    },
    restore() {
      if (!backup) return false;
      copies.load();
      journal = [...backup];
      return true;
    },
    wipe() {
      copies.wipe();
      raw.exec(EPOCH);
      [state, journal, backup] = ['roomy', [], null];
    },
    close: () => void raw.close(),
  };
}

/** What src/store/database.ts promises of a disk, of one that is full when it is told to be. */
function databaseOver(connection: Sqlite.Database, state: () => DiskState): Database {
  const transaction = connection.transaction((work: () => unknown) => work());
  const inTransaction = <T>(work: () => T) => transaction.immediate(work) as T;
  return {
    folder: 'memory',
    connection,
    write(work) {
      if (state() !== 'roomy') throw new StorageError('The disk is full.', true, null);
      return inTransaction(work);
    },
    reclaim: work => (state() === 'stuck' ? null : inTransaction(work)),
    checkpoint: () => true,
    trouble: () => (state() === 'roomy' ? null : 'The disk is full.'),
    isFull: () => state() !== 'roomy',
    close: () => {},
  };
}

/** Every start prepares the same statements in the same order, so those of the start before are taken again. */
function withCachedStatements(raw: Sqlite.Database) {
  const cache: Sqlite.Statement[] = [];
  let next: number | null = null;
  let isFirst = true;
  const prepare = (sql: string) => {
    if (next === null) return raw.prepare(sql);
    const known = cache[next];
    const statement = known?.source === sql ? known : raw.prepare(sql);
    cache[next++] = statement;
    return statement;
  };
  const exec = (sql: string) => {
    // What lives as long as the connection is there already, empty: nothing of a history writes to it.
    if (isFirst || !/CREATE TEMP/.test(sql)) raw.exec(sql);
    return connection;
  };
  const connection: Sqlite.Database = Object.assign(Object.create(raw), { prepare, exec });
  return {
    connection,
    reopen<T>(open: () => T): T {
      next = 0;
      const opened = open();
      next = null;
      isFirst = false;
      return opened;
    },
  };
}

function createCopies(raw: Sqlite.Database, tables: readonly string[]) {
  raw.exec(`ATTACH ':memory:' AS backup`);
  const statements = tables.map(table => {
    const copy = `backup.copy_of_${table}`;
    raw.exec(`CREATE TABLE ${copy} AS SELECT * FROM main.${table} WHERE 0`);
    return {
      empty: raw.prepare(`DELETE FROM main.${table}`),
      forget: raw.prepare(`DELETE FROM ${copy}`),
      save: raw.prepare(`INSERT INTO ${copy} SELECT * FROM main.${table}`),
      load: raw.prepare(`INSERT INTO main.${table} SELECT * FROM ${copy}`),
    };
  });
  const each = (...names: readonly (keyof (typeof statements)[number])[]) =>
    raw.transaction(() => {
      for (const name of names) for (const table of statements) table[name].run();
    });
  return { save: each('forget', 'save'), load: each('empty', 'load'), wipe: each('empty') };
}
