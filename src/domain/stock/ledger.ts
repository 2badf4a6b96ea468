import type { Gtin } from '../../shared/gtin.ts';
import { newShortages } from './available.ts';
import { type Balances, createBalances } from './balances.ts';
import type { StockFact } from './facts.ts';
import type { Leases } from './leases.ts';
import type { Notices } from './notices.ts';
import { createOpenPicks, type OpenPicks } from './open-picks.ts';
import { isWeighed, type Planogram } from './planogram.ts';
import type { Popularity } from './popularity.ts';
import type { Receipts } from './receipts.ts';
import { createRefills, type Refills } from './refills.ts';
import type { Reservations } from './reservations.ts';
import type { UnitWeights } from './unit-weight.ts';

/** What the stock facts so far add up to. */
export interface Ledger {
  readonly planogram: Planogram;
  readonly balances: Balances;
  readonly refills: Refills;
  readonly picks: OpenPicks;
  readonly receipts: Receipts;
  readonly notices: Notices;
  readonly leases: Leases;
  readonly reservations: Reservations;
  readonly unitWeights: UnitWeights;
  readonly popularity: Popularity;
}

/** Brings the ledger up to date with one fact of the log. */
export function fold(
  { balances, refills, picks, receipts, notices, leases, reservations, unitWeights, popularity }: Ledger,
  fact: StockFact,
  eventTimeMs: number,
): void {
  if (fact.type === 'movement') balances.post(fact);
  if (fact.type === 'reservation') reservations.fold(fact);
  refills.fold(fact, eventTimeMs);
  picks.fold(fact, eventTimeMs);
  receipts.fold(fact);
  notices.fold(fact);
  leases.fold(fact);
  unitWeights.fold(fact);
  popularity.fold(fact);
}

/** Times of the reading that is being decided: when it happened, and when it reached us. */
export interface Moment {
  readonly eventTimeMs: number;
  readonly receivedTimeMs: number;
}

/** The facts of one reading while they are being decided; each one sees those before it. */
export interface Draft {
  readonly balances: Balances;
  readonly refills: Refills;
  readonly picks: OpenPicks;
  readonly popularity: Pick<Popularity, 'of'>;
  readonly moment: Moment;
  add(...facts: readonly StockFact[]): void;
  /** All facts, with the shortages that they cause at the end. */
  finish(): readonly StockFact[];
}

export function createDraft(ledger: Ledger, moment: Moment): Draft {
  const weighed = (facing: string) => isWeighedFacing(ledger.planogram, facing);
  const balances = createBalances(ledger.balances.places);
  const refills = createRefills(weighed, ledger.refills.of);
  const picks = createOpenPicks(ledger.picks);
  const facts: StockFact[] = [];
  const moved = new Set<Gtin>();
  return {
    balances,
    refills,
    picks,
    popularity: ledger.popularity,
    moment,
    add(...added) {
      for (const fact of added) {
        facts.push(fact);
        if (fact.type === 'movement') {
          balances.post(fact);
          moved.add(fact.gtin);
        }
        refills.fold(fact, moment.eventTimeMs);
        picks.fold(fact, moment.eventTimeMs);
      }
    },
    finish: () => [
      ...facts,
      ...[...moved].flatMap(gtin =>
        newShortages(ledger.balances, balances, ledger.reservations, gtin, moment.receivedTimeMs),
      ),
    ],
  };
}

export function isWeighedFacing(planogram: Planogram, facing: string): boolean {
  const found = planogram.facing(facing);
  return found !== null && isWeighed(found);
}
