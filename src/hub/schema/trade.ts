/** What an order asks for stays quick however many reservations and leases have ended. */
export const trade = `
CREATE INDEX lease_grant_open ON lease_grant (store, gtin) WHERE state = 'granted';
CREATE INDEX store_place_latitude ON store_place (latitude)`;
