import { createRandom, type Random } from '../../simulators/world/random.ts';
import { attribute } from '../../src/domain/stock/attribution.ts';
import type { ShelfEventFact } from '../../src/domain/stock/facts.ts';
import { createDraft } from '../../src/domain/stock/ledger.ts';
import type { FacingConfig, WeighedFacing } from '../../src/domain/stock/planogram.ts';
import { apply } from '../../src/domain/stock/stock.ts';
import { createStockBench, NOON, type StockBench, testGtin } from '../../tests/support/stock-bench.ts';
import { drawUnitWeight } from './shelf-plan.ts';

/** B5: several items on one scale, and what its steps and the receipts then tell of each item. */
export interface SharedScaleOptions {
  readonly items: number;
  /** Standard deviation of the units of one item over their mean. */
  readonly unitSpread: number;
  readonly seed: number;
  readonly sessions: number;
}

export interface SharedScaleResult extends SharedScaleOptions {
  readonly picks: number;
  /** Single picks whose item was named. */
  readonly top1: number;
  /** Two at once of which both were named. */
  readonly bothRight: number;
  /** Picks, whether of one or of two, whose number of units was right. */
  readonly unitsRight: number;
  /** Share of single picks that may be believed at once, so that 99.5 % of those believed are right. */
  readonly coverage: number;
  /** Share of units that stand on the right item, before the receipts and when all were paid. */
  readonly onItemBefore: number;
  readonly onItemAfter: number;
}

const STOCK = 20;
const SHOPPERS = 6;
const TWO_AT_ONCE = 0.2;
const SCALE_SIGMA_GRAMS = 2;
/** Neighbours on a real shelf are often sorts of one thing: so many weigh the same but for a few per cent. */
const SIBLINGS = 0.4;
const SIBLING_SPREAD = 0.015;
const VISIT_MS = 90_000;
const PAY_AFTER_MS = 150_000;
const DONE_AFTER_MS = 3 * 3_600_000;
const WANTED_PRECISION = 0.995;

interface Pick {
  readonly items: readonly number[];
  readonly atMs: number;
  readonly facts: readonly ShelfEventFact[];
}

function planScale(items: number, random: Random): readonly FacingConfig[] {
  const weights: number[] = [];
  for (let k = 0; k < items; k++) {
    const sibling = k > 0 && random.chance(SIBLINGS);
    const alike = sibling
      ? random.pick(weights) * (1 + random.normal(0, SIBLING_SPREAD))
      : drawUnitWeight(random);
    weights.push(Math.round(alike * 10) / 10);
  }
  return weights.map((unitWeightGrams, k) => ({
    facing: `F${k + 1}`,
    gtin: testGtin(k + 1),
    unitWeightGrams,
    plates: [{ device: 'scale', plate: 1 }],
  }));
}

/** A step of the scale, as the engine hears of it, judged by the stock domain. */
function settle(bench: StockBench, facings: readonly FacingConfig[], deltaGrams: number, atMs: number) {
  const [facing, ...sharers] = facings as readonly WeighedFacing[];
  const draft = createDraft(bench.state.ledger, { eventTimeMs: atMs, receivedTimeMs: atMs });
  const change = {
    facing: facing!,
    sharers,
    items: facings as readonly WeighedFacing[],
    device: 'scale',
    plates: [1],
    deltaGrams,
    variance: 1.3 + 0.5 * SCALE_SIGMA_GRAMS ** 2,
    sigmaGrams: SCALE_SIGMA_GRAMS,
    onsetMs: atMs - 700,
    settledMs: atMs,
    mayLean: false,
    final: true,
    afterGap: false,
    reset: false,
    undoes: null,
    slidFrom: null,
  };
  attribute(draft, change, bench.state.ledger.unitWeights);
  const facts = draft.finish();
  for (const fact of facts) apply(bench.state, fact, atMs);
  return facts.filter((fact): fact is ShelfEventFact => fact.type === 'shelf_event');
}

/** Units that stand on another item than they should, of what is on the shelf. */
function wrongUnits(bench: StockBench, facings: readonly FacingConfig[], truth: readonly number[]): number {
  const errors = facings.map(({ facing, gtin }, k) =>
    Math.abs(bench.quantity(gtin, `shelf:${facing}`) - truth[k]!),
  );
  return errors.reduce((sum, error) => sum + error, 0) / 2;
}

