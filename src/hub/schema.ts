import { epcisByItem, epcisTables } from './schema/epcis.ts';
import { eventDays, eventDaysPlain } from './schema/event-days.ts';
import { feedTables } from './schema/feed.ts';
import { fleet } from './schema/fleet.ts';
import { owedReleaseDue } from './schema/owed-release-due.ts';
import { owedReleases } from './schema/owed-releases.ts';
import { placeTables } from './schema/places.ts';
import { receivers } from './schema/receivers.ts';
import { stockIndexes } from './schema/stock-indexes.ts';
import { trade } from './schema/trade.ts';

/**
 * The hub's tables. The store stands first in every key, so that stores can be spread over many machines. Everything but
 * `event` is a fold of it. What belongs to a store's log also has its epoch: a new log is folded from nothing.
 */
const first = `
CREATE TABLE store (
  store text PRIMARY KEY,
  epoch text NOT NULL,
  version text NOT NULL,
  last_seq bigint NOT NULL
);
CREATE TABLE watermark (
  store text NOT NULL,
  epoch text NOT NULL,
  acked_seq bigint NOT NULL DEFAULT 0,
  event_count bigint NOT NULL DEFAULT 0,
  quarantined_count bigint NOT NULL DEFAULT 0,
  heard_at timestamptz NOT NULL,
  PRIMARY KEY (store, epoch)
);
CREATE TABLE event (
  store text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  event_time timestamptz,
  received_time timestamptz,
  body bytea NOT NULL,
  PRIMARY KEY (store, epoch, seq)
);
CREATE TABLE quarantine (
  store text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  digest text NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (store, epoch, seq, digest)
);
CREATE TABLE stock (
  store text NOT NULL,
  epoch text NOT NULL,
  gtin text NOT NULL,
  place text NOT NULL,
  quantity bigint NOT NULL,
  PRIMARY KEY (store, epoch, gtin, place)
);
CREATE INDEX stock_of_item ON stock (gtin, store);
CREATE TABLE reservation (
  store text NOT NULL,
  epoch text NOT NULL,
  reservation text NOT NULL,
  state text NOT NULL,
  lines jsonb NOT NULL,
  expires_at timestamptz,
  seq bigint NOT NULL,
  PRIMARY KEY (store, epoch, reservation)
);
CREATE INDEX reservation_open ON reservation (store, epoch) WHERE state IN ('temporary', 'pending');
CREATE TABLE price (
  store text NOT NULL,
  epoch text NOT NULL,
  gtin text NOT NULL,
  price_minor bigint NOT NULL,
  currency text NOT NULL,
  list_version text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (store, epoch, gtin)
);
CREATE TABLE command (
  store text NOT NULL,
  request_id text NOT NULL,
  body bytea NOT NULL,
  asked_at timestamptz NOT NULL,
  result bytea,
  PRIMARY KEY (store, request_id)
)`;

/** What the store says beside its events, what it could not send, and what it lets the cloud sell alone. */
const second = `
ALTER TABLE watermark ADD COLUMN skipped_count bigint NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN reason text NOT NULL DEFAULT 'the same number came again with other content';
ALTER TABLE quarantine ADD COLUMN unfit boolean NOT NULL DEFAULT false;
ALTER TABLE store ADD COLUMN health bytea;
ALTER TABLE store ADD COLUMN config bytea;
CREATE TABLE live_stock (
  store text NOT NULL,
  epoch text NOT NULL,
  gtin text NOT NULL,
  as_of_seq bigint NOT NULL,
  places jsonb NOT NULL,
  available bigint NOT NULL,
  confidence float8 NOT NULL,
  PRIMARY KEY (store, epoch, gtin)
);
CREATE TABLE lease (
  store text NOT NULL,
  epoch text NOT NULL,
  lease text NOT NULL,
  gtin text NOT NULL,
  granted bigint NOT NULL,
  sold bigint NOT NULL,
  state text NOT NULL,
  expires_at timestamptz,
  seq bigint NOT NULL,
  PRIMARY KEY (store, epoch, lease)
)`;

/** Where stores are, what shops ordered through the hub, and what was promised out of leases while a store was away. */
const third = `
CREATE TABLE store_place (
  store text PRIMARY KEY,
  name text NOT NULL,
  latitude float8 NOT NULL,
  longitude float8 NOT NULL
);
CREATE TABLE shortage (
  store text NOT NULL,
  epoch text NOT NULL,
  reservation text NOT NULL,
  gtin text NOT NULL,
  missing bigint NOT NULL,
  PRIMARY KEY (store, epoch, reservation, gtin)
);
CREATE TABLE shop_order (
  order_id text PRIMARY KEY,
  content bytea NOT NULL,
  state text NOT NULL,
  store text,
  reservations jsonb NOT NULL DEFAULT '[]',
  distance_km float8,
  leased boolean NOT NULL DEFAULT false,
  reason text NOT NULL DEFAULT '',
  placed_at timestamptz NOT NULL
);
CREATE INDEX shop_order_placed ON shop_order (placed_at);
CREATE TABLE lease_grant (
  store text NOT NULL,
  lease text NOT NULL,
  gtin text NOT NULL,
  granted bigint NOT NULL,
  state text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (store, lease)
);
CREATE TABLE lease_sale (
  store text NOT NULL,
  lease text NOT NULL,
  reservation text NOT NULL,
  quantity bigint NOT NULL,
  reported boolean NOT NULL DEFAULT false,
  sold_at timestamptz NOT NULL,
  PRIMARY KEY (store, lease, reservation)
)`;

/** Tokens that were used up. */
const fourth = `
CREATE TABLE enrolment (
  store text NOT NULL,
  token text NOT NULL,
  enrolled_at timestamptz NOT NULL,
  PRIMARY KEY (store, token)
)`;

/** Receipts of outages, and whether they agree with what is stored. */
const fifth = `
CREATE TABLE receipt (
  store text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  verdict text NOT NULL DEFAULT 'unchecked',
  reason text NOT NULL DEFAULT '',
  PRIMARY KEY (store, epoch, seq)
)`;

/** What a database divides a table into, beyond what all of them know. */
export type Engine = 'postgresql' | 'cockroachdb';

/** Each step once, in order. A step that was released is never edited. */
export const SCHEMA_STEPS: readonly (string | Readonly<Record<Engine, string>>)[] = [
  first,
  second,
  third,
  fourth,
  fifth,
  fleet,
  feedTables,
  receivers,
  { postgresql: eventDays, cockroachdb: eventDaysPlain },
  placeTables,
  epcisTables,
  stockIndexes,
  trade,
  owedReleases,
  owedReleaseDue,
  epcisByItem,
];
