/**
 * Several receivers on one database: which of them live, where each store's stream ends, commands on their way between two of
 * them, and work that one of them does for all.
 */
export const receivers = `
CREATE TABLE receiver (
  receiver text PRIMARY KEY,
  until timestamptz NOT NULL
);
CREATE TABLE store_link (
  store text PRIMARY KEY,
  receiver text NOT NULL,
  stream text NOT NULL,
  since timestamptz NOT NULL
);
CREATE INDEX store_link_of_receiver ON store_link (receiver);
CREATE TABLE passed_command (
  store text NOT NULL,
  call text NOT NULL,
  receiver text NOT NULL,
  asked_by text NOT NULL,
  command bytea NOT NULL,
  until timestamptz NOT NULL,
  taken boolean NOT NULL DEFAULT false,
  outcome text,
  result bytea,
  PRIMARY KEY (store, call)
);
CREATE INDEX passed_command_waiting ON passed_command (receiver) WHERE NOT taken;
CREATE TABLE duty (
  duty text PRIMARY KEY,
  receiver text NOT NULL,
  until timestamptz NOT NULL
)`;
