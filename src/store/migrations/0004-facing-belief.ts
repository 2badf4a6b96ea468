/** How sure each facing's count is. `contents` is JSON: what its plates hold possible; null where they do not tell. */
export const sql = `
CREATE TABLE facing_belief (
  facing TEXT PRIMARY KEY,
  gtin TEXT NOT NULL,
  best INTEGER NOT NULL,
  probability REAL NOT NULL,
  contents TEXT,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
