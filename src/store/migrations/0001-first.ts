/**
 * Folds of the log exist twice: the live tables hold everything up to the last event, the `base_` tables
 * hold the events that were trimmed from the log. Live = base + log, so that live can always be rebuilt.
 */
const stockFolds = (fold: '' | 'base_') => `
CREATE TABLE ${fold}balance (
  gtin TEXT NOT NULL,
  place TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (gtin, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE ${fold}reservation (
  reservation TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  lines TEXT NOT NULL,
  expires_at_ms INTEGER,
  reason TEXT,
  created_seq INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ${fold}reserved (
  gtin TEXT NOT NULL,
  reservation TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  expires_at_ms INTEGER,
  PRIMARY KEY (gtin, reservation)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${fold}reserved_by_reservation ON ${fold}reserved (reservation);
`;

const coldFolds = (fold: '' | 'base_') => `
CREATE TABLE ${fold}temperature_minute (
  seq INTEGER PRIMARY KEY,
  unit TEXT NOT NULL,
  point TEXT NOT NULL,
  minute_ms INTEGER NOT NULL,
  good_samples INTEGER NOT NULL,
  min_celsius REAL,
  mean_celsius REAL,
  max_celsius REAL
) STRICT;
CREATE INDEX ${fold}temperature_by_unit ON ${fold}temperature_minute (unit, minute_ms);

CREATE TABLE ${fold}cold_alarm (
  unit TEXT NOT NULL,
  device TEXT NOT NULL,
  alarm TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  celsius REAL,
  limit_celsius REAL,
  PRIMARY KEY (unit, device, alarm)
) STRICT, WITHOUT ROWID;
`;

const otherFolds = (fold: '' | 'base_') => `
CREATE TABLE ${fold}footfall_minute (
  seq INTEGER PRIMARY KEY,
  door TEXT NOT NULL,
  minute_ms INTEGER NOT NULL,
  people_in INTEGER NOT NULL,
  people_out INTEGER NOT NULL
) STRICT;
CREATE INDEX ${fold}footfall_by_time ON ${fold}footfall_minute (minute_ms);

CREATE TABLE ${fold}price (
  gtin TEXT PRIMARY KEY,
  price_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  version TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ${fold}label_state (
  label TEXT PRIMARY KEY,
  gtin TEXT NOT NULL,
  state TEXT NOT NULL,
  detail TEXT,
  changed_at_ms INTEGER NOT NULL,
  shown_gtin TEXT,
  shown_minor INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE ${fold}command_outbox (
  id TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  device TEXT NOT NULL,
  name TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ${fold}command_of_device ON ${fold}command_outbox (device, name);
CREATE INDEX ${fold}command_in_order ON ${fold}command_outbox (seq);

CREATE TABLE ${fold}device_state (
  device TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  reason TEXT,
  since_ms INTEGER NOT NULL,
  seen_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE ${fold}latest_fact (
  subject TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  event_time_ms INTEGER NOT NULL,
  fact TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

const log = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  type TEXT NOT NULL,
  class TEXT NOT NULL,
  event_time_ms INTEGER NOT NULL,
  received_time_ms INTEGER NOT NULL,
  -- Movements: the previous movement of the same GTIN. The newest is in balance, so a GTIN's history is a walk
  -- along this chain. An index by GTIN would touch a page per movement and halve the rate of commits.
  previous_seq INTEGER,
  fact TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_time ON event (event_time_ms);

CREATE TABLE document_key (key TEXT PRIMARY KEY, hash TEXT NOT NULL, seq INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE plate (
  device TEXT NOT NULL,
  plate INTEGER NOT NULL,
  baseline_grams REAL NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (device, plate)
) STRICT, WITHOUT ROWID;

CREATE TABLE sync_cursor (peer TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

const site = `
CREATE TABLE site_item (
  gtin TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  temperature_class TEXT NOT NULL,
  price_minor INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX site_item_by_name ON site_item (name, gtin, temperature_class);

CREATE TABLE site_facing (
  facing TEXT NOT NULL UNIQUE,
  fixture TEXT NOT NULL,
  shelf TEXT NOT NULL,
  position INTEGER NOT NULL,
  gtin TEXT NOT NULL,
  capacity INTEGER NOT NULL,
  minimum INTEGER NOT NULL,
  device TEXT,
  label TEXT,
  PRIMARY KEY (fixture, shelf, position, facing)
) STRICT, WITHOUT ROWID;

CREATE INDEX site_facing_of_item ON site_facing (gtin);
CREATE INDEX site_facing_of_label ON site_facing (label) WHERE label IS NOT NULL;

CREATE TABLE site_device (
  device TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  model TEXT NOT NULL,
  kind TEXT NOT NULL,
  protocol TEXT NOT NULL,
  bound_to TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site_cold_unit (
  unit TEXT NOT NULL,
  device TEXT NOT NULL,
  temperature_class TEXT NOT NULL,
  min_celsius REAL NOT NULL,
  max_celsius REAL NOT NULL,
  PRIMARY KEY (unit, device)
) STRICT, WITHOUT ROWID;
`;

const folds = (fold: '' | 'base_') => stockFolds(fold) + coldFolds(fold) + otherFolds(fold);

export const sql = log + folds('') + folds('base_') + site;
