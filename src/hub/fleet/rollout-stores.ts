import type { HubDatabase, Sql } from '../database.ts';
import type { RolloutStore, StoreState } from './gate.ts';

/** Heard within this time: its stream is open, for it speaks every 15 s and is dropped after 45 s. */
export const ONLINE_MS = 60_000;

/** What a store had before a rollout, to go back to. */
export interface Before {
  /** 0: what its own files say. */
  readonly version: number;
  readonly priceList: string;
  readonly prices: readonly (readonly [gtin: string, priceMinor: number])[];
}

/** A store of a rollout with what it said of itself. */
export interface TrackedStore extends RolloutStore {
  readonly undo: 'no' | 'due' | 'done' | 'refused';
  readonly appliedMs: number | null;
  readonly before: Before;
  readonly reported: {
    readonly version: number;
    readonly hash: string;
    readonly isConfirmed: boolean;
    readonly atMs: number;
  };
}

export interface Mark {
  readonly store: string;
  readonly state: 'applied' | 'confirmed' | 'failed';
  readonly reason: string;
  /** Hash that the store says it has; empty when it is not known. */
  readonly hash: string;
}

/** Which stores a rollout has reached, and what became of it there. */
export interface RolloutStores {
  /** By rank; the first `reach` of them. */
  first(rolloutId: string, reach: number, nowMs: number): Promise<readonly TrackedStore[]>;
  /** By rank; those that are to be told, to answer or to be put back. */
  open(rolloutId: string, nowMs: number): Promise<readonly TrackedStore[]>;
  /**
   * Notes that these are told from now on, with what they have before. Returns those that may be told: none when the rollout was
   * halted meanwhile.
   */
  tell(
    rolloutId: string,
    stores: readonly string[],
    gtins: readonly string[],
    nowMs: number,
  ): Promise<ReadonlySet<string>>;
  mark(rolloutId: string, marks: readonly Mark[], nowMs: number): Promise<void>;
  /** Every store that has it, or may have it, is to be put back. */
  undoAll(rolloutId: string): Promise<void>;
  undone(rolloutId: string, store: string, reason: string | null): Promise<void>;
}

interface Row {
  readonly store: string;
  readonly rank: number;
  readonly state: StoreState;
  readonly reason: string;
  readonly undo: TrackedStore['undo'];
  readonly applied_ms: unknown;
  readonly before_version: unknown;
  readonly before_list: string;
  readonly before_prices: readonly [string, number][];
  readonly base_ms: unknown;
  readonly base_errors: unknown;
  readonly base_discrepancies: unknown;
  readonly base_offline: number;
  readonly base_pending: unknown;
  readonly errors_total: unknown;
  readonly discrepancies_total: unknown;
  readonly devices: number;
  readonly devices_offline: number;
  readonly pending_events: unknown;
  readonly config_version: unknown;
  readonly config_hash: string;
  readonly is_confirmed: boolean;
  readonly word_ms: unknown;
  readonly heard_ms: unknown;
}

// A store that a newer rollout has reached is no longer waiting for this one.
const OPEN = `AND (x.state IN ('sent', 'applied') OR x.undo = 'due' OR (x.state = 'waiting' AND NOT EXISTS (
  SELECT 1 FROM rollout_store n WHERE n.store = x.store AND n.kind = x.kind AND n.version > x.version AND n.state <> 'waiting')))`;

