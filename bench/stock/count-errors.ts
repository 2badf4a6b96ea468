import { countOn } from '../../simulators/world/goods.ts';
import type { World } from '../../simulators/world/world.ts';
import type { Site } from '../../src/config/site.ts';
import type { StockFact } from '../../src/domain/stock/facts.ts';
import type { Books } from './books.ts';

/** How far a way of counting was from the truth: all minutes of the day, and at close. */
export interface CountError {
  readonly mae: number;
  readonly exact: number;
  readonly closeMae: number;
  readonly closeExact: number;
}

export interface WrongFacing {
  readonly facing: string;
  readonly counted: number;
  readonly truth: number;
}

export type Way = 'aisle' | 'tillOnly' | 'sensorOnly';
const WAYS: readonly Way[] = ['aisle', 'tillOnly', 'sensorOnly'];

const add = (counts: Map<string, number>, key: string, units: number) =>
  counts.set(key, (counts.get(key) ?? 0) + units);

/** What tills with refill notes, and what shelves, would each have counted by themselves. */
export function createEstimates(site: Site) {
  /** By item: a till does not know from which facing. */
  const tills = new Map<string, number>();
  /** By facing. */
  const sensed = new Map<string, number>();
  const note = (fact: StockFact) => {
    if (fact.type === 'shelf_event' && site.facings.get(fact.facing)?.gtin === fact.gtin)
      add(sensed, fact.facing, fact.units);
    if (fact.type === 'sale') for (const { gtin, quantity } of fact.lines) add(tills, gtin, -quantity);
    if (fact.type === 'goods' && fact.refill)
      for (const { gtin, quantity } of fact.lines) add(tills, gtin, quantity);
    if (fact.type === 'count' && fact.place.startsWith('shelf:')) {
      add(tills, fact.gtin, fact.counted);
      add(sensed, fact.place.slice('shelf:'.length), fact.counted);
    }
  };
  return { tills, sensed, note };
}

interface Sum {
  error: number;
  exact: number;
  looks: number;
}

const emptySums = (): Record<Way, Sum> => ({
  aisle: { error: 0, exact: 0, looks: 0 },
  tillOnly: { error: 0, exact: 0, looks: 0 },
  sensorOnly: { error: 0, exact: 0, looks: 0 },
});

/** Compares the three ways of counting with the truth, facing by facing. */
export function createCountErrors(
  books: Books,
  { tills, sensed }: ReturnType<typeof createEstimates>,
  world: World,
) {
  const facings = books.facings.filter(({ facing }) => world.goods.facings.has(facing));
  const counted = (facing: string, gtin: string) =>
    books.state.ledger.balances.quantity(gtin, `shelf:${facing}`);
  const errorOf = (way: Way, facing: string, gtin: string): number => {
    const truth = countOn(world.goods.facings.get(facing)!);
    if (way === 'aisle') return Math.abs(counted(facing, gtin) - truth);
    if (way === 'sensorOnly') return Math.abs((sensed.get(facing) ?? 0) - truth);
    // The till is off for the whole item, which its facings share.
    const places = [...world.goods.facings.values()].filter(place => place.facing.gtin === gtin);
    const all = places.reduce((sum, place) => sum + countOn(place), 0);
    return Math.abs((tills.get(gtin) ?? 0) - all) / places.length;
  };
  const look = (into: Record<Way, Sum>, skipBusy: boolean) => {
    for (const { facing, gtin } of facings) {
      // While a hand is inside, nobody could say what the truth is.
      if (skipBusy && !world.desk.isFree(world.goods.facings.get(facing)!)) continue;
      for (const way of WAYS) {
        const error = errorOf(way, facing, gtin);
        into[way].error += error;
        into[way].looks++;
        if (error === 0) into[way].exact++;
      }
    }
  };
  const day = emptySums();
  return {
    look: () => look(day, true),
    result() {
      const close = emptySums();
      look(close, false);
      const of = (way: Way): CountError => ({
        mae: day[way].error / day[way].looks,
        exact: day[way].exact / day[way].looks,
        closeMae: close[way].error / close[way].looks,
        closeExact: close[way].exact / close[way].looks,
      });
      const wrongAtClose = facings.flatMap(({ facing, gtin }): WrongFacing[] => {
        const truth = countOn(world.goods.facings.get(facing)!);
        const units = counted(facing, gtin);
        return units === truth ? [] : [{ facing, counted: units, truth }];
      });
      return {
        facings: facings.length,
        aisle: of('aisle'),
        tillOnly: of('tillOnly'),
        sensorOnly: of('sensorOnly'),
        wrongAtClose,
      };
    },
  };
}
