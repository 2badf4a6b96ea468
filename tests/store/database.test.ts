import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/sqlite-store.ts';
import { StorageError } from '../../src/store/storage-error.ts';
import { MILK, movement } from './facts.ts';
import { batch, commit, opened, withFolder, withStore } from './temp-store.ts';

const messageOf = (folder: string) => {
  const result = openDatabase(folder);
  if (result.ok) result.value.close();
  return result.ok ? 'opened' : result.error.message;
};

describe('opening a data folder', () => {
  it('creates the folder and the file, and finds everything again the next time', () =>
    withFolder(parent => {
      const folder = join(parent, 'new', 'data');
      const first = opened(folder);
      const before = openStore(first, { cloudless: false });
      const epoch = before.outbox.epoch();
      commit(before, movement('supplier', 'backroom'));
      first.close();
      const second = opened(folder);
      const store = openStore(second, { cloudless: false });
      expect(store.outbox.epoch()).toBe(epoch);
      expect(store.balances()).toEqual([
        { gtin: MILK, place: 'backroom', quantity: 1 },
        { gtin: MILK, place: 'supplier', quantity: -1 },
      ]);
      second.close();
    }));

  it('writes durably from the first open on and on every later one', () =>
    withFolder(folder => {
      for (const _ of ['first', 'second', 'third']) {
        const database = opened(folder);
        expect(database.connection.pragma('synchronous', { simple: true })).toBe(2);
        expect(database.connection.pragma('journal_mode', { simple: true })).toBe('wal');
        database.close();
      }
    }));

  it('refuses a second gateway on the same folder, and lets it in when the first has gone', () =>
    withFolder(folder => {
      const first = opened(folder);
      expect(messageOf(folder)).toBe(
        `The data folder ${folder} is in use by another gateway; stop that one or name another folder.`,
      );
      first.close();
      expect(messageOf(folder)).toBe('opened');
    }));

  it('names a file that is not a database, and leaves it as it was', () =>
    withFolder(folder => {
      const file = join(folder, 'aisle.db');
      writeFileSync(file, 'minutes of the last meeting\n'.repeat(100));
      expect(messageOf(folder)).toMatch(
        /aisle\.db is damaged or not a database .*move it away or restore a backup/,
      );
      expect(statSync(file).size).toBe(2_800);
    }));

  it('notices a damaged page before anything is written', () =>
    withFolder(folder => {
      const database = opened(folder);
      const store = openStore(database, { cloudless: true });
      for (let i = 0; i < 50; i++) store.commit(batch(Array(20).fill(movement('supplier', 'backroom'))));
      database.close();
      const file = join(folder, 'aisle.db');
      damagePages(file);
      expect(messageOf(folder)).toMatch(/is damaged or not a database/);
    }));

  it('refuses a database of a newer version', () =>
    withFolder(folder => {
      const database = opened(folder);
      database.connection.pragma('user_version = 99');
      database.close();
      expect(messageOf(folder)).toMatch(/written by a newer Aisle \(schema 99, this one knows \d+\)/);
    }));

  it("refuses another program's database", () =>
    withFolder(folder => {
      const other = new Sqlite(join(folder, 'aisle.db'));
      other.exec('CREATE TABLE invoice (id INTEGER)');
      other.close();
      expect(messageOf(folder)).toBe(`${folder}/aisle.db belongs to another program; name another folder.`);
    }));

  it.each([
    ['a file in its place', (folder: string) => folder],
    ['a file on the way', (folder: string) => join(folder, 'data')],
  ])('says that the folder is not one: %s', (_, pathOf) =>
    withFolder(parent => {
      const file = join(parent, 'file');
      writeFileSync(file, '');
      expect(messageOf(pathOf(file))).toMatch(/is not a folder; name another one/);
    }),
  );

  it('says that a folder where a file should be cannot be written', () =>
    withFolder(folder => {
      mkdirSync(join(folder, 'aisle.db'));
      expect(messageOf(folder)).toMatch(/cannot be written \(SQLITE_CANTOPEN/);
    }));
});

describe('a full disk', () => {
  it('refuses the commit with a plain sentence, keeps nothing of it, and goes on when there is room', () =>
    withStore((store, database) => {
      commit(store, movement('supplier', 'backroom', 5));
      const pages = database.connection.pragma('page_count', { simple: true }) as number;
      database.connection.pragma(`max_page_count = ${pages + 4}`);
      const big = batch(Array(2_000).fill(movement('supplier', 'backroom')));
      expect(() => store.commit(big)).toThrow(StorageError);
      expect(database.trouble()).toMatch(/^The disk that holds .* is full; free some space there\.$/);
      expect(store.outbox.lastSeq()).toBe(1);
      expect(store.balances()).toContainEqual({ gtin: MILK, place: 'backroom', quantity: 5 });

      database.connection.pragma('max_page_count = 1000000');
      expect(store.commit(big).map(({ seq }) => seq)).toEqual(big.entries.map((_, index) => index + 2));
      expect(database.trouble()).toBeNull();
    }));

  it('still deletes what is acknowledged', () =>
    withStore((store, database) => {
      for (let i = 0; i < 10; i++) store.commit(batch(Array(100).fill(movement('supplier', 'backroom'))));
      database.connection.pragma('max_page_count = 1');
      expect(() => store.commit(batch(Array(2_000).fill(movement('supplier', 'backroom'))))).toThrow(
        StorageError,
      );
      store.outbox.acknowledge(900);
      expect(store.outbox.trim(Number.MAX_SAFE_INTEGER, 10_000)).toBe(900);
      expect(store.balances()).toContainEqual({ gtin: MILK, place: 'backroom', quantity: 1_000 });
      expect(database.checkpoint()).toBe(true);
    }));
});

/** Overwrites the upper half of every page but the first few, as a dying card does. */
function damagePages(file: string): void {
  const pageBytes = 4_096;
  const size = statSync(file).size;
  const database = new Sqlite(file);
  const bytes = database.serialize();
  database.close();
  for (let at = pageBytes * 3; at < size; at += pageBytes) bytes.fill(0xff, at, at + 64);
  writeFileSync(file, bytes);
}
