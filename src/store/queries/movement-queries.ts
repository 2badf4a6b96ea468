import type { Database } from '../database.ts';
import { type EventRow, entryOf } from '../event-log.ts';
import type { MovementView, Queries } from '../views.ts';

/** Movements, newest first: of one GTIN along its chain, or of the whole store. */
export function createMovementQueries({
  connection,
}: Database): Pick<Queries, 'movements' | 'recentMovements'> {
  const ofItem = connection.prepare<[{ gtin: string; before: number; limit: number }], EventRow>(`
    WITH RECURSIVE chain (seq) AS (
      SELECT max(seq) FROM balance WHERE gtin = @gtin
      UNION ALL
      SELECT previous_seq FROM chain JOIN event USING (seq) WHERE previous_seq IS NOT NULL
    )
    SELECT seq, event_time_ms, received_time_ms, fact FROM chain JOIN event USING (seq)
    WHERE seq < @before LIMIT @limit`);
  const recent = connection.prepare<[number], EventRow>(`
    SELECT seq, event_time_ms, received_time_ms, fact FROM event WHERE type = 'movement'
    ORDER BY seq DESC LIMIT ?`);
  return {
    movements: (gtin, limit, before = Number.MAX_SAFE_INTEGER) =>
      ofItem.all({ gtin, before, limit }).flatMap(movementView),
    recentMovements: limit => recent.all(limit).flatMap(movementView),
  };
}

function movementView(row: EventRow): MovementView[] {
  const { fact, seq, eventTimeMs, receivedTimeMs } = entryOf(row);
  if (fact.type !== 'movement') return [];
  const { type: _, ...moved } = fact;
  return [{ seq, ...moved, eventTimeMs, receivedTimeMs }];
}
