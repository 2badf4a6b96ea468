/** Reservations that a store may hold for an order that went elsewhere, or nowhere, until it has heard so. */
export const owedReleases = `
CREATE TABLE owed_release (
  store text NOT NULL,
  order_id text NOT NULL,
  PRIMARY KEY (store, order_id)
)`;
