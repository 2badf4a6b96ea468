import type { Clock } from '../shared/clock.ts';
import type { HubDatabase } from './database.ts';
import { type Candidate, distanceKm, type ItemAtStore, type Wanted } from './sourcing.ts';
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

/** One row for each item of an order at each store near it: more than there are. */
const ALL_ROWS = 1_000_000;

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

/** A degree of latitude is never shorter. */
const KM_PER_DEGREE = 110.5;

/** The stores of a circle, out of those on its band of latitude, which an index finds; or the one that is named. */
async function findPlaces(
  database: HubDatabase,
  { near, withinKm }: Wanted,
  only: string | null,
): Promise<ReadonlyMap<string, StorePlace>> {
  const degrees = withinKm / KM_PER_DEGREE;
  const placed = 'SELECT store, name, latitude, longitude, time_zone AS "timeZone" FROM store_place WHERE';
  const rows =
    only === null
      ? await database.query<StorePlace>(`${placed} latitude BETWEEN $1 AND $2`, [
          near.latitude - degrees,
          near.latitude + degrees,
        ])
      : await database.query<StorePlace>(`${placed} store = $1`, [only]);
  const found = only === null ? rows.filter(place => distanceKm(near, place) <= withinKm) : rows;
  return new Map(found.map(place => [place.store, place]));
}

/** What a store would promise of an item: its own word, or what its events add up to. */
export function availableOf({ available, places, reserved }: StockRow): number {
  if (available !== null) return available;
  const units = Object.entries(places).filter(
    ([place]) => place === 'backroom' || place.startsWith('shelf:'),
  );
  return Math.max(0, units.reduce((sum, [, quantity]) => sum + quantity, 0) - reserved);
}

export type FoundCandidate = Candidate & { readonly name: string; readonly rows: readonly StockRow[] };

interface CandidateOptions {
  readonly database: HubDatabase;
  readonly links: StoreLinks;
  readonly clock: Clock;
}

/**
 * Every store that is near enough and ever had one of the items, or one store alone when it is named. With `isForPromise`
 * nothing is known of what is reserved there.
 */
export async function findCandidates(
  { database, links, clock }: CandidateOptions,
  wanted: Wanted,
  { store: only = null, isForPromise }: { readonly store?: string | null; readonly isForPromise?: true } = {},
): Promise<readonly FoundCandidate[]> {
  const nowMs = clock.nowMs();
  const places = await findPlaces(database, wanted, only);
  if (only === null && places.size === 0) return [];
  const rows = await readStock(database, {
    gtins: wanted.lines.map(({ gtin }) => gtin),
    stores: only === null ? [...places.keys()] : [only],
    after: null,
    limit: ALL_ROWS,
    nowMs,
    ...(isForPromise && { isForPromise }),
  });
  return [...Map.groupBy(rows, ({ store }) => store)].map(([store, ofStore]) => {
    const items = new Map(ofStore.map(row => [row.gtin, itemOf(row)]));
    const heardMs = Math.max(...ofStore.map(row => row.heardMs));
    return {
      store,
      isOnline: links.find(store) !== null || ofStore.some(row => row.online),
      ageMs: nowMs - heardMs,
      place: places.get(store) ?? null,
      name: places.get(store)?.name ?? '',
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
