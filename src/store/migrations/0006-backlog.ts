/** What the backlog gave up, and outages without a receipt yet. */
export const sql = `
-- Runs of events that are gone, so that the sequence has no hole. They do not overlap.
CREATE TABLE discard (
  first_seq INTEGER PRIMARY KEY,
  last_seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- The event that holds the sum of these; null when they are lost.
  into_seq INTEGER,
  event_time_ms INTEGER NOT NULL,
  received_time_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX discard_into ON discard (into_seq) WHERE into_seq IS NOT NULL;

-- Finds the oldest of what may be given up without a walk through everything else.
CREATE INDEX event_to_shed ON event (type, seq) WHERE type IN ('footfall', 'temperature', 'device');

CREATE TABLE outage (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  from_ms INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  -- Null while the link is down.
  last_seq INTEGER,
  -- When the last event was acknowledged; null before. From then on the row waits for its receipt.
  to_ms INTEGER
) STRICT;
`;
