import type { Database } from '../database.ts';
import type { FootfallBinView, LiveSource, Queries } from '../views.ts';

const MINUTE_MS = 60_000;

/**
 * People through each door in bins of whole minutes, aligned to the Unix epoch; the minute under way is
 * included. Empty bins are left out.
 */
export function createFootfallQueries(
  { connection }: Database,
  live: Pick<LiveSource, 'footfallNow'>,
): Pick<Queries, 'footfall'> {
  const bins = connection.prepare<[{ sinceMs: number; binMs: number }], FootfallBinView>(`
    SELECT door, minute_ms - minute_ms % CAST(@binMs AS INTEGER) AS startMs,
      sum(people_in) AS "in", sum(people_out) AS "out"
    FROM footfall_minute WHERE minute_ms >= @sinceMs GROUP BY startMs, door ORDER BY startMs, door`);
  return {
    footfall(sinceMs, binMinutes) {
      const binMs = Math.max(1, Math.round(binMinutes)) * MINUTE_MS;
      const now = live
        .footfallNow()
        .filter(minute => minute.startMs >= sinceMs)
        .map(minute => ({ ...minute, startMs: minute.startMs - (minute.startMs % binMs) }));
      return merge([...bins.all({ sinceMs, binMs }), ...now]);
    },
  };
}

function merge(views: readonly FootfallBinView[]): FootfallBinView[] {
  const bins = new Map<string, FootfallBinView>();
  for (const view of views) {
    const key = `${view.startMs} ${view.door}`;
    const { in: peopleIn, out: peopleOut } = bins.get(key) ?? { in: 0, out: 0 };
    bins.set(key, { ...view, in: view.in + peopleIn, out: view.out + peopleOut });
  }
  return [...bins.values()]
    .filter(bin => bin.in + bin.out > 0)
    .toSorted((a, b) => a.startMs - b.startMs || a.door.localeCompare(b.door));
}
