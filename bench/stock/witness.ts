import { countOn } from '../../simulators/world/goods.ts';
import type { Handling } from '../../simulators/world/handling.ts';
import type { World } from '../../simulators/world/world.ts';
import type { MovementFact, ShelfEventFact } from '../../src/domain/stock/facts.ts';
import type { SaleDocument } from '../../src/readings/documents.ts';

type WeightsEvidence = Extract<MovementFact['evidence'], { kind: 'weights' }>;

/** A handling at its time on the wall clock. */
interface Seen extends Handling {
  readonly goneMs: number;
  /** A shelf event named it. */
  matched: boolean;
}

/** Somebody who saw everything and says whether a movement is true. */
export interface Witness {
  /** To be called after every tick. */
  look(): void;
  paid(sale: SaleDocument): void;
  hear(event: ShelfEventFact): void;
  /** Whether it happened. `booked` is what the book has on its facing afterwards, null where it has none. */
  agrees(movement: MovementFact, booked: (facing: string) => number): boolean;
}

/** A shelf event settles between this long before and after the hand was really gone. */
const EARLY_MS = 600;
const LATE_MS = 2_600;
const MOST_AT_ONCE = 6;
const RECENT_MS = 30 * 60_000;

export function createWitness(world: World, startMs: number): Witness {
  const receipts = new Map<string, ReadonlyMap<string, number>>();
  const byFacing = new Map<string, Seen[]>();
  const known = new Set<Handling>();
  const givenUp = new Map<string, number>();
  /** What the last event of a facing turned out to be. */
  const truthOf = new Map<string, readonly Seen[]>();
  const look = () => {
    for (const handling of world.desk.recent) {
      if (known.has(handling) || handling.change === 0) continue;
      known.add(handling);
      const all = byFacing.get(handling.facing) ?? [];
      byFacing.set(handling.facing, all);
      all.push({ ...handling, goneMs: startMs + handling.handGoneAtMs, matched: false });
    }
  };
  /** The run of handlings that add up to what an event says; empty when there is none. */
  const runOf = (facing: string, gtin: string, units: number, { onsetMs, settledMs }: WeightsEvidence) => {
    const near = (byFacing.get(facing) ?? []).filter(
      ({ goneMs, matched }) => !matched && goneMs >= onsetMs - LATE_MS && goneMs <= settledMs + EARLY_MS,
    );
    for (let length = 1; length <= MOST_AT_ONCE; length++) {
      for (let from = near.length - length; from >= 0; from--) {
        const run = near.slice(from, from + length);
        const sum = run.reduce((total, { change }) => total + change, 0);
        if (sum === units && run.every(handling => handling.gtin === gtin)) return run;
      }
    }
    return [];
  };
  const lost = (gtin: string) => {
    let units = world.goods.stolen.get(gtin as never) ?? 0;
    for (const { facing, units: here } of world.goods.facings.values())
      if (facing.gtin !== gtin) units += here.filter(unit => unit.gtin === gtin).length;
    return units;
  };
  const isNearer = (before: number, after: number, truth: number) =>
    Math.abs(after - truth) < Math.abs(before - truth);
  const byWeights = (movement: MovementFact, evidence: WeightsEvidence, facing: string): boolean => {
    const run = truthOf.get(keyOf(facing, evidence)) ?? [];
    if (run.length === 0 || run[0]!.gtin !== movement.gtin) return false;
    const carried = run.every(({ kind }) => kind === 'refill');
    return movement.cause === 'restock' ? carried : movement.cause === 'put' ? !carried : true;
  };
  const byDocument = (movement: MovementFact, key: string): boolean => {
    const { cause, gtin, quantity } = movement;
    if (cause === 'sale') return (receipts.get(key)?.get(gtin) ?? 0) >= quantity;
    if (cause !== 'pick_inferred') return true;
    const place = movement.from.slice('shelf:'.length);
    // A facing without plates can only have been the one that really lost it.
    const missed = (byFacing.get(place) ?? []).filter(
      ({ kind, matched, goneMs }) =>
        kind === 'pick' && !matched && goneMs > startMs + world.elapsedMs() - RECENT_MS,
    );
    const found = missed[0];
    if (found) found.matched = true;
    return found !== undefined;
  };
  return {
    look,
    paid: ({ key, lines }) =>
      void receipts.set(key, new Map(lines.map(({ gtin, quantity }) => [gtin, quantity]))),
    hear({ facing, gtin, units, evidence }) {
      if (evidence.kind !== 'weights') return;
      look();
      const run = runOf(facing, gtin, units, evidence);
      for (const handling of run) handling.matched = true;
      truthOf.set(keyOf(facing, evidence), run);
    },
    agrees(movement, booked) {
      const { evidence, from, to, gtin, quantity, cause } = movement;
      if ((from === 'cart' && to === 'unaccounted') || (from === 'unaccounted' && to === 'cart')) {
        const before = givenUp.get(gtin) ?? 0;
        const after = before + (to === 'unaccounted' ? quantity : -quantity);
        givenUp.set(gtin, after);
        return isNearer(before, after, lost(gtin));
      }
      const shelf = [from, to].find(place => place.startsWith('shelf:'))?.slice('shelf:'.length) ?? null;
      const isSeen = ['pick', 'put', 'restock'].includes(cause);
      if (isSeen && evidence.kind === 'weights' && shelf !== null)
        return byWeights(movement, evidence, shelf);
      if (cause !== 'pick_inferred' && (cause === 'reverted' || !isOfDocument(cause)) && shelf !== null) {
        const place = world.goods.facings.get(shelf);
        if (!place || place.facing.gtin !== gtin) return true;
        const after = booked(shelf);
        return isNearer(after + (from.startsWith('shelf:') ? quantity : -quantity), after, countOn(place));
      }
      return evidence.kind !== 'document' || byDocument(movement, evidence.key);
    },
  };
}

const isOfDocument = (cause: string) => ['sale', 'delivery', 'count', 'refill'].includes(cause);

const keyOf = (facing: string, { settledMs, deltaGrams }: WeightsEvidence) =>
  `${facing} ${settledMs} ${deltaGrams}`;
