import type { WeighedFacing } from '../../src/domain/stock/planogram.ts';
import { apply, createStock, decide, takeCheckpoints } from '../../src/domain/stock/stock.ts';
import type { Reading, WeightReading } from '../../src/readings/reading.ts';

/** What a method says has happened on a facing. Times are Unix ms. */
export interface Detection {
  readonly facing: string;
  readonly gtin: string;
  /** Positive: put, negative: taken. */
  readonly units: number;
  readonly deltaGrams: number;
  /** When the method holds the weight to have settled, and when the batch that told it had arrived. */
  readonly settledMs: number;
  readonly knownMs: number;
  /** Probability that item and count are right; null where the method gives none. */
  readonly confidence: number | null;
}

/** A method under test: it hears batches in order and says what it has seen. */
export interface Detector {
  feed(batch: WeightReading): readonly Detection[];
  /** Units that it believes on a facing at the end, when it keeps a count of its own; else null. */
  counted?(facing: string): number;
}

export type MakeDetector = (
  facings: readonly WeighedFacing[],
  startUnits: ReadonlyMap<string, number>,
) => Detector;

/** When people count the shelf, at the start: before the first sample. */
const COUNTED_BEFORE_MS = 1_000;

/** Aisle's own stock domain, through decide and apply as the pipeline drives it. */
export const createAisle: MakeDetector = (facings, startUnits) => {
  const gtins = facings.map(({ gtin }) => gtin);
  const state = createStock({ facings, gtins, safetyStock: 0 }, null);
  let counted = false;
  const run = (reading: Reading) => {
    const decided = decide(state, reading);
    if (!decided.ok) throw new Error(decided.error.message);
    for (const fact of decided.value) apply(state, fact, reading.eventTimeMs);
    takeCheckpoints(state);
    return decided.value;
  };
  const countAll = (atMs: number) => {
    for (const { facing, gtin } of facings) {
      const where = { place: 'shelf', facing } as const;
      const quantity = startUnits.get(facing) ?? 0;
      run({
        kind: 'document',
        source: 'api',
        document: { type: 'count', key: `count/${facing}`, gtin, where, quantity },
        eventTimeMs: atMs,
        receivedTimeMs: atMs,
      });
    }
  };
  return {
    feed(batch) {
      if (!counted) countAll(batch.eventTimeMs - COUNTED_BEFORE_MS);
      counted = true;
      if (batch.eventTimeMs % 1000 === 0) run({ ...batch, kind: 'tick' });
      return run(batch).flatMap(fact =>
        fact.type === 'shelf_event' && fact.units !== 0 && fact.evidence.kind === 'weights'
          ? [
              {
                facing: fact.facing,
                gtin: fact.gtin,
                units: fact.units,
                deltaGrams: fact.evidence.deltaGrams,
                settledMs: fact.evidence.settledMs,
                knownMs: batch.receivedTimeMs,
                confidence: fact.confidence,
              },
            ]
          : [],
      );
    },
    counted(id) {
      const gtin = facings.find(({ facing }) => facing === id)!.gtin;
      return state.ledger.balances.quantity(gtin, `shelf:${id}`);
    },
  };
};
