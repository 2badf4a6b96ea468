/** The store's wall clock, for whoever is told when something happened there. */
export const placeTables = `ALTER TABLE store_place ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC'`;
