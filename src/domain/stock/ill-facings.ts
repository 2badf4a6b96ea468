import type { Place, StockFact } from './facts.ts';
import { facingOf } from './movement.ts';
import { type FacingConfig, groupByPlates, isWeighed, type Planogram } from './planogram.ts';
import type { Refills } from './refills.ts';

/** Since one of a facing's plates fell ill. */
interface Spell {
  readonly plates: ReadonlySet<string>;
  /** Units that documents say came (or, negative, went) and that no plate has weighed; null when nobody can tell. */
  readonly unweighed: Unweighed | null;
}

export interface Unweighed {
  /** What came less what went. */
  readonly units: number;
  /** How many came and went in all, each of which weighs a little more or less than the others. */
  readonly exchanged: number;
}

/**
 * Facings with a plate that nothing may be counted from. Until it is well again their sales and refills are counted by
 * documents, and what those say is what the plate must have missed. A fold of facts.
 */
export interface IllFacings {
  isIll(facing: string): boolean;
  /**
   * Units that documents have brought to the facing's plates since the spell began; null when plates fell ill or
   * recovered one after the other, or somebody counted, so that their weight from before says nothing of the book.
   */
  unweighed(facing: string, nowMs: number): Unweighed | null;
  fold(fact: StockFact, eventTimeMs: number): void;
}

type Credits = Pick<Refills, 'openCredit'>;

/** Spells by facing. */
function createSpells(refills: Credits) {
  const spells = new Map<string, Spell>();
  /** A channel that changes its trouble is cleared and raised at the same moment. */
  const ended = new Map<string, { readonly spell: Spell; readonly atMs: number }>();
  return {
    of: (facing: string): Spell | null => spells.get(facing) ?? null,
    facings: () => spells.keys(),
    add(facing: string, units: number) {
      const spell = spells.get(facing);
      if (!spell?.unweighed) return;
      const { units: before, exchanged } = spell.unweighed;
      const unweighed = { units: before + units, exchanged: exchanged + Math.abs(units) };
      spells.set(facing, { ...spell, unweighed });
    },
    forget(facing: string) {
      const spell = spells.get(facing);
      if (spell) spells.set(facing, { ...spell, unweighed: null });
    },
    fallIll(facing: string, plate: string, atMs: number) {
      const last = ended.get(facing);
      if (last?.atMs === atMs && last.spell.plates.has(plate)) {
        spells.set(facing, last.spell);
        return;
      }
      const before = spells.get(facing);
      // What was announced and not seen to arrive will arrive unseen.
      const announced = refills.openCredit(facing, atMs);
      const unweighed = before ? before.unweighed : { units: announced, exchanged: announced };
      spells.set(facing, { plates: new Set(before?.plates).add(plate), unweighed });
    },
    recover(facing: string, plate: string, atMs: number) {
      const before = spells.get(facing);
      if (!before?.plates.has(plate)) return;
      ended.set(facing, { spell: before, atMs });
      const plates = new Set(before.plates);
      plates.delete(plate);
      if (plates.size === 0) spells.delete(facing);
      // Which of the plates the goods came to or went from is not known.
      else spells.set(facing, { plates, unweighed: null });
    },
  };
}

/** Facings on each plate that weights can count, by device and number. */
function facingsByPlate(planogram: Planogram): ReadonlyMap<string, readonly FacingConfig[]> {
  const onPlate = new Map<string, FacingConfig[]>();
  for (const group of groupByPlates(planogram.facings.filter(isWeighed))) {
    for (const { device, plate } of group[0]!.plates) {
      const id = `${device} ${plate}`;
      onPlate.set(id, [...(onPlate.get(id) ?? []), ...group]);
    }
  }
  return onPlate;
}

/** `longIll`: plates in trouble of which the log may no longer say since when. */
export function createIllFacings(
  planogram: Planogram,
  refills: Credits,
  longIll: readonly StockFact[] = [],
): IllFacings {
  const spells = createSpells(refills);
  const onPlate = facingsByPlate(planogram);
  const move = (place: Place, gtin: string, units: number) => {
    const facing = facingOf(place);
    if (facing !== null && planogram.facing(facing)?.gtin === gtin) spells.add(facing, units);
  };
  const fold = (fact: StockFact, atMs: number) => {
    if (fact.type === 'plate_trouble' && fact.trouble !== 'untared') {
      const plate = `${fact.device} ${fact.plate}`;
      for (const { facing } of onPlate.get(plate) ?? []) {
        if (fact.state === 'raised') spells.fallIll(facing, plate, atMs);
        else spells.recover(facing, plate, atMs);
      }
    } else if (fact.type === 'movement' && fact.evidence.kind === 'document') {
      move(fact.from, fact.gtin, -fact.quantity);
      move(fact.to, fact.gtin, fact.quantity);
    } else if (fact.type === 'shelf_event') spells.add(fact.facing, -fact.matched);
    else if (fact.type === 'count') {
      const facing = facingOf(fact.place);
      if (facing !== null) spells.forget(facing);
    }
  };
  for (const fact of longIll) fold(fact, Number.NEGATIVE_INFINITY);
  for (const facing of spells.facings()) spells.forget(facing);
  return {
    isIll: facing => spells.of(facing) !== null,
    unweighed(facing, nowMs) {
      const unweighed = spells.of(facing)?.unweighed;
      if (!unweighed) return null;
      // What may still be on its way is matched when it is weighed.
      return { ...unweighed, units: unweighed.units - refills.openCredit(facing, nowMs) };
    },
    fold,
  };
}
