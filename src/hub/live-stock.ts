import type { LiveStock } from '../cloud/gen/aisle/sync/v1/sync_pb.ts';
import type { Sql } from './database.ts';
import { itemRows } from './fold.ts';
import type { LogName } from './ledger.ts';
import { type Columns, rowsOf } from './sql-effects.ts';

interface LiveItem {
  readonly log: LogName;
  readonly asOfSeq: bigint;
  readonly item: LiveStock['items'][number];
}

/** Keeps the stores' own words on their stock. What comes from many stores while one statement is under way is the next one. */
export function createLiveStock(sql: Sql): (log: LogName, live: LiveStock) => Promise<void> {
  let waiting = new Map<string, LiveItem>();
  let next: Promise<void> | null = null;
  let underWay: Promise<void> = Promise.resolve();
  const begin = () => {
    const items = [...waiting.values()];
    waiting = new Map();
    next = null;
    const written = putItems(sql, items);
    underWay = written.catch(() => {});
    return written;
  };
  return async (log, { asOfSeq, items }) => {
    if (items.length === 0) return;
    // Of an item that is told again meanwhile, the newest word counts.
    for (const item of items)
      waiting.set(`${log.store} ${log.epoch} ${textOf(item.gtin)}`, { log, asOfSeq, item });
    next ??= underWay.then(begin);
    await next;
  };
}

const textOf = (gtin: string) => gtin.replaceAll('\0', '\uFFFD');

const ITEM: Columns<LiveItem> = {
  store: ['text', ({ log }) => log.store],
  epoch: ['text', ({ log }) => log.epoch],
  gtin: ['text', ({ item }) => textOf(item.gtin)],
  as_of_seq: ['bigint', ({ asOfSeq }) => String(asOfSeq)],
  places: ['jsonb', ({ item }) => placesOf(item)],
  available: ['bigint', ({ item }) => String(item.available)],
  confidence: ['float8', ({ item }) => item.confidence],
};

const placesOf = (item: LiveItem['item']) =>
  JSON.stringify(Object.fromEntries(itemRows(item).map(({ place, quantity }) => [place, quantity])));

async function putItems(sql: Sql, items: readonly LiveItem[]): Promise<void> {
  const values: unknown[] = [];
  await sql.query(
    `INSERT INTO live_stock (store, epoch, gtin, as_of_seq, places, available, confidence)
     SELECT x.store, x.epoch, x.gtin, x.as_of_seq, x.places, x.available, x.confidence
     FROM ${rowsOf(value => `$${values.push(value)}`, items, ITEM)}
     ON CONFLICT (store, epoch, gtin) DO UPDATE SET as_of_seq = excluded.as_of_seq, places = excluded.places,
     available = excluded.available, confidence = excluded.confidence
     WHERE live_stock.as_of_seq <= excluded.as_of_seq`,
    values,
  );
}
