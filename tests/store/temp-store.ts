import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../src/store/database.ts';
import type { Fact, NewEntry } from '../../src/store/fact.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite-store.ts';
import type { CommitBatch } from '../../src/store/store.ts';

export const T0 = Date.UTC(2026, 0, 5, 8);

export function withFolder<T>(run: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'aisle-store-'));
  try {
    return run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A fresh database in a temporary folder, closed and removed afterwards. */
export function withStore<T>(run: (store: SqliteStore, database: Database) => T, cloudless = false): T {
  return withFolder(folder => {
    const database = opened(folder);
    try {
      return run(openStore(database, { cloudless }), database);
    } finally {
      database.close();
    }
  });
}

export function opened(folder: string): Database {
  const result = openDatabase(folder);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

export const entry = (fact: Fact, eventTimeMs = T0): NewEntry => ({
  fact,
  eventTimeMs,
  receivedTimeMs: eventTimeMs,
});

export const batch = (facts: readonly Fact[], more: Partial<CommitBatch> = {}): CommitBatch => ({
  entries: facts.map(fact => entry(fact)),
  keys: [],
  plates: [],
  ...more,
});

export const commit = (store: SqliteStore, ...facts: Fact[]) => store.commit(batch(facts));
