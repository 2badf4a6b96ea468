import { toBinary } from '@bufbuild/protobuf';
import { ConfigStateSchema, StoreHealthSchema } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Sql } from './database.ts';
import type { StoreWord } from './ledger.ts';

const LARGEST_COUNT = 2_000_000_000;
const LARGEST_VERSION = 2n ** 63n - 1n;
const LONGEST_NAME = 200;

/**
 * Keeps what a store said of itself: the messages as they came, and the figures that stores are compared by. Being confirmed is said
 * of a configuration, so it ends with that configuration.
 */
export async function noteWord(
  sql: Sql,
  store: string,
  { health, config }: StoreWord,
  nowMs: number,
): Promise<void> {
  if (!health && !config) return;
  await sql.query(
    `UPDATE store SET health = coalesce($2::bytea, health), config = coalesce($3::bytea, config),
     errors_total = errors_total + $4::bigint, discrepancies_total = discrepancies_total + $5::bigint,
     devices = coalesce($6::integer, devices), devices_offline = coalesce($7::integer, devices_offline),
     pending_events = coalesce($8::bigint, pending_events),
     is_confirmed = coalesce($9::boolean, is_confirmed AND coalesce($10::bigint, config_version) = config_version),
     config_since = CASE WHEN $10::bigint IS NULL OR ($10 = config_version AND $11::text = config_hash)
       THEN config_since ELSE to_timestamp($13::float8) END,
     config_version = coalesce($10::bigint, config_version), config_hash = coalesce($11::text, config_hash),
     price_list = coalesce($12::text, price_list), word_at = to_timestamp($13::float8)
     WHERE store = $1`,
    [
      store,
      health ? toBinary(StoreHealthSchema, health) : null,
      config ? toBinary(ConfigStateSchema, config) : null,
      health ? count(health.errors) : 0,
      health ? count(health.discrepancies) : 0,
      health ? count(health.devices) : null,
      health ? count(Math.max(0, health.devices - health.devicesOnline)) : null,
      health ? count(Number(health.pendingEvents)) : null,
      health ? health.confirmed : null,
      config ? String(config.version > LARGEST_VERSION ? LARGEST_VERSION : config.version) : null,
      config ? name(config.effectiveHash) : null,
      config ? name(config.priceListVersion) : null,
      nowMs / 1000,
    ],
  );
}

/** What a store says may be anything; what a column takes is bounded. */
const count = (figure: number) => Math.min(figure, LARGEST_COUNT);
const name = (text: string) => text.replaceAll('\0', '\uFFFD').slice(0, LONGEST_NAME);