export function createRolloutStores(database: HubDatabase): RolloutStores {
  const select = async (rolloutId: string, condition: string, reach: number | null, nowMs: number) => {
    const rows = await database.query<Row>(
      `SELECT x.store, x.rank, x.state, x.reason, x.undo, extract(epoch FROM x.applied_at) * 1000 AS applied_ms,
         x.before_version, x.before_list, x.before_prices, extract(epoch FROM x.base_at) * 1000 AS base_ms,
         x.base_errors, x.base_discrepancies, x.base_offline, x.base_pending, s.errors_total, s.discrepancies_total,
         s.devices, s.devices_offline, s.pending_events, s.config_version, s.config_hash, s.is_confirmed,
         extract(epoch FROM s.word_at) * 1000 AS word_ms, extract(epoch FROM w.heard_at) * 1000 AS heard_ms
       FROM rollout_store x JOIN store s ON s.store = x.store
         JOIN watermark w ON w.store = s.store AND w.epoch = s.epoch
       WHERE x.rollout_id = $1 AND ($2::integer IS NULL OR x.rank < $2) ${condition} ORDER BY x.rank`,
      [rolloutId, reach],
    );
    return rows.map(row => trackedOf(row, nowMs));
  };
  return {
    first: (rolloutId, reach, nowMs) => select(rolloutId, '', reach, nowMs),
    open: (rolloutId, nowMs) => select(rolloutId, OPEN, null, nowMs),
    tell: (rolloutId, stores, gtins, nowMs) =>
      database.transaction(sql => tell(sql, rolloutId, stores, gtins, nowMs)),
    async mark(rolloutId, marks, nowMs) {
      if (marks.length === 0) return;
      await database.query(
        `UPDATE rollout_store x SET state = m.state, reason = m.reason, hash = m.hash,
         applied_at = coalesce(x.applied_at, CASE WHEN m.state = 'failed' THEN NULL ELSE to_timestamp($6::float8) END)
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS m (store, state, reason, hash)
         WHERE x.rollout_id = $1 AND x.store = m.store AND x.state IN ('sent', 'applied')`,
        [
          rolloutId,
          marks.map(({ store }) => store),
          marks.map(({ state }) => state),
          marks.map(({ reason }) => reason.replaceAll('\0', '\uFFFD').slice(0, 500)),
          marks.map(({ hash }) => hash),
          nowMs / 1000,
        ],
      );
    },
    async undoAll(rolloutId) {
      await database.query(
        `UPDATE rollout_store SET undo = 'due' WHERE rollout_id = $1 AND undo = 'no'
         AND (state IN ('sent', 'applied', 'confirmed') OR (state = 'failed' AND applied_at IS NOT NULL))`,
        [rolloutId],
      );
    },
    async undone(rolloutId, store, reason) {
      await database.query(
        `UPDATE rollout_store SET undo = CASE WHEN $3::text IS NULL THEN 'done' ELSE 'refused' END,
         reason = coalesce($3, reason) WHERE rollout_id = $1 AND store = $2 AND undo = 'due'`,
        [rolloutId, store, reason],
      );
    },
  };
}

async function tell(
  sql: Sql,
  rolloutId: string,
  stores: readonly string[],
  gtins: readonly string[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  // Whoever halts it waits for this, and then sees which stores were told.
  const going = await sql.query(
    `SELECT 1 FROM rollout WHERE rollout_id = $1 AND state IN ('running', 'completed') FOR SHARE`,
    [rolloutId],
  );
  if (going.length === 0) return new Set();
  await sql.query(
    `UPDATE rollout_store x SET state = 'sent', sent_at = to_timestamp($4::float8),
     before_version = (SELECT coalesce(max(b.version), 0) FROM rollout_store b WHERE b.store = x.store
       AND b.kind = x.kind AND b.state = 'confirmed' AND b.undo = 'no' AND b.version < x.version),
     before_hash = s.config_hash, before_list = s.price_list,
     before_prices = (SELECT coalesce(jsonb_agg(jsonb_build_array(p.gtin, p.price_minor)), '[]') FROM price p
       WHERE p.store = x.store AND p.epoch = s.epoch AND p.gtin = ANY($3::text[])),
     base_errors = CASE WHEN x.base_at IS NULL THEN s.errors_total ELSE x.base_errors END,
     base_discrepancies = CASE WHEN x.base_at IS NULL THEN s.discrepancies_total ELSE x.base_discrepancies END,
     base_offline = CASE WHEN x.base_at IS NULL THEN s.devices_offline ELSE x.base_offline END,
     base_pending = CASE WHEN x.base_at IS NULL THEN s.pending_events ELSE x.base_pending END,
     base_at = coalesce(x.base_at, to_timestamp($4::float8))
     FROM store s WHERE x.rollout_id = $1 AND x.store = ANY($2::text[]) AND x.state = 'waiting' AND s.store = x.store`,
    [rolloutId, stores, gtins, nowMs / 1000],
  );
  return new Set(stores);
}

function trackedOf(row: Row, nowMs: number): TrackedStore {
  const heardMs = Number(row.heard_ms);
  const now = {
    errors: Number(row.errors_total),
    discrepancies: Number(row.discrepancies_total),
    devices: row.devices,
    devicesOffline: row.devices_offline,
    pendingEvents: Number(row.pending_events),
    heardMs,
  };
  const base = {
    ...now,
    errors: Number(row.base_errors),
    discrepancies: Number(row.base_discrepancies),
    devicesOffline: row.base_offline,
    pendingEvents: Number(row.base_pending),
  };
  return {
    store: row.store,
    rank: row.rank,
    state: row.state,
    reason: row.reason,
    undo: row.undo,
    appliedMs: row.applied_ms === null ? null : Number(row.applied_ms),
    before: {
      version: Number(row.before_version),
      priceList: row.before_list,
      prices: row.before_prices,
    },
    watched: row.base_ms === null ? null : { sinceMs: Number(row.base_ms), base, now },
    isOnline: nowMs - heardMs < ONLINE_MS,
    reported: {
      version: Number(row.config_version),
      hash: row.config_hash,
      isConfirmed: row.is_confirmed,
      atMs: Number(row.word_ms ?? 0),
    },
  };
}
