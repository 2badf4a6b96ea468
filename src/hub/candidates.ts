import type { HubDatabase } from './database.ts';
import type { Candidate, ItemAtStore } from './sourcing.ts';
import { readStock, type StockRow } from './stock-queries.ts';
import type { StoreLinks } from './store-links.ts';

export interface StorePlace {
  readonly store: string;
  readonly name: string;
  readonly latitude: number;
  readonly longitude: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** One row for each store that has an item: more stores than a chain has. */
const ALL_STORES = 100_000;

/** Where stores are and what they are called; replaces what was known of those that are named. */
export async function placeStores(database: HubDatabase, places: readonly StorePlace[]): Promise<void> {
  if (places.length === 0) return;
  await database.query(
    `INSERT INTO store_place (store, name, latitude, longitude, time_zone)
     SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::text[])
     ON CONFLICT (store) DO UPDATE SET name = excluded.name, latitude = excluded.latitude,
     longitude = excluded.longitude, time_zone = excluded.time_zone`,
    [
      places.map(({ store }) => store),
      places.map(({ name }) => name),
      places.map(({ latitude }) => latitude),
      places.map(({ longitude }) => longitude),
      places.map(({ timeZone }) => timeZone),
    ],
  );
}

export async function storePlaces(database: HubDatabase): Promise<ReadonlyMap<string, StorePlace>> {
  const rows = await database.query<StorePlace>(
    'SELECT store, name, latitude, longitude, time_zone AS "timeZone" FROM store_place',
  );
  return new Map(rows.map(row => [row.store, row]));
}

/** What a store would promise of an item: its own word, or what its events add up to. */
export function availableOf({ available, places, reserved }: StockRow): number {
  if (available !== null) return available;
  const units = Object.entries(places).filter(
    ([place]) => place === 'backroom' || place.startsWith('shelf:'),
  );
  return Math.max(0, units.reduce((sum, [, quantity]) => sum + quantity, 0) - reserved);
}

/** Every store with a known place that ever had one of the items. */
export async function findCandidates(
  database: HubDatabase,
  links: StoreLinks,
  gtins: readonly string[],
  nowMs: number,
): Promise<readonly (Candidate & { readonly rows: readonly StockRow[] })[]> {
  const places = await storePlaces(database);
  const page = { store: null, after: null, limit: ALL_STORES, nowMs };
  const rows = (await Promise.all(gtins.map(gtin => readStock(database, { ...page, gtin })))).flat();
  return [...Map.groupBy(rows, ({ store }) => store)].flatMap(([store, ofStore]) => {
    const place = places.get(store);
    if (!place) return [];
    const items = new Map(ofStore.map(row => [row.gtin, itemOf(row)]));
    const heardMs = Math.max(...ofStore.map(row => row.heardMs));
    return {
      store,
      isOnline: links.find(store) !== null || ofStore.some(row => row.online),
      ageMs: nowMs - heardMs,
      place,
      items,
      rows: ofStore,
    };
  });
}

const itemOf = (row: StockRow): ItemAtStore => ({
  gtin: row.gtin,
  available: availableOf(row),
  confidence: row.confidence,
  leased: row.leased,
});
