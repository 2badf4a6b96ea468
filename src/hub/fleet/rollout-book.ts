import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type StartRolloutRequest,
  StartRolloutRequestSchema,
} from '../../cloud/gen/aisle/fleet/v1/fleet_pb.ts';
import type { HubDatabase, Sql } from '../database.ts';
import { ONLINE_MS } from './rollout-stores.ts';
import { orderOf, stagesOf } from './stages.ts';

/** Versions of rollouts begin behind this one, which stands for the prices before the first of them. */
export const BEFORE_ALL = 1;

export type RolloutKind = 'configuration' | 'prices';
type RolloutState = 'running' | 'completed' | 'rolling_back' | 'rolled_back';

export interface StoredRollout {
  readonly rolloutId: string;
  readonly kind: RolloutKind;
  readonly request: StartRolloutRequest;
  /** Version of its documents: the same at each of its stores, higher than any before. */
  readonly version: number;
  readonly state: RolloutState;
  readonly percent: number;
  readonly stores: number;
  readonly confirmed: number;
  readonly failed: number;
  readonly reason: string;
  readonly looks: number;
  readonly startedMs: number;
  readonly stageMs: number;
  readonly soakFromMs: number | null;
}

export type Begun =
  | { readonly kind: 'begun'; readonly rollout: StoredRollout }
  /** The id was used before for something else. */
  | { readonly kind: 'other' }
  /** Another rollout of its kind is under way at some of its stores. */
  | { readonly kind: 'busy'; readonly rolloutId: string };

/** Rollouts by their id, which is the request's. Every change is one transaction and says from where it leads, so that a repeat changes nothing. */
export interface RolloutBook {
  begin(request: StartRolloutRequest, stores: readonly string[], nowMs: number): Promise<Begun>;
  find(rolloutId: string): Promise<StoredRollout | null>;
  /** Newest first; before this version, null for the newest. */
  page(before: number | null, limit: number): Promise<readonly StoredRollout[]>;
  /** Those that have something left to do. */
  active(): Promise<readonly StoredRollout[]>;
  soak(rollout: StoredRollout, nowMs: number): Promise<void>;
  look(rollout: StoredRollout, looks: number): Promise<void>;
  advance(rollout: StoredRollout, percent: number, nowMs: number): Promise<void>;
  complete(rollout: StoredRollout): Promise<void>;
  halt(rolloutId: string, reason: string): Promise<void>;
  rolledBack(rolloutId: string): Promise<void>;
}

const COLUMNS = `r.rollout_id, r.kind, r.content, r.version, r.state, r.percent, r.stores, r.reason, r.looks,
  extract(epoch FROM r.started_at) * 1000 AS started_ms, extract(epoch FROM r.stage_at) * 1000 AS stage_ms,
  extract(epoch FROM r.soak_from) * 1000 AS soak_ms,
  (SELECT count(*) FROM rollout_store x WHERE x.rollout_id = r.rollout_id AND x.state = 'confirmed') AS confirmed,
  (SELECT count(*) FROM rollout_store x WHERE x.rollout_id = r.rollout_id AND x.state = 'failed') AS failed`;

interface Row {
  readonly rollout_id: string;
  readonly kind: RolloutKind;
  readonly content: Uint8Array;
  readonly version: unknown;
  readonly state: RolloutState;
  readonly percent: number;
  readonly stores: number;
  readonly reason: string;
  readonly looks: number;
  readonly started_ms: unknown;
  readonly stage_ms: unknown;
  readonly soak_ms: unknown;
  readonly confirmed: unknown;
  readonly failed: unknown;
}

export function createRolloutBook(database: HubDatabase): RolloutBook {
  const select = async (sql: Sql, tail: string, parameters: readonly unknown[]) => {
    const rows = await sql.query<Row>(`SELECT ${COLUMNS} FROM rollout r ${tail}`, parameters);
    return rows.map(rolloutOf);
  };
  const find = async (rolloutId: string) =>
    (await select(database, 'WHERE r.rollout_id = $1', [rolloutId]))[0] ?? null;
  return {
    find,
    async begin(request, stores, nowMs) {
      for (;;) {
        const busy = await database.transaction(sql => insert(sql, request, stores, nowMs));
        if (busy !== null) return { kind: 'busy', rolloutId: busy };
        const rollout = await find(request.rolloutId);
        // Another rollout took the version at the same moment: once more, behind it.
        if (!rollout) continue;
        const content = toBinary(StartRolloutRequestSchema, request);
        const isSame = Buffer.compare(toBinary(StartRolloutRequestSchema, rollout.request), content) === 0;
        return isSame ? { kind: 'begun', rollout } : { kind: 'other' };
      }
    },
    page: (before, limit) =>
      select(database, 'WHERE $1::bigint IS NULL OR r.version < $1 ORDER BY r.version DESC LIMIT $2', [
        before,
        limit,
      ]),
    active: () =>
      select(
        database,
        `WHERE r.state IN ('running', 'rolling_back') OR (r.state = 'completed' AND EXISTS (
           SELECT 1 FROM rollout_store x WHERE x.rollout_id = r.rollout_id AND x.state IN ('waiting', 'sent', 'applied')))
         ORDER BY r.version`,
        [],
      ),
    ...stepsOf(database),
  };
}

