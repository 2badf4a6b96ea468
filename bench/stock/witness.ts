import { countOn } from '../../simulators/world/goods.ts';
import type { World } from '../../simulators/world/world.ts';
import type { MovementFact, ShelfEventFact } from '../../src/domain/stock/facts.ts';
import type { SaleDocument } from '../../src/readings/documents.ts';
import type { Gtin } from '../../src/shared/gtin.ts';
import { createHandlingJournal, type Seen } from './handling-journal.ts';

type WeightsEvidence = Extract<MovementFact['evidence'], { kind: 'weights' }>;

/** Somebody who saw everything and says whether a movement is true. */
export interface Witness {
  /** To be called after every tick. */
  look(): void;
  paid(sale: SaleDocument): void;
  hear(event: ShelfEventFact): void;
  /** Whether it happened like that; `booked` is what the book then has on a facing. */
  agrees(movement: MovementFact, booked: (facing: string) => number): boolean;
}

const RECENT_MS = 30 * 60_000;
const DOCUMENTS: readonly string[] = ['sale', 'delivery', 'count', 'refill'];
const HANDS: readonly string[] = ['pick', 'put', 'restock'];

export function createWitness(world: World, startMs: number): Witness {
  const journal = createHandlingJournal(world, startMs);
  const receipts = new Map<string, ReadonlyMap<string, number>>();
  const givenUp = createGivenUp(world);
  /** What the last event of a facing turned out to be. */
  const truthOf = new Map<string, readonly Seen[]>();
  const byWeights = (movement: MovementFact, evidence: WeightsEvidence, facing: string): boolean => {
    const run = truthOf.get(keyOf(facing, evidence)) ?? [];
    if (run[0]?.gtin !== movement.gtin) return false;
    const isCarried = run.every(({ kind }) => kind === 'refill');
    if (movement.cause === 'restock') return isCarried;
    return movement.cause === 'put' ? !isCarried : true;
  };
  const byDocument = ({ cause, gtin, quantity, from }: MovementFact, key: string): boolean => {
    if (cause === 'sale') return (receipts.get(key)?.get(gtin) ?? 0) >= quantity;
    if (cause !== 'pick_inferred') return true;
    const missed = journal.missedPick(from.slice('shelf:'.length), startMs + world.elapsedMs() - RECENT_MS);
    if (missed) missed.matched = true;
    return missed !== undefined;
  };
  return {
    look: journal.look,
    paid: ({ key, lines }) =>
      void receipts.set(key, new Map(lines.map(({ gtin, quantity }) => [gtin, quantity]))),
    hear({ facing, gtin, units, evidence }) {
      if (evidence.kind !== 'weights') return;
      journal.look();
      const run = journal.runOf(facing, gtin, units, evidence.onsetMs, evidence.settledMs);
      for (const handling of run) handling.matched = true;
      truthOf.set(keyOf(facing, evidence), run);
    },
    agrees(movement, booked) {
      const { evidence, from, to, cause } = movement;
      if ([from, to].includes('cart') && [from, to].includes('unaccounted')) return givenUp(movement);
      const shelf = [from, to].find(place => place.startsWith('shelf:'))?.slice('shelf:'.length);
      if (evidence.kind === 'weights' && shelf !== undefined && HANDS.includes(cause))
        return byWeights(movement, evidence, shelf);
      if (evidence.kind === 'document' && (DOCUMENTS.includes(cause) || cause === 'pick_inferred'))
        return byDocument(movement, evidence.key);
      return shelf === undefined || mendsCount(world, movement, shelf, booked(shelf));
    },
  };
}

const keyOf = (facing: string, { settledMs, deltaGrams }: WeightsEvidence) =>
  `${facing} ${settledMs} ${deltaGrams}`;

const isNearer = (before: number, after: number, truth: number) =>
  Math.abs(after - truth) < Math.abs(before - truth);

/** A correction is true when it brings the count of its facing nearer to what stands there. */
function mendsCount(world: World, { gtin, from, quantity }: MovementFact, shelf: string, after: number) {
  const place = world.goods.facings.get(shelf);
  if (place?.facing.gtin !== gtin) return true;
  const before = after + (from === `shelf:${shelf}` ? quantity : -quantity);
  return isNearer(before, after, countOn(place));
}

/** What carts lost, or a late receipt brought back, is true when it comes nearer to what is stolen or misplaced. */
function createGivenUp(world: World): (movement: MovementFact) => boolean {
  const units = new Map<string, number>();
  const lost = (gtin: Gtin) => {
    let found = world.goods.stolen.get(gtin) ?? 0;
    for (const { facing, units: here } of world.goods.facings.values())
      if (facing.gtin !== gtin) found += here.filter(unit => unit.gtin === gtin).length;
    return found;
  };
  return ({ gtin, to, quantity }) => {
    const before = units.get(gtin) ?? 0;
    const after = before + (to === 'unaccounted' ? quantity : -quantity);
    units.set(gtin, after);
    return isNearer(before, after, lost(gtin));
  };
}
