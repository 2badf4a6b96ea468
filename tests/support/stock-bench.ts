import type { MovementFact, ShelfEventFact, StockFact } from '../../src/domain/stock/facts.ts';
import type { FacingConfig } from '../../src/domain/stock/planogram.ts';
import {
  apply,
  createStock,
  decide,
  type SavedStock,
  type StockState,
  takeCheckpoints,
} from '../../src/domain/stock/stock.ts';
import type { Document } from '../../src/readings/documents.ts';
import type { Reading } from '../../src/readings/reading.ts';
import { type Gtin, gs1CheckDigit } from '../../src/shared/gtin.ts';
import type { Result } from '../../src/shared/result.ts';

/** The n-th item of a test: a valid GTIN in the range that GS1 keeps for examples. */
export function testGtin(n: number): Gtin {
  const body = `0952132${String(n).padStart(6, '0')}`;
  return `${body}${gs1CheckDigit(body)}` as Gtin;
}

export interface StockBench {
  readonly state: StockState;
  readonly facts: readonly StockFact[];
  feed(readings: readonly Reading[]): readonly StockFact[];
  document(document: Document, atMs?: number): Result<readonly StockFact[]>;
  tick(atMs: number): readonly StockFact[];
  quantity(gtin: Gtin, place: MovementFact['from']): number;
  /** `facing units` of every shelf event so far. */
  events(): readonly string[];
  /** What a store would have kept of all this. */
  saved(): SavedStock;
}

export const NOON = Date.UTC(2026, 0, 5, 12);

/** The stock domain with the pipeline's part played around it: decide, then apply each fact. */
export function createStockBench(
  facings: readonly FacingConfig[],
  { safetyStock = 0, saved = null }: { safetyStock?: number; saved?: SavedStock | null } = {},
): StockBench {
  const gtins = facings.map(({ gtin }) => gtin);
  const byWeight = new Map(
    facings.flatMap(({ gtin, byWeight: is, unitWeightGrams }) => (is ? [[gtin, unitWeightGrams ?? 1]] : [])),
  );
  const state = createStock({ facings, gtins, safetyStock, byWeight }, saved);
  const facts: { fact: StockFact; eventTimeMs: number }[] = [];
  const plates = new Map<string, SavedStock['plates'][number]>();
  for (const plate of saved?.plates ?? []) plates.set(`${plate.device} ${plate.plate}`, plate);

  const run = (reading: Reading): Result<readonly StockFact[]> => {
    const decided = decide(state, reading);
    if (!decided.ok) return decided;
    for (const fact of decided.value) {
      apply(state, fact, reading.eventTimeMs);
      facts.push({ fact, eventTimeMs: reading.eventTimeMs });
    }
    for (const plate of takeCheckpoints(state)) plates.set(`${plate.device} ${plate.plate}`, plate);
    return decided;
  };
  const must = (reading: Reading) => {
    const result = run(reading);
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };
  return {
    state,
    get facts() {
      return facts.map(({ fact }) => fact);
    },
    feed: readings => readings.flatMap(must),
    document: (document, atMs = NOON) =>
      run({ kind: 'document', source: 'api', document, eventTimeMs: atMs, receivedTimeMs: atMs }),
    tick: atMs => must({ kind: 'tick', eventTimeMs: atMs, receivedTimeMs: atMs }),
    quantity: (gtin, place) => state.ledger.balances.quantity(gtin, place),
    events: () =>
      facts
        .map(({ fact }) => fact)
        .filter((fact): fact is ShelfEventFact => fact.type === 'shelf_event')
        .map(({ facing, units }) => `${facing} ${units}`),
    saved: () => ({
      balances: [...new Set(gtins)].flatMap(gtin =>
        [...state.ledger.balances.places(gtin)].map(([place, quantity]) => ({ gtin, place, quantity })),
      ),
      reservations: [],
      plates: [...plates.values()],
      recent: facts,
    }),
  };
}

/** Facings of one shelf device, each with one plate, numbered from 1. */
export const shelfOf = (weights: readonly number[], device = 'shelf-1'): readonly FacingConfig[] =>
  weights.map((unitWeightGrams, index) => ({
    facing: `F${index + 1}`,
    gtin: testGtin(index + 1),
    unitWeightGrams,
    plates: [{ device, plate: index + 1 }],
  }));
