import type { Projection } from './projection.ts';

/**
 * What queries join to the log changes with the policies, in the same transaction. These are rows of the site, which a
 * start writes anew, and not sums of the log; so the base has none of them.
 */
export const configurationProjection: Projection = {
  tables: [],
  prepare(connection, fold) {
    const safetyStock = connection.prepare(
      `UPDATE meta SET value = CAST(? ->> '$.stock.safetyStock' AS TEXT) WHERE key = 'safety_stock'`,
    );
    const coldLimits = connection.prepare(`
      UPDATE site_cold_unit SET
        min_celsius = @policies ->> ('$.coldChain.' || temperature_class || '.minCelsius'),
        max_celsius = @policies ->> ('$.coldChain.' || temperature_class || '.maxCelsius')`);
    return ({ fact }) => {
      if (fact.type !== 'configuration' || fold === 'base_') return;
      const policies = JSON.stringify(fact.policies);
      safetyStock.run(policies);
      coldLimits.run({ policies });
    };
  },
  forget: () => [],
};
