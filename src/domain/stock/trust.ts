import type { Gtin } from '../../shared/gtin.ts';
import { type Auditor, bookOf, contentsNow } from './audit.ts';
import { type Belief, contentsOf, fromContents, thingOn } from './belief.ts';
import { isWeighed } from './planogram.ts';

/** How sure the count of a facing is that plates weigh. */
export interface WeighedTrust {
  /** Units of its item that most probably lie there. */
  readonly best: number;
  /** Probability, 0 to 1, that as many lie there as the book has. */
  readonly probability: number;
  /** Most probably something lies there that no item explains. */
  readonly isForeign: boolean;
  /** What may lie there as the plates tell it, the likeliest first: kept over a restart. */
  readonly contents: readonly SavedContents[];
}

export interface SavedContents {
  /** Units of each item. */
  readonly units: readonly (readonly [gtin: Gtin, units: number])[];
  readonly probability: number;
}

/** So far a count is right beside a weight that nobody can explain. */
const BESIDE_FOREIGN = 0.5;
/** So many alternatives are kept. */
const MOST_KEPT = 6;

/** Null for a facing of which the plates believe nothing: nobody knew its contents yet, or they cannot count it. */
export function trustIn(auditor: Auditor, id: string): WeighedTrust | null {
  const { ledger, beliefs } = auditor;
  const facing = ledger.planogram.facing(id);
  const known = beliefs.of(id);
  if (!facing || !isWeighed(facing) || !known) return null;
  const book = bookOf(ledger.balances, ledger.planogram.gtins, id);
  const chances = new Map<number, number>();
  for (const { counts, probability } of contentsNow(auditor, facing, known.belief, book)) {
    const units = counts.get(facing.gtin) ?? 0;
    chances.set(units, (chances.get(units) ?? 0) + probability);
  }
  const booked = book.get(facing.gtin) ?? 0;
  const [best] = [...chances].reduce((a, b) => (b[1] > a[1] ? b : a));
  const thing = thingOn(known.belief);
  const probability = Math.min(1, chances.get(booked) ?? 0) * (1 - (1 - BESIDE_FOREIGN) * thing);
  return { best, probability, isForeign: thing > 0.5, contents: saved(known.belief) };
}

const saved = (belief: Belief): readonly SavedContents[] =>
  contentsOf(belief)
    .slice(0, MOST_KEPT)
    .map(({ counts, probability }) => ({ units: [...counts], probability }));

/** The belief as it was kept; null when nothing was. */
export const restoreBelief = (contents: readonly SavedContents[]): Belief | null =>
  fromContents(contents.map(({ units, probability }) => ({ counts: new Map(units), probability })));
