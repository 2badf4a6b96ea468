import type { Database } from '../database.ts';
import type { FootfallBinView, Queries } from '../views.ts';

const MINUTE_MS = 60_000;

/** People through each door in bins of whole minutes, aligned to the Unix epoch. Empty bins are left out. */
export function createFootfallQueries({ connection }: Database): Pick<Queries, 'footfall'> {
  const bins = connection.prepare<[{ sinceMs: number; binMs: number }], FootfallBinView>(`
    SELECT door, minute_ms - minute_ms % CAST(@binMs AS INTEGER) AS startMs,
      sum(people_in) AS "in", sum(people_out) AS "out"
    FROM footfall_minute WHERE minute_ms >= @sinceMs GROUP BY startMs, door ORDER BY startMs, door`);
  return {
    footfall: (sinceMs, binMinutes) =>
      bins.all({ sinceMs, binMs: Math.max(1, Math.round(binMinutes)) * MINUTE_MS }),
  };
}
