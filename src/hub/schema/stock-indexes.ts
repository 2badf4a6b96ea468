/**
 * For questions about stock: reservations that hold units, of which those that ended are many more, and the stores' own word on an
 * item over all of them.
 */
export const stockIndexes = `
DROP INDEX reservation_open;
CREATE INDEX reservation_holding ON reservation (store, epoch)
  WHERE state IN ('temporary', 'pending', 'confirmed', 'staged');
CREATE INDEX live_stock_of_item ON live_stock (gtin, store)`;
