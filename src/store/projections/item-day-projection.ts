import type { Projection } from './projection.ts';

/** How long each item stood on its shelves and what it sold, by day, for as long as the log goes back. */
export const itemDayProjection: Projection = {
  tables: ['item_day'],
  prepare(connection, fold) {
    const keep = connection.prepare(`
      INSERT OR REPLACE INTO ${fold}item_day (day, gtin, facing_minutes, stocked_minutes, sold_units, seq)
      VALUES (?, ?, ?, ?, ?, ?)`);
    return ({ fact, seq }) => {
      if (fact.type !== 'item_day') return;
      keep.run(fact.day, fact.gtin, fact.facingMinutes, fact.stockedMinutes, Math.round(fact.soldUnits), seq);
    };
  },
  forget: fold => [`DELETE FROM ${fold}item_day WHERE seq <= ?`],
};
