/**
 * Events by day of receipt (UTC), so that retention is the dropping of whole days. PostgreSQL wants the day in the key; that an
 * event is stored once is the watermark's doing, which also keeps the identity of its last event when the event is gone. What
 * was stored before this step becomes one partition together with the day of the step.
 */
export const eventDays = `
ALTER TABLE watermark ADD COLUMN acked_digest bytea;
ALTER TABLE event RENAME TO event_first;
ALTER TABLE event_first DROP CONSTRAINT event_pkey;
ALTER TABLE event_first ADD COLUMN day date NOT NULL DEFAULT (now() AT TIME ZONE 'utc')::date;
ALTER TABLE event_first ALTER COLUMN day DROP DEFAULT;
ALTER TABLE event_first ADD PRIMARY KEY (store, epoch, seq, day);
CREATE TABLE event (
  store text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  type text NOT NULL,
  event_time timestamptz,
  received_time timestamptz,
  body bytea NOT NULL,
  day date NOT NULL,
  PRIMARY KEY (store, epoch, seq, day)
) PARTITION BY RANGE (day);
ALTER TABLE event ATTACH PARTITION event_first
  FOR VALUES FROM (MINVALUE) TO ((now() AT TIME ZONE 'utc')::date + 1)`;

/** CockroachDB has no such partitions: there a day is a column with an index, and its rows are deleted. */
export const eventDaysPlain = `
ALTER TABLE watermark ADD COLUMN acked_digest bytea;
ALTER TABLE event ADD COLUMN day date NOT NULL DEFAULT (now() AT TIME ZONE 'utc')::date;
CREATE INDEX event_of_day ON event (day, store)`;
