import type { Database } from '../database.ts';
import type { Queries, StockView } from '../views.ts';

type ItemRow = [gtin: string, name: string, temperatureClass: string, pieceGrams: number | null];
type BalanceRow = [gtin: string, place: string, quantity: number, changedAtMs: number, seq: number];
type ReservedRow = [gtin: string, quantity: number];

type Draft = {
  -readonly [Key in keyof StockView]: Key extends 'places' ? Record<string, number> : StockView[Key];
};

/** Every item that the site or the log knows, site items first by name, with its places and what can be promised. */
export function createStockQueries(
  { connection }: Database,
  nowMs: () => number,
): Pick<Queries, 'stock' | 'stockOf'> {
  // Three plain scans merged here are twice as fast as one join that builds JSON.
  const prepare = (only: '' | 'AND gtin = ?') => ({
    items: connection
      .prepare<string[], ItemRow>(
        `SELECT gtin, name, temperature_class, piece_grams FROM site_item WHERE true ${only} ORDER BY name, gtin`,
      )
      .raw(),
    balances: connection
      .prepare<string[], BalanceRow>(
        `SELECT gtin, place, quantity, changed_at_ms, seq FROM balance WHERE true ${only}`,
      )
      .raw(),
    reserved: connection
      .prepare<[number, ...string[]], ReservedRow>(
        `SELECT gtin, sum(quantity) FROM reserved
         WHERE (expires_at_ms IS NULL OR expires_at_ms > ?) ${only} GROUP BY gtin`,
      )
      .raw(),
  });
  const all = prepare('');
  const one = prepare('AND gtin = ?');
  const safetyStock = connection
    .prepare<[], string>(`SELECT value FROM meta WHERE key = 'safety_stock'`)
    .pluck();
  const read = (from: typeof all, only: readonly string[]) =>
    merge(
      from.items.all(...only),
      from.balances.all(...only),
      from.reserved.all(nowMs(), ...only),
      Number(safetyStock.get() ?? 0),
    );
  return {
    stock: () => read(all, []),
    stockOf: gtin => read(one, [gtin])[0] ?? null,
  };
}

function merge(
  items: readonly ItemRow[],
  balances: readonly BalanceRow[],
  reservations: readonly ReservedRow[],
  safetyStock: number,
): readonly StockView[] {
  const drafts = new Map<string, Draft>();
  const byWeight = new Map<string, number>();
  for (const [gtin, name, temperatureClass, pieceGrams] of items) {
    drafts.set(gtin, emptyView(gtin, name, temperatureClass));
    if (pieceGrams !== null) byWeight.set(gtin, pieceGrams);
  }
  const draftOf = (gtin: string) => {
    const found = drafts.get(gtin);
    if (found) return found;
    // It left the site, but its units did not leave the ledger.
    const added = emptyView(gtin, gtin, 'ambient');
    drafts.set(gtin, added);
    return added;
  };
  for (const [gtin, place, quantity, changedAtMs, seq] of balances) {
    const draft = draftOf(gtin);
    if (quantity !== 0) draft.places[place] = quantity;
    if (place.startsWith('shelf:')) draft.onShelf += quantity;
    else if (place === 'backroom') draft.backroom = quantity;
    else if (place === 'cart') draft.inCart = quantity;
    if (seq >= draft.seq) {
      draft.seq = seq;
      draft.updatedAtMs = changedAtMs;
    }
  }
  for (const [gtin, quantity] of reservations) draftOf(gtin).reserved = quantity;
  for (const draft of drafts.values()) {
    // A cart below zero was sold without being seen to leave its shelf: those units are still counted there.
    const sellable = draft.backroom + draft.onShelf + Math.min(draft.inCart, 0);
    const pieceGrams = byWeight.get(draft.gtin);
    const kept = Math.ceil(safetyStock * (pieceGrams ?? 1));
    draft.availableToPromise = Math.max(0, sellable - draft.reserved - kept);
    if (pieceGrams === undefined) continue;
    draft.unit = 'g';
    draft.piecesOnShelf = pieces(draft.onShelf, pieceGrams);
  }
  return [...drafts.values()];
}

/** Grown things vary by about this share of their weight from piece to piece (weight-shelf.md 2.2). */
const PIECE_VARIATION = 0.15;

/** How many pieces so many grams may be: 95 of 100 times between the two. */
function pieces(grams: number, pieceGrams: number) {
  const count = Math.max(0, grams) / pieceGrams;
  const spread = 2 * PIECE_VARIATION * Math.sqrt(count);
  return { least: Math.max(0, Math.floor(count - spread)), most: Math.ceil(count + spread) };
}

const emptyView = (gtin: string, name: string, temperatureClass: string): Draft => ({
  gtin,
  name,
  temperatureClass,
  // Without a prototype V8 keeps it as a dictionary: every facing id is a key of its own, and 20,000 shapes are slow.
  places: Object.create(null) as Record<string, number>,
  onShelf: 0,
  backroom: 0,
  inCart: 0,
  reserved: 0,
  availableToPromise: 0,
  updatedAtMs: null,
  seq: 0,
});
