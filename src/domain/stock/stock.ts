import type { Document } from '../../readings/documents.ts';
import type { DocumentReading, Reading, TickReading, WeightReading } from '../../readings/reading.ts';
import type { Gtin } from '../../shared/gtin.ts';
import { ok, type Result } from '../../shared/result.ts';
import { attribute } from './attribution.ts';
import { type Auditor, auditOf, bookOf, decideAudits } from './audit.ts';
import { available } from './available.ts';
import { restoreBalances } from './balances.ts';
import type { Belief, Counts } from './belief.ts';
import { type Beliefs, createBeliefs, isBelieved } from './beliefs.ts';
import { candidatesFor } from './candidates.ts';
import { decideCount, decideDelivery, decideRefill, decideSale } from './documents.ts';
import type { PlateTroubleFact, StockFact } from './facts.ts';
import { decideRefund, decideTransfer, decideVoid, decideWaste } from './goods.ts';
import { createIllFacings } from './ill-facings.ts';
import { createLeases } from './leases.ts';
import { createDraft, type Draft, fold, type Ledger, weighedItem } from './ledger.ts';
import { decideStale } from './matching.ts';
import { shelfPlace } from './movement.ts';
import { createNotices, decideNotice } from './notices.ts';
import { restoreOpenPicks } from './open-picks.ts';
import {
  createPlanogram,
  isWeighed,
  type Planogram,
  type StockConfig,
  type WeighedFacing,
} from './planogram.ts';
import type { PlateCheckpoint } from './plate.ts';
import { createPopularity } from './popularity.ts';
import { decidePromise } from './promise-documents.ts';
import { decideExpiry } from './promises.ts';
import { createReceipts } from './receipts.ts';
import { createRefills } from './refills.ts';
import { createReservations, type SavedReservation } from './reservations.ts';
import type { FacingChange } from './shelf.ts';
import { restoreBelief, type SavedContents, trustIn, type WeighedTrust } from './trust.ts';
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
  /** What may lie on each facing by its plates. */
  readonly contents?: ReadonlyMap<string, readonly SavedContents[]>;
  /** Facts of the last day, in log order; the balances include them already. */
  readonly recent: readonly { readonly fact: StockFact; readonly eventTimeMs: number }[];
}

export interface StockState {
  readonly ledger: Ledger;
  readonly weights: Weights;
  readonly beliefs: Beliefs;
  /** A policy, which may change while the store runs. */
  safetyStock: number;
  /** Weight batches and samples that were left out, by reason. */
  readonly counters: Readonly<WeightCounters>;
  /** When the latest reading reached us: what expiry is checked against. */
  nowMs: number;
}

export function createStock(config: StockConfig, saved: SavedStock | null): StockState {
  const planogram = createPlanogram(config);
  const refills = createRefills(facing => weighedItem(planogram, facing));
  const ill = createIllFacings(planogram, refills, longIll(saved));
  const reservations = createReservations(saved?.reservations ?? []);
  const receipts = createReceipts();
  const notices = createNotices();
  const leases = createLeases();
  const picks = restoreOpenPicks(inCarts(saved), saved?.recent ?? []);
  const stored = new Set(saved?.reservations.map(({ reservation }) => reservation));
  for (const { fact, eventTimeMs } of saved?.recent ?? []) {
    refills.fold(fact, eventTimeMs);
    ill.fold(fact, eventTimeMs);
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
  const balances = restoreBalances(saved?.balances ?? []);
  const bookOn = (facing: string) => bookOf(balances, planogram.gtins, facing);
  return {
    ledger: {
      planogram,
      balances,
      refills,
      picks,
      receipts,
      notices,
      leases,
      reservations,
      unitWeights,
      popularity,
      ill,
    },
    weights,
    beliefs: createBeliefs(planogram, bookOn, knownFacings(planogram, bookOn, saved), believed(saved)),
    safetyStock: config.safetyStock,
    counters: weights.counters,
    nowMs: Number.NEGATIVE_INFINITY,
  };
}

const inCarts = (saved: SavedStock | null): ReadonlyMap<string, number> =>
  new Map(saved?.balances.filter(({ place }) => place === 'cart').map(row => [row.gtin, row.quantity]));

const believed = (saved: SavedStock | null): ReadonlyMap<string, Belief> =>
  new Map(
    [...(saved?.contents ?? [])].flatMap(([facing, contents]) => {
      const belief = restoreBelief(contents);
      return belief ? [[facing, belief] as const] : [];
    }),
  );

/** Plates that were in trouble before the recent facts. */
function longIll(saved: SavedStock | null): readonly PlateTroubleFact[] {
  const idOf = ({ device, plate }: PlateTroubleFact) => `${device} ${plate}`;
  const lately = new Set(
    saved?.recent.flatMap(({ fact }) => (fact.type === 'plate_trouble' ? [idOf(fact)] : [])),
  );
  return (saved?.illPlates ?? []).filter(fact => !lately.has(idOf(fact)));
}

/** Facings of which the book was right once: it has units there, or somebody has counted lately. */
function knownFacings(
  planogram: Planogram,
  bookOn: (facing: string) => Counts,
  saved: SavedStock | null,
): readonly string[] {
  const counted = new Set(saved?.recent.flatMap(({ fact }) => (fact.type === 'count' ? [fact.place] : [])));
  return planogram.facings
    .map(({ facing }) => facing)
    .filter(facing => isBelieved(planogram, facing))
    .filter(facing => bookOn(facing).size > 0 || counted.has(shelfPlace(facing)));
}

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
      return ok(decideTick(state, reading));
    default:
      return ok([]);
  }
}

