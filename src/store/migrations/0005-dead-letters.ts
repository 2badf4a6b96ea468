/** Events that the cloud could not use, until they are sent again and taken. */
export const sql = `
CREATE TABLE dead_letter (
  seq INTEGER PRIMARY KEY,
  event_time_ms INTEGER NOT NULL,
  received_time_ms INTEGER NOT NULL,
  fact TEXT NOT NULL,
  reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
`;
