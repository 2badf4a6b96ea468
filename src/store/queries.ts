import type { Database } from './database.ts';
import { createColdQueries } from './queries/cold-queries.ts';
import { createDeviceQueries } from './queries/device-queries.ts';
import { createFootfallQueries } from './queries/footfall-queries.ts';
import { createMovementQueries } from './queries/movement-queries.ts';
import { createReservationQueries } from './queries/reservation-queries.ts';
import { createShelfQueries } from './queries/shelf-queries.ts';
import { createStockQueries } from './queries/stock-queries.ts';
import type { LiveSource, Queries } from './views.ts';

export { writeReference } from './reference-rows.ts';

/**
 * Reads for the API and the dashboard. Each call sees what is committed, joined to the latest values from
 * `live`; `nowMs` (Unix ms) decides which temporary reservations still hold units.
 */
export function createQueries(database: Database, live: LiveSource, nowMs: () => number): Queries {
  return {
    ...createStockQueries(database, nowMs),
    ...createMovementQueries(database),
    ...createReservationQueries(database, nowMs),
    ...createShelfQueries(database),
    ...createDeviceQueries(database, live),
    ...createColdQueries(database, live),
    ...createFootfallQueries(database, live),
  };
}
