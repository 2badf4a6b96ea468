import type { Database } from './database.ts';
import { createColdQueries } from './queries/cold-queries.ts';
import { createDeviceQueries } from './queries/device-queries.ts';
import { createExplanationQueries } from './queries/explanation-queries.ts';
import { createFootfallQueries } from './queries/footfall-queries.ts';
import { createMovementQueries } from './queries/movement-queries.ts';
import { createReservationQueries } from './queries/reservation-queries.ts';
import { createShelfQueries } from './queries/shelf-queries.ts';
import { createShelfWorkQueries } from './queries/shelf-work-queries.ts';
import { createStockQueries } from './queries/stock-queries.ts';
import type { LiveSource, Queries } from './views.ts';

export { writeReference } from './reference-rows.ts';

/**
 * Reads for the API and the dashboard. Each call sees what is committed, joined to the latest values from
 * `live`; `nowMs` (Unix ms) decides which temporary reservations still hold units.
 */
export function createQueries(database: Database, live: LiveSource, nowMs: () => number): Queries {
  const stock = createStockQueries(database, nowMs);
  const shelves = createShelfQueries(database);
  return {
    ...stock,
    ...createMovementQueries(database),
    ...createReservationQueries(database, nowMs),
    ...shelves,
    ...createExplanationQueries(database, { ...stock, ...shelves }, nowMs),
    ...createShelfWorkQueries(database, stock, nowMs),
    ...createDeviceQueries(database, live),
    ...createColdQueries(database, live),
    ...createFootfallQueries(database, live),
  };
}
