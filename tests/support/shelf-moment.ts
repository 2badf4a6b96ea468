import { attribute } from '../../src/domain/stock/attribution.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import { createDraft } from '../../src/domain/stock/ledger.ts';
import type { WeighedFacing } from '../../src/domain/stock/planogram.ts';
import { apply } from '../../src/domain/stock/stock.ts';
import { NOON, type StockBench } from './stock-bench.ts';

/** A facing settles on a level that is `units` away, without the seconds of samples that lead there. */
export function shelfSees(
  bench: StockBench,
  facing: string,
  units: number,
  atMs = NOON,
  final = false,
): readonly StockFact[] {
  const found = bench.state.ledger.planogram.facing(facing) as WeighedFacing;
  const draft = createDraft(bench.state.ledger, { eventTimeMs: atMs, receivedTimeMs: atMs });
  const change = {
    facing: found,
    sharers: [],
    items: [],
    device: 'shelf-1',
    plates: found.plates.map(({ plate }) => plate),
    deltaGrams: units * found.unitWeightGrams,
    variance: 2,
    sigmaGrams: 0.5,
    onsetMs: atMs - 700,
    settledMs: atMs,
    mayLean: false,
    final,
    afterGap: false,
    reset: false,
    undoes: null,
    slidFrom: null,
  };
  attribute(draft, change, bench.state.ledger.unitWeights);
  const facts = draft.finish();
  for (const fact of facts) apply(bench.state, fact, atMs);
  return facts;
}
