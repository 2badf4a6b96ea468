import type { Document } from '../../readings/documents.ts';
import type { DocumentReading, Reading, WeightReading } from '../../readings/reading.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { ok, type Result } from '../../shared/result.ts';
import { attribute } from './attribution.ts';
import { available } from './available.ts';
import { restoreBalances } from './balances.ts';
import { decideCount, decideDelivery, decideRefill, decideSale } from './documents.ts';
import type { PlateTroubleFact, StockFact } from './facts.ts';
import { decideRefund, decideTransfer, decideVoid, decideWaste } from './goods.ts';
import { createLeases } from './leases.ts';
import { createDraft, type Draft, fold, isWeighedFacing, type Ledger } from './ledger.ts';
import { type Audit, decideStale } from './matching.ts';
import { createNotices, decideNotice } from './notices.ts';
import { restoreOpenPicks } from './open-picks.ts';
import { createPlanogram, type StockConfig } from './planogram.ts';
import type { PlateCheckpoint } from './plate.ts';
import { createPopularity } from './popularity.ts';
import { decidePromise } from './promise-documents.ts';
import { decideExpiry } from './promises.ts';
import { createReceipts } from './receipts.ts';
import { createRefills } from './refills.ts';
import { createReservations, type SavedReservation } from './reservations.ts';
import { createUnitWeights } from './unit-weight.ts';
import { inTheirUnits } from './weighed-goods.ts';
import { createWeights, type WeightCounters, type Weights } from './weights.ts';

/** What the store keeps of the stock over a restart. */
export interface SavedStock {
  readonly balances: readonly { readonly gtin: string; readonly place: string; readonly quantity: number }[];
  readonly reservations: readonly SavedReservation[];
  readonly plates: readonly PlateCheckpoint[];
  /** Channels whose trouble was raised and not cleared. */
  readonly illPlates?: readonly PlateTroubleFact[];
  /** The last fact of each notice and lease, however old. */
  readonly standing?: readonly { readonly fact: StockFact }[];
  /** Facts of the last day, in log order; the balances include them already. */
  readonly recent: readonly { readonly fact: StockFact; readonly eventTimeMs: number }[];
}

export interface StockState {
  readonly ledger: Ledger;
  readonly weights: Weights;
  readonly safetyStock: number;
  /** Weight batches and samples that were left out, by reason. */
  readonly counters: Readonly<WeightCounters>;
  /** When the latest reading reached us: what expiry is checked against. */
  nowMs: number;
}

export function createStock(config: StockConfig, saved: SavedStock | null): StockState {
  const planogram = createPlanogram(config);
  const refills = createRefills(facing => isWeighedFacing(planogram, facing));
  const reservations = createReservations(saved?.reservations ?? []);
  const receipts = createReceipts();
  const notices = createNotices();
  const leases = createLeases();
  const picks = restoreOpenPicks(inCarts(saved), saved?.recent ?? []);
  const stored = new Set(saved?.reservations.map(({ reservation }) => reservation));
  for (const { fact, eventTimeMs } of saved?.recent ?? []) {
    refills.fold(fact, eventTimeMs);
    receipts.fold(fact);
    // Open ones were stored; the log adds which ones have ended lately.
    if (fact.type === 'reservation' && !stored.has(fact.reservation)) reservations.fold(fact);
  }
  const popularity = createPopularity();
  for (const { fact } of saved?.recent ?? []) popularity.fold(fact);
  const unitWeights = createUnitWeights(planogram);
  for (const { fact } of [...(saved?.standing ?? []), ...(saved?.recent ?? [])]) unitWeights.fold(fact);
  for (const { fact } of [...(saved?.recent ?? []), ...(saved?.standing ?? [])]) {
    notices.fold(fact);
    leases.fold(fact);
  }
  const weights = createWeights(planogram, saved?.plates ?? [], saved?.illPlates);
  return {
    ledger: {
      planogram,
      balances: restoreBalances(saved?.balances ?? []),
      refills,
      picks,
      receipts,
      notices,
      leases,
      reservations,
      unitWeights,
      popularity,
    },
    weights,
    safetyStock: config.safetyStock,
    counters: weights.counters,
    nowMs: Number.NEGATIVE_INFINITY,
  };
}

const inCarts = (saved: SavedStock | null): ReadonlyMap<string, number> =>
  new Map(saved?.balances.filter(({ place }) => place === 'cart').map(row => [row.gtin, row.quantity]));

/** Until a facing's weight is asked, nothing contradicts that a unit left it unseen. */
const unaudited: Audit = () => 'unknown';

/** What a reading means. Moves the plates on, but the ledger only changes when the facts are applied. */
export function decide(state: StockState, reading: Reading): Result<readonly StockFact[]> {
  const decided = decideReading(state, reading);
  return decided.ok ? ok(inTheirUnits(state.ledger.planogram, decided.value)) : decided;
}

function decideReading(state: StockState, reading: Reading): Result<readonly StockFact[]> {
  state.nowMs = reading.receivedTimeMs;
  switch (reading.kind) {
    case 'weights':
      return ok(decideWeights(state, reading));
    case 'document':
      return decideDocument(state, reading.document, reading);
    case 'point':
      state.weights.warm(reading);
      return ok([]);
    case 'tick':
      return ok([
        ...decideExpiry(state.ledger, reading.receivedTimeMs),
        ...decideStale(state.ledger, reading.receivedTimeMs, unaudited, reading.emptySinceMs ?? null),
      ]);
    default:
      return ok([]);
  }
}

/** Folds one fact into the balances, reservations and refill credits. */
export function apply(state: StockState, fact: StockFact, eventTimeMs: number): void {
  fold(state.ledger, fact, eventTimeMs);
}

/** Baselines to store together with the facts decided so far. Each is handed out once. */
export function takeCheckpoints(state: StockState): readonly PlateCheckpoint[] {
  return state.weights.takeCheckpoints();
}

/** Units of an item that may be promised now, never below 0. */
export function availableToPromise({ ledger, safetyStock, nowMs }: StockState, gtin: Gtin): number {
  return available(ledger, gtin, safetyStock, nowMs);
}

function decideWeights({ ledger, weights }: StockState, reading: WeightReading): readonly StockFact[] {
  let draft: Draft | null = null;
  const drafting = () => {
    draft ??= createDraft(ledger, reading);
    return draft;
  };
  weights.sense(
    reading,
    change => attribute(drafting(), change, ledger.unitWeights),
    fact => drafting().add(fact),
  );
  const facts = finished(draft);
  return facts.length === 0 ? facts : [...facts, ...ledger.unitWeights.tell(facts)];
}

const finished = (draft: Draft | null): readonly StockFact[] => draft?.finish() ?? [];

function decideDocument(
  { ledger, safetyStock }: StockState,
  document: Document,
  moment: DocumentReading,
): Result<readonly StockFact[]> {
  switch (document.type) {
    case 'sale':
      return decideSale(ledger, document, moment);
    case 'delivery':
      return decideDelivery(ledger, document, moment);
    case 'count':
      return decideCount(ledger, document, moment);
    case 'refill':
      return decideRefill(ledger, document, moment);
    case 'refund':
      return decideRefund(ledger, document, moment);
    case 'void':
      return decideVoid(ledger, document, moment);
    case 'waste':
      return decideWaste(ledger, document, moment);
    case 'transfer':
      return decideTransfer(ledger, document, moment);
    case 'notice':
      return decideNotice(ledger, document);
    case 'price_list':
    case 'task':
    case 'people':
      return ok([]);
    default:
      return decidePromise(ledger, document, safetyStock, moment.receivedTimeMs);
  }
}
