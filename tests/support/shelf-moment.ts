import type { StockFact } from '../../src/domain/stock/facts.ts';
import { createDraft } from '../../src/domain/stock/ledger.ts';
import { isWeighed, type WeighedFacing } from '../../src/domain/stock/planogram.ts';
import { apply, understand } from '../../src/domain/stock/stock.ts';
import { NOON, type StockBench } from './stock-bench.ts';

/**
 * A facing settles on a level that is `units` away, without the seconds of samples that lead there. With `deltaGrams` the
 * level is that far away instead, and other items of the store may be what came.
 */
export function shelfSees(
  bench: StockBench,
  facing: string,
  units: number,
  atMs = NOON,
  final = false,
  deltaGrams?: number,
): readonly StockFact[] {
  const found = bench.state.ledger.planogram.facing(facing) as WeighedFacing;
  const draft = createDraft(bench.state.ledger, { eventTimeMs: atMs, receivedTimeMs: atMs });
  const change = {
    facing: found,
    sharers: [],
    items: deltaGrams === undefined ? [] : bench.state.ledger.planogram.facings.filter(isWeighed),
    device: 'shelf-1',
    plates: found.plates.map(({ plate }) => plate),
    deltaGrams: deltaGrams ?? units * found.unitWeightGrams,
    variance: 2,
    besideGrams: 0,
    besideVariance: 0,
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
  understand(bench.state, draft, change);
  const facts = draft.finish();
  for (const fact of facts) apply(bench.state, fact, atMs);
  return facts;
}
