/** What stores say of themselves as columns, so that many can be compared; and rollouts, with what each store was told and had before. */
export const fleet = `
ALTER TABLE store ADD COLUMN errors_total bigint NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN discrepancies_total bigint NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN devices integer NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN devices_offline integer NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN pending_events bigint NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN is_confirmed boolean NOT NULL DEFAULT false;
ALTER TABLE store ADD COLUMN config_version bigint NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN config_hash text NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN price_list text NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN config_since timestamptz;
ALTER TABLE store ADD COLUMN word_at timestamptz;
CREATE TABLE rollout (
  rollout_id text PRIMARY KEY,
  kind text NOT NULL,
  content bytea NOT NULL,
  version bigint NOT NULL UNIQUE,
  state text NOT NULL,
  percent integer NOT NULL,
  stores integer NOT NULL,
  reason text NOT NULL DEFAULT '',
  looks integer NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL,
  stage_at timestamptz NOT NULL,
  soak_from timestamptz
);
CREATE TABLE rollout_store (
  store text NOT NULL,
  rollout_id text NOT NULL,
  rank integer NOT NULL,
  version bigint NOT NULL,
  kind text NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  reason text NOT NULL DEFAULT '',
  undo text NOT NULL DEFAULT 'no',
  sent_at timestamptz,
  applied_at timestamptz,
  undone_at timestamptz,
  hash text NOT NULL DEFAULT '',
  before_version bigint NOT NULL DEFAULT 0,
  before_hash text NOT NULL DEFAULT '',
  before_list text NOT NULL DEFAULT '',
  before_prices jsonb NOT NULL DEFAULT '[]',
  base_at timestamptz,
  base_errors bigint NOT NULL DEFAULT 0,
  base_discrepancies bigint NOT NULL DEFAULT 0,
  base_offline integer NOT NULL DEFAULT 0,
  base_pending bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (store, rollout_id)
);
CREATE INDEX rollout_store_rank ON rollout_store (rollout_id, rank)`;
