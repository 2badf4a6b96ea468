/** A day of each item, and the counts that were made before counts were kept as the latest of their place. */
const itemDay = (fold: '' | 'base_') => `
CREATE TABLE ${fold}item_day (
  day TEXT NOT NULL,
  gtin TEXT NOT NULL,
  facing_minutes INTEGER NOT NULL,
  stocked_minutes INTEGER NOT NULL,
  sold_units INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (day, gtin)
) STRICT, WITHOUT ROWID;
`;

const knownCounts = `
INSERT OR REPLACE INTO latest_fact (subject, seq, event_time_ms, fact)
SELECT 'count ' || (fact ->> 'gtin') || ' ' || (fact ->> 'place'), seq, event_time_ms, fact
FROM event WHERE type = 'count' ORDER BY seq;
`;

export const sql = itemDay('') + itemDay('base_') + knownCounts;
