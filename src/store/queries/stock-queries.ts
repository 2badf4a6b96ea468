import type { Place } from '../../domain/stock/facts.ts';
import type { Database } from '../database.ts';
import { entryOf } from '../event-log.ts';
import type { MovementView, Queries, StockView } from '../views.ts';

interface ItemRow {
  readonly gtin: string;
  readonly name: string;
  readonly temperatureClass: string;
  /** JSON object of the places that are not zero; null without any movement. */
  readonly places: string | null;
  readonly updatedAtMs: number | null;
  readonly seq: number | null;
  readonly reserved: number | null;
}

/** One row per GTIN that the site or the log knows; parameters are the present time and, for one item, its GTIN. */
const stockSql = (only: '' | 'WHERE gtin = @gtin') => `
  WITH known AS (
    SELECT gtin FROM site_item ${only} UNION SELECT gtin FROM balance ${only} UNION SELECT gtin FROM reserved ${only}
  ), held AS (
    SELECT gtin, max(changed_at_ms) AS updatedAtMs, max(seq) AS seq,
      json_group_object(place, quantity) FILTER (WHERE quantity <> 0) AS places
    FROM balance ${only} GROUP BY gtin
  ), promised AS (
    SELECT gtin, sum(quantity) AS reserved FROM reserved
    ${only ? `${only} AND` : 'WHERE'} (expires_at_ms IS NULL OR expires_at_ms > @nowMs) GROUP BY gtin
  )
  SELECT gtin, coalesce(name, gtin) AS name, coalesce(temperature_class, 'ambient') AS temperatureClass,
    places, updatedAtMs, seq, reserved
  FROM known LEFT JOIN site_item USING (gtin) LEFT JOIN held USING (gtin) LEFT JOIN promised USING (gtin)
  ORDER BY name, gtin`;

export function createStockQueries(
  { connection }: Database,
  nowMs: () => number,
): Pick<Queries, 'stock' | 'stockOf' | 'movements' | 'recentMovements'> {
  const all = connection.prepare<[{ nowMs: number }], ItemRow>(stockSql(''));
  const one = connection.prepare<[{ nowMs: number; gtin: string }], ItemRow>(stockSql('WHERE gtin = @gtin'));
  const safetyStock = connection
    .prepare<[], string>(`SELECT value FROM meta WHERE key = 'safety_stock'`)
    .pluck();
  const safety = () => Number(safetyStock.get() ?? 0);
  const columns = 'seq, event_time_ms, received_time_ms, fact';
  const movements = connection.prepare<[string, number, number], MovementRow>(`
    SELECT ${columns} FROM event WHERE gtin = ? AND seq < ? ORDER BY seq DESC LIMIT ?`);
  const recent = connection.prepare<[number], MovementRow>(`
    SELECT ${columns} FROM event WHERE gtin IS NOT NULL ORDER BY seq DESC LIMIT ?`);
  return {
    stock() {
      const safetyUnits = safety();
      return all.all({ nowMs: nowMs() }).map(row => stockView(row, safetyUnits));
    },
    stockOf(gtin) {
      const row = one.get({ nowMs: nowMs(), gtin });
      return row ? stockView(row, safety()) : null;
    },
    movements: (gtin, limit, before = Number.MAX_SAFE_INTEGER) =>
      movements.all(gtin, before, limit).flatMap(movementView),
    recentMovements: limit => recent.all(limit).flatMap(movementView),
  };
}

function stockView(row: ItemRow, safetyStock: number): StockView {
  const places = (row.places === null ? {} : JSON.parse(row.places)) as Partial<Record<Place, number>>;
  let onShelf = 0;
  for (const place in places) {
    if (place.startsWith('shelf:')) onShelf += places[place as Place] ?? 0;
  }
  const backroom = places.backroom ?? 0;
  const inCart = places.cart ?? 0;
  const reserved = row.reserved ?? 0;
  // A cart below zero was sold without being seen to leave its shelf: those units are still counted there.
  const promisable = backroom + onShelf + Math.min(inCart, 0) - reserved - safetyStock;
  return {
    gtin: row.gtin,
    name: row.name,
    temperatureClass: row.temperatureClass,
    places,
    onShelf,
    backroom,
    inCart,
    reserved,
    availableToPromise: Math.max(0, promisable),
    updatedAtMs: row.updatedAtMs,
    seq: row.seq ?? 0,
  };
}

type MovementRow = Parameters<typeof entryOf>[0];

function movementView(row: MovementRow): MovementView[] {
  const { fact, seq, eventTimeMs, receivedTimeMs } = entryOf(row);
  if (fact.type !== 'movement') return [];
  const { gtin, from, to, quantity, cause, confidence, evidence } = fact;
  return [{ seq, gtin, from, to, quantity, cause, confidence, evidence, eventTimeMs, receivedTimeMs }];
}
