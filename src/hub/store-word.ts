import { toBinary } from '@bufbuild/protobuf';
import { ConfigStateSchema, StoreHealthSchema } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Sql } from './database.ts';
import { gathered } from './gathered.ts';
import type { EventLedger, LogName, StoreWord } from './ledger.ts';
import { type Columns, rowsOf } from './sql-effects.ts';

interface Word {
  readonly log: LogName;
  readonly word: StoreWord;
  readonly heardMs: number;
}

const MOST_AT_ONCE = 500;
const LARGEST_COUNT = 2_000_000_000;
const LARGEST_VERSION = 2n ** 63n - 1n;
const LONGEST_NAME = 200;

/**
 * Keeps that stores were heard, and what they said of themselves: the messages as they came, and the figures that stores are compared
 * by. What comes from many stores while one statement is under way is the next one.
 */
export function createStoreWords(sql: Sql): EventLedger['noteHeard'] {
  const note = gathered(MOST_AT_ONCE, async (words: readonly Word[]) => {
    // A statement changes a row once, so a second word of the same store is for the next one.
    for (let rest = words; rest.length > 0; ) {
      const firsts = new Map(rest.toReversed().map(word => [word.log.store, word]));
      await put(sql, [...firsts.values()]);
      rest = rest.filter(word => firsts.get(word.log.store) !== word);
    }
    return words;
  });
  return async (log, word, heardMs) => void (await note({ log, word, heardMs }));
}

/** What a store says may be anything; what a column takes is bounded. */
const count = (figure: number) => Math.min(figure, LARGEST_COUNT);
const name = (text: string) => text.replaceAll('\0', '\uFFFD').slice(0, LONGEST_NAME);
const capped = (version: bigint) => String(version > LARGEST_VERSION ? LARGEST_VERSION : version);

const WORD: Columns<Word> = {
  store: ['text', ({ log }) => log.store],
  epoch: ['text', ({ log }) => log.epoch],
  heard: ['float8', ({ heardMs }) => heardMs / 1000],
  health: ['bytea', ({ word }) => (word.health ? toBinary(StoreHealthSchema, word.health) : null)],
  config: ['bytea', ({ word }) => (word.config ? toBinary(ConfigStateSchema, word.config) : null)],
  errors: ['bigint', ({ word }) => count(word.health?.errors ?? 0)],
  discrepancies: ['bigint', ({ word }) => count(word.health?.discrepancies ?? 0)],
  devices: ['integer', ({ word }) => (word.health ? count(word.health.devices) : null)],
  offline: [
    'integer',
    ({ word: { health } }) => (health ? count(Math.max(0, health.devices - health.devicesOnline)) : null),
  ],
  pending: ['bigint', ({ word }) => (word.health ? count(Number(word.health.pendingEvents)) : null)],
  confirmed: ['boolean', ({ word }) => word.health?.confirmed ?? null],
  version: ['bigint', ({ word }) => (word.config ? capped(word.config.version) : null)],
  hash: ['text', ({ word }) => (word.config ? name(word.config.effectiveHash) : null)],
  list: ['text', ({ word }) => (word.config ? name(word.config.priceListVersion) : null)],
};

/** Being confirmed is said of a configuration, so it ends with that configuration. */
async function put(sql: Sql, words: readonly Word[]): Promise<void> {
  const values: unknown[] = [];
  await sql.query(
    `WITH word AS (SELECT * FROM ${rowsOf(value => `$${values.push(value)}`, words, WORD)}), heard AS (
       UPDATE watermark w SET heard_at = to_timestamp(x.heard) FROM word x WHERE w.store = x.store AND w.epoch = x.epoch
     )
     UPDATE store s SET health = coalesce(x.health, s.health), config = coalesce(x.config, s.config),
     errors_total = s.errors_total + x.errors, discrepancies_total = s.discrepancies_total + x.discrepancies,
     devices = coalesce(x.devices, s.devices), devices_offline = coalesce(x.offline, s.devices_offline),
     pending_events = coalesce(x.pending, s.pending_events),
     is_confirmed = coalesce(x.confirmed, s.is_confirmed AND coalesce(x.version, s.config_version) = s.config_version),
     config_since = CASE WHEN x.version IS NULL OR (x.version = s.config_version AND x.hash = s.config_hash)
       THEN s.config_since ELSE to_timestamp(x.heard) END,
     config_version = coalesce(x.version, s.config_version), config_hash = coalesce(x.hash, s.config_hash),
     price_list = coalesce(x.list, s.price_list), word_at = to_timestamp(x.heard)
     FROM word x WHERE s.store = x.store AND (x.health IS NOT NULL OR x.config IS NOT NULL)`,
    values,
  );
}