const auditorOf = ({ ledger, beliefs, weights, nowMs }: StockState): Auditor => ({
  ledger,
  beliefs,
  nowMs,
  isAtRest: weights.isAtRest,
});

function decideTick(state: StockState, reading: TickReading): readonly StockFact[] {
  const { ledger, nowMs } = state;
  const auditor = auditorOf(state);
  let draft: Draft | null = null;
  decideAudits(auditor, () => {
    draft ??= createDraft(ledger, reading);
    return draft;
  });
  const audited = finished(draft);
  // What stayed open may just have been found, so it is looked at again when that is in the book.
  const stale =
    audited.length > 0 ? [] : decideStale(ledger, nowMs, auditOf(auditor), reading.emptySinceMs ?? null);
  return [...decideExpiry(ledger, nowMs), ...audited, ...stale];
}

/** Folds one fact into the balances, reservations and refill credits. */
export function apply(state: StockState, fact: StockFact, eventTimeMs: number): void {
  const { ledger, beliefs } = state;
  fold(ledger, fact, eventTimeMs);
  if (fact.type === 'plate_trouble' && fact.state === 'cleared' && fact.trouble !== 'untared')
    beliefs.anchor(fact.facing, arrivedOn(ledger, fact.facing, eventTimeMs));
  state.beliefs.fold(fact, eventTimeMs);
}

/** What lies on a facing by the book, without what is announced and may still be on its way. */
function arrivedOn({ planogram, balances, refills }: Ledger, facing: string, nowMs: number): Counts {
  const counts = new Map(bookOf(balances, planogram.gtins, facing));
  const gtin = planogram.facing(facing)?.gtin;
  if (gtin) counts.set(gtin, (counts.get(gtin) ?? 0) - refills.openCredit(facing, nowMs));
  return counts;
}

/** Baselines to store together with the facts decided so far. Each is handed out once. */
export function takeCheckpoints(state: StockState): readonly PlateCheckpoint[] {
  return state.weights.takeCheckpoints();
}

export type Trusted = WeighedTrust;

/** How sure the count of a facing is; null where the plates believe nothing. */
export const weighedTrust = (state: StockState, facing: string): WeighedTrust | null =>
  trustIn(auditorOf(state), facing);

/** Units of an item that may be promised now, never below 0. */
export function availableToPromise({ ledger, safetyStock, nowMs }: StockState, gtin: Gtin): number {
  return available(ledger, gtin, safetyStock, nowMs);
}

/** Books what a facing's settled change of weight means and believes it. Returns what the shelf wants to know. */
export function understand(
  { ledger, beliefs }: StockState,
  draft: Draft,
  change: FacingChange,
): ReturnType<typeof attribute> {
  const changes = change.slidFrom ? [change.slidFrom, change] : [change];
  const heard = changes.map(each => ({ each, candidates: candidatesFor(draft, each, ledger) }));
  const dealtWith = attribute(draft, change, ledger.unitWeights);
  if (dealtWith && !change.reset) {
    for (const { each, candidates } of heard) beliefs.hear(each, candidates, draft.moment.receivedTimeMs);
  }
  return dealtWith;
}

/** Of a unit: what nobody weighed may be off by so much (one sigma), or its weight does not tell how many it was. */
const TELLING_SHARE = 1 / 6;

/**
 * Grams that documents brought to a facing's plates, and to those who share them, since one of them fell ill; null when
 * that cannot be told well enough to compare it with a weight.
 */
function missedGrams({ planogram, ill, unitWeights }: Ledger, facing: WeighedFacing, nowMs: number) {
  let grams = 0;
  for (const each of [facing, ...planogram.sharersOf(facing)].filter(isWeighed)) {
    const unweighed = ill.unweighed(each.facing, nowMs);
    if (!unweighed) return null;
    const { units, exchanged } = unweighed;
    if (each.byWeight) grams += units;
    else {
      const unit = unitWeights.of(each.gtin, each.unitWeightGrams);
      const sigma = Math.hypot(Math.sqrt(exchanged) * unit.sigmaGrams, units * unit.meanSigmaGrams);
      if (sigma > TELLING_SHARE * unit.meanGrams) return null;
      grams += units * unit.meanGrams;
    }
  }
  return grams;
}

function decideWeights(state: StockState, reading: WeightReading): readonly StockFact[] {
  const { ledger, weights } = state;
  let draft: Draft | null = null;
  const drafting = () => {
    draft ??= createDraft(ledger, reading);
    return draft;
  };
  weights.sense(
    reading,
    change => understand(state, drafting(), change),
    fact => drafting().add(fact),
    facing => missedGrams(ledger, facing, reading.eventTimeMs),
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
    case 'configure':
    case 'settle_configuration':
      return ok([]);
    default:
      return decidePromise(ledger, document, safetyStock, moment.receivedTimeMs);
  }
}
