/**
 * The index over movements as EPCIS events, which are read from `event` itself, and the events of other parties, which are kept
 * whole. One event of an id, whoever sent it: so the id is the key.
 */
export const epcisTables = `
ALTER TABLE feed_consumer ADD COLUMN seq bigint NOT NULL DEFAULT 0;
CREATE TABLE epcis_event (
  event_id text PRIMARY KEY,
  event_type text NOT NULL,
  event_time timestamptz NOT NULL,
  zone_offset text NOT NULL,
  record_time timestamptz NOT NULL,
  action text,
  biz_step text,
  disposition text,
  read_point text,
  biz_location text,
  epcs text[] NOT NULL,
  classes text[] NOT NULL,
  store text,
  epoch text,
  seq bigint,
  doc jsonb,
  digest text,
  captured_by text
);
CREATE INDEX epcis_event_time ON epcis_event (event_time, event_id);
CREATE INDEX epcis_event_recorded ON epcis_event (record_time, event_id);
CREATE INDEX epcis_event_location ON epcis_event (biz_location, event_time, event_id);
CREATE TABLE epcis_capture (
  capture_id text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  success boolean NOT NULL,
  behaviour text NOT NULL,
  errors jsonb NOT NULL,
  captured_by text NOT NULL
);
CREATE INDEX epcis_capture_created ON epcis_capture (created_at, capture_id)`;

/** Where an item has been is what partners ask most. */
export const epcisByItem = 'CREATE INDEX epcis_event_classes ON epcis_event USING gin (classes)';