/** How a rollout goes from one state to the next. */
const stepsOf = (database: HubDatabase): Omit<RolloutBook, 'begin' | 'find' | 'page' | 'active'> => ({
  async soak({ rolloutId, percent }, nowMs) {
    await database.query(
      `UPDATE rollout SET soak_from = to_timestamp($3::float8)
         WHERE rollout_id = $1 AND state = 'running' AND percent = $2 AND soak_from IS NULL`,
      [rolloutId, percent, nowMs / 1000],
    );
  },
  async look({ rolloutId, percent }, looks) {
    await database.query(
      `UPDATE rollout SET looks = greatest(looks, $3) WHERE rollout_id = $1 AND state = 'running' AND percent = $2`,
      [rolloutId, percent, looks],
    );
  },
  advance: ({ rolloutId, percent }, next, nowMs) =>
    database.transaction(async sql => {
      const moved = await sql.query(
        `UPDATE rollout SET percent = $3, stage_at = to_timestamp($4::float8), soak_from = NULL, looks = 0
           WHERE rollout_id = $1 AND state = 'running' AND percent = $2 RETURNING rollout_id`,
        [rolloutId, percent, next, nowMs / 1000],
      );
      if (moved.length > 0) await takeBase(sql, rolloutId, nowMs);
    }),
  async complete({ rolloutId }) {
    await database.query(
      `UPDATE rollout SET state = 'completed' WHERE rollout_id = $1 AND state = 'running'`,
      [rolloutId],
    );
  },
  async halt(rolloutId, reason) {
    await database.query(
      `UPDATE rollout SET state = 'rolling_back', reason = $2 WHERE rollout_id = $1 AND state = 'running'`,
      [rolloutId, reason],
    );
  },
  async rolledBack(rolloutId) {
    await database.query(
      `UPDATE rollout SET state = 'rolled_back' WHERE rollout_id = $1 AND state = 'rolling_back'`,
      [rolloutId],
    );
  },
});

/** Returns the rollout that is in the way; null when there is none, whether or not this one is new. */
async function insert(
  sql: Sql,
  request: StartRolloutRequest,
  stores: readonly string[],
  nowMs: number,
): Promise<string | null> {
  const { rolloutId, change } = request;
  const kind: RolloutKind = change.case === 'prices' ? 'prices' : 'configuration';
  const busy = await sql.query<{ rollout_id: string }>(
    `SELECT r.rollout_id FROM rollout r JOIN rollout_store x ON x.rollout_id = r.rollout_id
     WHERE r.kind = $1 AND r.state IN ('running', 'rolling_back') AND r.rollout_id <> $2 AND x.store = ANY($3::text[])
     LIMIT 1`,
    [kind, rolloutId, stores],
  );
  if (busy[0]) return busy[0].rollout_id;
  // A store whose claim is out of all bounds does not use up the versions of the others.
  const made = await sql.query<{ version: unknown }>(
    `INSERT INTO rollout (rollout_id, kind, content, version, state, percent, stores, started_at, stage_at)
     SELECT $1, $2, $3, 1 + greatest(${BEFORE_ALL}, (SELECT coalesce(max(version), 0) FROM rollout),
       (SELECT coalesce(max(config_version), 0) FROM store WHERE config_version < 1000000000000)),
       'running', $4, $5, to_timestamp($6::float8), to_timestamp($6::float8)
     ON CONFLICT DO NOTHING RETURNING version`,
    [
      rolloutId,
      kind,
      toBinary(StartRolloutRequestSchema, request),
      stagesOf(stores.length)[0]!.percent,
      stores.length,
      nowMs / 1000,
    ],
  );
  if (!made[0]) return null;
  await sql.query(
    `INSERT INTO rollout_store (store, rollout_id, rank, version, kind)
     SELECT s.store, $2, s.place - 1, $3, $4 FROM unnest($1::text[]) WITH ORDINALITY AS s (store, place)`,
    [orderOf(rolloutId, stores), rolloutId, Number(made[0].version), kind],
  );
  await takeBase(sql, rolloutId, nowMs);
  return null;
}

/** How each store is when a stage begins. One that is not heard of has no such figures. */
async function takeBase(sql: Sql, rolloutId: string, nowMs: number): Promise<void> {
  await sql.query(
    `UPDATE rollout_store x SET base_errors = s.errors_total, base_discrepancies = s.discrepancies_total,
     base_offline = s.devices_offline, base_pending = s.pending_events,
     base_at = CASE WHEN w.heard_at > to_timestamp($3::float8) THEN to_timestamp($2::float8) ELSE NULL END
     FROM store s JOIN watermark w ON w.store = s.store AND w.epoch = s.epoch
     WHERE x.rollout_id = $1 AND s.store = x.store`,
    [rolloutId, nowMs / 1000, (nowMs - ONLINE_MS) / 1000],
  );
}

const rolloutOf = (row: Row): StoredRollout => ({
  rolloutId: row.rollout_id,
  kind: row.kind,
  request: fromBinary(StartRolloutRequestSchema, row.content),
  version: Number(row.version),
  state: row.state,
  percent: row.percent,
  stores: row.stores,
  confirmed: Number(row.confirmed),
  failed: Number(row.failed),
  reason: row.reason,
  looks: row.looks,
  startedMs: Number(row.started_ms),
  stageMs: Number(row.stage_ms),
  soakFromMs: row.soak_ms === null ? null : Number(row.soak_ms),
});
