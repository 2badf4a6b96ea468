import type { Gtin } from '../../shared/gtin.ts';

export interface StockConfig {
  readonly facings: readonly FacingConfig[];
  /** Every item that the store knows, with a facing or without. */
  readonly gtins: readonly Gtin[];
  /** Units of each item that are never promised online. */
  readonly safetyStock: number;
  /** For a shelf, the device whose air temperature its plates feel. */
  readonly thermometers?: ReadonlyMap<string, string>;
  /** Items that are sold by weight, whose quantities are grams, with what a piece weighs as a rule. */
  readonly byWeight?: ReadonlyMap<Gtin, number>;
}

export interface FacingConfig {
  readonly facing: string;
  readonly gtin: Gtin;
  /** null for what is not counted by weight. */
  readonly unitWeightGrams: number | null;
  /** Its item is sold by weight, so that the plates tell the quantity itself. */
  readonly byWeight?: boolean;
  readonly plates: readonly { readonly device: string; readonly plate: number }[];
}

/** A facing whose units the weights can count. */
export interface WeighedFacing extends FacingConfig {
  readonly unitWeightGrams: number;
}

/** Lighter units drown in what a plate does by itself (weight-shelf.md 5.9); tills and counts keep them. */
export const LIGHTEST_UNIT_GRAMS = 4;

export interface Planogram {
  readonly knows: (gtin: string) => boolean;
  readonly facing: (id: string) => FacingConfig | null;
  /** In the order of the configuration. */
  readonly facingsOf: (gtin: string) => readonly FacingConfig[];
  /** Other facings whose units stand on the same plates; mostly none. */
  readonly sharersOf: (facing: FacingConfig) => readonly FacingConfig[];
  readonly facings: readonly FacingConfig[];
  /** For a shelf, the device whose air temperature its plates feel. */
  readonly thermometers: ReadonlyMap<string, string>;
  /** Grams of a piece as a rule, of an item that is sold by weight; null for one that is sold by the piece. */
  readonly pieceGrams: (gtin: string) => number | null;
  readonly sellsByWeight: boolean;
}

export function isWeighed(facing: FacingConfig): facing is WeighedFacing {
  return (
    facing.plates.length > 0 &&
    facing.unitWeightGrams !== null &&
    facing.unitWeightGrams >= LIGHTEST_UNIT_GRAMS
  );
}

/** Facings with the same plates, in groups; each facing alone where it shares none. */
export function groupByPlates<F extends FacingConfig>(facings: readonly F[]): readonly (readonly F[])[] {
  const groups = new Map<string, F[]>();
  for (const facing of facings) {
    const plates = facing.plates.map(({ device, plate }) => `${device} ${plate}`).toSorted();
    const key = plates.length === 0 ? facing.facing : plates.join();
    groups.set(key, [...(groups.get(key) ?? []), facing]);
  }
  return [...groups.values()];
}

export function createPlanogram(config: StockConfig): Planogram {
  const items = new Set<string>(config.gtins);
  const byId = new Map(config.facings.map(facing => [facing.facing, facing]));
  const byItem = new Map<string, FacingConfig[]>();
  for (const facing of config.facings) {
    items.add(facing.gtin);
    byItem.set(facing.gtin, [...(byItem.get(facing.gtin) ?? []), facing]);
  }
  const sharers = new Map<string, readonly FacingConfig[]>();
  for (const group of groupByPlates(config.facings)) {
    for (const facing of group) {
      if (group.length > 1)
        sharers.set(
          facing.facing,
          group.filter(other => other !== facing),
        );
    }
  }
  const byWeight: ReadonlyMap<string, number> = config.byWeight ?? new Map();
  return {
    pieceGrams: gtin => byWeight.get(gtin) ?? null,
    sellsByWeight: byWeight.size > 0,
    facings: config.facings,
    thermometers: config.thermometers ?? new Map(),
    sharersOf: ({ facing }) => sharers.get(facing) ?? [],
    knows: gtin => items.has(gtin),
    facing: id => byId.get(id) ?? null,
    facingsOf: gtin => byItem.get(gtin) ?? [],
  };
}
