import type { Sql } from '../database.ts';

/** A store that is not configured with what it should be. */
export interface DriftRow {
  readonly store: string;
  readonly wantedVersion: number;
  readonly version: number;
  /** Empty while no store has confirmed it here. */
  readonly wantedHash: string;
  readonly hash: string;
  readonly sinceMs: number;
}

// What a store should have: the configuration of the newest rollout that reached it and was not taken back; behind one that was taken
// back, what it had before. Its hash is what the store itself said when it was well with it, so a later edit of its files is seen.
const DRIFT = `
  SELECT s.store, w.version AS "wantedVersion", s.config_version AS version, w.hash AS "wantedHash", s.config_hash AS hash,
    extract(epoch FROM greatest(w.since, s.config_since)) * 1000 AS "sinceMs"
  FROM store s JOIN (
    SELECT DISTINCT ON (x.store) x.store,
      CASE WHEN x.undo = 'no' THEN x.version ELSE x.before_version END AS version,
      CASE WHEN x.undo = 'no' THEN x.hash ELSE x.before_hash END AS hash,
      coalesce(x.applied_at, x.sent_at) AS since
    FROM rollout_store x
    WHERE x.kind = 'configuration' AND x.state <> 'waiting' AND x.store > $1
    ORDER BY x.store, x.version DESC
  ) w ON w.store = s.store
  WHERE s.word_at > w.since AND (s.config_version <> w.version OR (w.hash <> '' AND s.config_hash <> w.hash))
  ORDER BY s.store LIMIT $2`;

/** By GLN, behind `after`. Only stores that have spoken since they were told. */
export async function listDrift(sql: Sql, after: string, limit: number): Promise<readonly DriftRow[]> {
  const rows = await sql.query<{ readonly [K in keyof DriftRow]: unknown }>(DRIFT, [after, limit]);
  return rows.map(row => ({
    store: String(row.store),
    wantedVersion: Number(row.wantedVersion),
    version: Number(row.version),
    wantedHash: String(row.wantedHash),
    hash: String(row.hash),
    sinceMs: Number(row.sinceMs),
  }));
}
