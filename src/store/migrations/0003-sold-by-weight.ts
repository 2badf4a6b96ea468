/** What is sold by weight: null for what is sold by the piece. The index still covers the list of all items. */
export const sql = `
ALTER TABLE site_item ADD COLUMN piece_grams REAL;
DROP INDEX site_item_by_name;
CREATE INDEX site_item_by_name ON site_item (name, gtin, temperature_class, piece_grams);
`;