/** Shoppers take from the scale in each other's time and pay in the order in which they came. */
function runSession({ items, unitSpread }: SharedScaleOptions, random: Random) {
  const facings = planScale(items, random.fork('plan'));
  const bench = createStockBench(facings);
  const truth = facings.map(() => STOCK);
  for (const { facing, gtin } of facings) {
    const where = { place: 'shelf', facing } as const;
    bench.document({ type: 'count', key: `count/${facing}`, gtin, where, quantity: STOCK }, NOON);
  }
  const picks = Array.from({ length: SHOPPERS }, (_, shopper): Pick => {
    const atMs = NOON + (shopper + 1) * VISIT_MS;
    const taken = Array.from({ length: random.chance(TWO_AT_ONCE) ? 2 : 1 }, () =>
      random.integer(0, items - 1),
    );
    for (const k of taken) truth[k]!--;
    const grams = taken.reduce(
      (sum, k) => {
        const mean = facings[k]!.unitWeightGrams!;
        return sum + random.normal(mean, unitSpread * mean);
      },
      random.normal(0, SCALE_SIGMA_GRAMS / 2),
    );
    return { items: taken, atMs, facts: settle(bench, facings, -grams, atMs) };
  });
  const before = wrongUnits(bench, facings, truth);
  for (const [shopper, { items: bought, atMs }] of picks.entries()) {
    const lines = bought.map(k => ({ gtin: facings[k]!.gtin, quantity: 1 }));
    const receipt = { type: 'sale', key: `sale/${shopper}`, till: 'till', lines } as const;
    bench.document(receipt, Math.max(atMs + PAY_AFTER_MS, NOON + SHOPPERS * VISIT_MS + 1));
  }
  bench.tick(NOON + DONE_AFTER_MS);
  return { picks, before, after: wrongUnits(bench, facings, truth) };
}

const unitsOf = ({ facts }: Pick) => -facts.reduce((sum, { units }) => sum + units, 0);

function isRight({ items, facts }: Pick): boolean {
  const named = facts.flatMap(({ gtin, units }) => Array<string>(Math.abs(units)).fill(gtin));
  return (
    named.toSorted().join() ===
    items
      .map(k => testGtin(k + 1))
      .toSorted()
      .join()
  );
}

/** The largest share of the surest picks of which enough are right. */
function coverageAt(
  precision: number,
  judged: readonly { readonly confidence: number; readonly right: boolean }[],
) {
  let right = 0;
  let covered = 0;
  for (const [i, one] of judged.toSorted((a, b) => b.confidence - a.confidence).entries()) {
    if (one.right) right++;
    if (right / (i + 1) >= precision) covered = i + 1;
  }
  return covered / judged.length;
}

export function runSharedScale(options: SharedScaleOptions): SharedScaleResult {
  const random = createRandom(options.seed).fork(`${options.items} items, ${options.unitSpread}`);
  const sessions = Array.from({ length: options.sessions }, (_, i) =>
    runSession(options, random.fork(`${i}`)),
  );
  const picks = sessions.flatMap(session => session.picks);
  const single = picks.filter(({ items }) => items.length === 1);
  const double = picks.filter(({ items }) => items.length === 2);
  const units = picks.reduce((sum, { items }) => sum + items.length, 0);
  const share = (of: readonly Pick[], is: (pick: Pick) => boolean) => of.filter(is).length / of.length;
  const wrong = (key: 'before' | 'after') => sessions.reduce((sum, session) => sum + session[key], 0) / units;
  return {
    ...options,
    picks: picks.length,
    top1: share(single, isRight),
    bothRight: share(double, isRight),
    unitsRight: share(picks, pick => unitsOf(pick) === pick.items.length),
    coverage: coverageAt(
      WANTED_PRECISION,
      single.map(pick => ({ confidence: pick.facts[0]?.confidence ?? 0, right: isRight(pick) })),
    ),
    onItemBefore: 1 - wrong('before'),
    onItemAfter: 1 - wrong('after'),
  };
}

const ITEMS = [1, 2, 3, 5];
const SPREADS = [0.01, 0.02, 0.05];

/** Every cell of the table, on held-out seeds. */
export const runSharedScales = (): readonly SharedScaleResult[] =>
  ITEMS.flatMap(items =>
    SPREADS.map(unitSpread => runSharedScale({ items, unitSpread, seed: 1100, sessions: 200 })),
  );
