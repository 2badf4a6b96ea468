import type { ReservationState } from '../domain/stock/facts.ts';
import type { Line } from '../readings/documents.ts';
import { createCommandOutbox } from './command-outbox.ts';
import type { Database } from './database.ts';
import { createAppender, createEventLog } from './event-log.ts';
import type { Fact, LogEntry } from './fact.ts';
import { createOutbox, type Outbox, type OutboxOptions } from './outbox.ts';
import { prepareFold } from './projections/folds.ts';
import { OPEN_STATES } from './projections/stock-projection.ts';
import type { CommitBatch, FacingTrust, PlateCheckpoint, Store, StoredReservation } from './store.ts';

export interface SqliteStore extends Store {
  readonly outbox: Outbox;
}

/** The store over an open database. `commit` throws StorageError when the disk cannot take it, keeping nothing. */
export function openStore(database: Database, options: OutboxOptions): SqliteStore {
  const log = createEventLog(database);
  return {
    commit: prepareCommit(database),
    ...prepareReads(database),
    entriesSince: log.since,
    stockEntriesSince: log.stockSince,
    latestFacts: prepareLatestFacts(database),
    ...createCommandOutbox(database),
    outbox: createOutbox(database, options),
  };
}

function prepareCommit(database: Database) {
  const { connection } = database;
  const log = createAppender(database);
  const apply = prepareFold(database, '');
  const insertKey = connection.prepare('INSERT INTO document_key (key, hash, seq) VALUES (?, ?, ?)');
  const savePlate = connection.prepare(
    'INSERT OR REPLACE INTO plate (device, plate, baseline_grams, at_ms) VALUES (?, ?, ?, ?)',
  );
  const saveTrust = connection.prepare(`
    INSERT OR REPLACE INTO facing_belief (facing, gtin, best, probability, contents, at_ms)
    VALUES (@facing, @gtin, @best, @probability, @contents, @atMs)`);
  const writeAll = (batch: CommitBatch): readonly LogEntry[] => {
    const entries = batch.entries.map(added => {
      const entry = log.append(added);
      apply(entry);
      return entry;
    });
    for (const { key, hash, firstEntry } of batch.keys) {
      insertKey.run(key, hash, firstEntry === null ? null : (entries[firstEntry]?.seq ?? null));
    }
    for (const { device, plate, baselineGrams, atMs } of batch.plates) {
      savePlate.run(device, plate, baselineGrams, Math.round(atMs));
    }
    for (const { contents, atMs, ...row } of batch.trust ?? []) {
      const text = contents && JSON.stringify(contents);
      saveTrust.run({ ...row, contents: text, atMs: Math.round(atMs) });
    }
    return entries;
  };
  return (batch: CommitBatch) => {
    try {
      return database.write(() => writeAll(batch));
    } catch (error) {
      log.rolledBack();
      throw error;
    }
  };
}

interface ReservationRow extends Omit<StoredReservation, 'lines'> {
  readonly state: ReservationState;
  readonly lines: string;
}

interface TrustRow extends Omit<FacingTrust, 'contents'> {
  readonly contents: string | null;
}

function prepareReads({ connection }: Database) {
  const findKey = connection.prepare<[string], { hash: string; seq: number | null }>(
    'SELECT hash, seq FROM document_key WHERE key = ?',
  );
  const balances = connection.prepare<[], { gtin: string; place: string; quantity: number }>(
    'SELECT gtin, place, quantity FROM balance WHERE quantity <> 0',
  );
  const reservations = connection.prepare<[], ReservationRow>(`
    SELECT reservation, state, lines, expires_at_ms AS expiresAtMs, created_seq AS createdSeq, reason
    FROM reservation WHERE state IN ${OPEN_STATES} ORDER BY created_seq, reservation`);
  const plates = connection.prepare<[], PlateCheckpoint>(
    'SELECT device, plate, baseline_grams AS baselineGrams, at_ms AS atMs FROM plate ORDER BY device, plate',
  );
  const trust = connection.prepare<[], TrustRow>(
    'SELECT facing, gtin, best, probability, contents, at_ms AS atMs FROM facing_belief',
  );
  return {
    findKey: (key: string) => findKey.get(key) ?? null,
    balances: () => balances.all(),
    openReservations: () =>
      reservations.all().map(row => ({ ...row, lines: JSON.parse(row.lines) as readonly Line[] })),
    plateCheckpoints: () => plates.all(),
    facingTrust: () =>
      trust.all().map(row => ({
        ...row,
        contents: row.contents === null ? null : (JSON.parse(row.contents) as FacingTrust['contents']),
      })),
  };
}

interface LatestRow {
  readonly seq: number;
  readonly eventTimeMs: number;
  readonly fact: string;
}

function prepareLatestFacts({ connection }: Database): () => readonly LogEntry[] {
  const latest = connection.prepare<[], LatestRow>(
    'SELECT seq, event_time_ms AS eventTimeMs, fact FROM latest_fact ORDER BY seq',
  );
  return () =>
    latest.all().map(({ seq, eventTimeMs, fact }) => ({
      seq,
      eventTimeMs,
      receivedTimeMs: eventTimeMs,
      fact: JSON.parse(fact) as Fact,
    }));
}
