/**
 * The order in which other systems are told of events (`src/hub/feed/`). `feed` names runs of events in the order in which
 * they were found to be committed; `feed_late` are events that were repaired below what is fed already.
 */
export const feedTables = `
CREATE TABLE feed_head (
  one integer PRIMARY KEY,
  position bigint NOT NULL,
  trimmed bigint NOT NULL,
  looked_at timestamptz NOT NULL
);
INSERT INTO feed_head (one, position, trimmed, looked_at) VALUES (1, 0, 0, to_timestamp(0));
CREATE TABLE feed (
  position bigint PRIMARY KEY,
  store text NOT NULL,
  epoch text NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  since timestamptz NOT NULL,
  noted_at timestamptz NOT NULL
);
CREATE INDEX feed_of_store ON feed (store, position);
CREATE TABLE feed_mark (
  store text NOT NULL,
  epoch text NOT NULL,
  fed_seq bigint NOT NULL,
  PRIMARY KEY (store, epoch)
);
CREATE TABLE feed_late (
  store text NOT NULL,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (store, epoch, seq)
);
CREATE TABLE feed_consumer (
  consumer text PRIMARY KEY,
  position bigint NOT NULL,
  seen_at timestamptz NOT NULL
)`;
