import type { Gtin } from '../../shared/gtin.ts';
import type { StockFact, UnitWeightFact } from './facts.ts';
import type { Planogram } from './planogram.ts';

/** What one unit of an item weighs, as far as anybody knows. Grams. */
export interface UnitModel {
  readonly meanGrams: number;
  /** From unit to unit. */
  readonly sigmaGrams: number;
  /** How far the true mean may be from `meanGrams`. */
  readonly meanSigmaGrams: number;
}

/** How well a catalogue weight fits the lot on the shelf: 1 %. After a change of the pack it is known half as well. */
const CATALOGUE_ERROR = 0.01;
const NEW_PACK_ERROR = 0.02;
/** A thing that weighs more or less than this share off the catalogue is another item, and nothing is learned from it. */
const MOST_OFF = 0.25;

/** What the catalogue's spread is worth, in units weighed. */
const SPREAD_SAMPLES = 10;
/** What the mean of a fresh lot is worth grows to 200 units at most, because older ones fade. */
const FADING = 0.995;
/** Units of one lot are alike at most so far, and differ at most by so many times what the law allows. */
const LEAST_SPREAD = 0.003;
const MOST_SPREAD = 1.5;

/** Only what is as good as certain teaches; what is likely may still tell that the pack has changed. */
const SURE = 0.99;
const LIKELY = 0.5;

/** Cumulative sums of standardised residuals, whose single ones count up to three (weight-shelf.md 5.7). */
const CUSUM_SLACK = 0.5;
const CUSUM_LIMIT = 5;
const MOST_SIGMAS = 3;
/** Of a single weighing, from the plates, in square grams. */
const PLATE_VARIANCE = 2;

/** After this many units the first word is put down, then each time that it doubles, then each 200. */
const FIRST_TOLD = 10;
const TOLD_EVERY = 200;

/**
 * Tolerable negative error of a prepack of `grams` nominal quantity: EU directive 76/211/EEC, annex I, 2.4.
 * At most 2 % of packages fall below it, so it is about 2.05 standard deviations.
 */
function tolerableErrorGrams(grams: number): number {
  if (grams <= 50) return 0.09 * grams;
  if (grams <= 100) return 4.5;
  if (grams <= 200) return 0.045 * grams;
  if (grams <= 300) return 9;
  if (grams <= 500) return 0.03 * grams;
  if (grams <= 1000) return 15;
  return 0.015 * grams;
}

/** Spread of a prepack as the law has it, before anything is learned. */
export const unitSigmaGrams = (unitWeightGrams: number): number =>
  tolerableErrorGrams(unitWeightGrams) / 2.05;

/** An item of which nothing but the catalogue's weight is known. */
export const catalogueUnit = (unitWeightGrams: number): UnitModel => ({
  meanGrams: unitWeightGrams,
  sigmaGrams: unitSigmaGrams(unitWeightGrams),
  meanSigmaGrams: CATALOGUE_ERROR * unitWeightGrams,
});

/** One side of the CUSUM: how far it has run, and what it has seen since it was last at nothing. */
interface Run {
  readonly height: number;
  readonly sumGrams: number;
  readonly units: number;
}

/** Normal-inverse-gamma belief over mean and spread of one item's units. */
interface Learned {
  readonly catalogueGrams: number;
  readonly meanGrams: number;
  readonly variance: number;
  /** What the mean is worth, in units weighed. */
  readonly samples: number;
  readonly spreadSamples: number;
  readonly heavier: Run;
  readonly lighter: Run;
  readonly seen: number;
  readonly toldAt: number;
}

const STILL: Run = { height: 0, sumGrams: 0, units: 0 };

function fresh(catalogueGrams: number, meanGrams: number, error: number): Learned {
  const sigma = unitSigmaGrams(meanGrams);
  return {
    catalogueGrams,
    meanGrams,
    variance: sigma ** 2,
    samples: (sigma / (error * meanGrams)) ** 2,
    spreadSamples: SPREAD_SAMPLES,
    heavier: STILL,
    lighter: STILL,
    seen: 0,
    toldAt: 0,
  };
}

/** `units` units that weighed `grams` each on average. */
interface Weighing {
  readonly gtin: Gtin;
  readonly grams: number;
  readonly units: number;
  readonly isSure: boolean;
}

function after(before: Learned, { grams, units, isSure }: Weighing): Learned {
  const { catalogueGrams, meanGrams, variance, samples, spreadSamples } = before;
  if (Math.abs(grams - catalogueGrams) > MOST_OFF * catalogueGrams) return before;
  const sd = Math.sqrt((variance + PLATE_VARIANCE) / units + variance / samples);
  const z = Math.max(-MOST_SIGMAS, Math.min(MOST_SIGMAS, (grams - meanGrams) / sd));
  const watched = {
    ...before,
    heavier: runOn(before.heavier, z, grams),
    lighter: runOn(before.lighter, -z, grams),
  };
  if (!isSure) return watched;
  const worth = FADING * samples + units;
  const spreadWorth = FADING * spreadSamples + 1;
  const off = grams - meanGrams;
  const spread = (units * off ** 2 * FADING * samples) / worth;
  const sigma = unitSigmaGrams(catalogueGrams);
  const learned = (FADING * spreadSamples * variance + spread) / spreadWorth;
  return {
    ...watched,
    meanGrams: meanGrams + (off * units) / worth,
    variance: Math.max((LEAST_SPREAD * catalogueGrams) ** 2, Math.min((MOST_SPREAD * sigma) ** 2, learned)),
    samples: worth,
    spreadSamples: spreadWorth,
    seen: before.seen + units,
  };
}

function runOn({ height, sumGrams, units }: Run, z: number, grams: number): Run {
  const next = height + z - CUSUM_SLACK;
  return next <= 0 ? STILL : { height: next, sumGrams: sumGrams + grams, units: units + 1 };
}

/** The run that says that the units are others than before; null mostly. */
const alarmOf = ({ heavier, lighter }: Learned): Run | null =>
  [heavier, lighter].find(({ height }) => height > CUSUM_LIMIT) ?? null;

/** What is worth telling after a weighing, null mostly. */
function wordOn(gtin: Gtin, learned: Learned): UnitWeightFact | null {
  const { catalogueGrams, samples, seen, toldAt } = learned;
  const alarm = alarmOf(learned);
  if (alarm) {
    const {
      meanGrams,
      variance,
      samples: worth,
    } = fresh(catalogueGrams, alarm.sumGrams / alarm.units, NEW_PACK_ERROR);
    return factOf(gtin, 'pack_change', { ...learned, meanGrams, variance, samples: worth });
  }
  const next = toldAt === 0 ? FIRST_TOLD : Math.min(2 * toldAt, toldAt + TOLD_EVERY);
  return seen >= next ? factOf(gtin, 'learned', { ...learned, samples }) : null;
}

function factOf(gtin: Gtin, change: UnitWeightFact['change'], learned: Learned): UnitWeightFact {
  const round = (value: number) => Math.round(value * 1000) / 1000;
  const { catalogueGrams, meanGrams, variance, samples } = learned;
  return {
    type: 'unit_weight',
    gtin,
    change,
    catalogueGrams,
    meanGrams: round(meanGrams),
    sigmaGrams: round(Math.sqrt(variance)),
    samples: round(samples),
  };
}

/** As a fact says it; `seen` is how many units of this pack have been weighed. */
function restored(fact: UnitWeightFact, seen: number): Learned {
  const { catalogueGrams, meanGrams, sigmaGrams, samples, change } = fact;
  if (change === 'pack_change') return fresh(catalogueGrams, meanGrams, NEW_PACK_ERROR);
  const told = Math.max(FIRST_TOLD, Math.round(seen || samples));
  return {
    ...fresh(catalogueGrams, meanGrams, CATALOGUE_ERROR),
    variance: sigmaGrams ** 2,
    samples,
    spreadSamples: SPREAD_SAMPLES + samples,
    seen: told,
    toldAt: told,
  };
}

/** What the units of each item really weigh: a fold of what the shelves saw and of what was told about it. */
export interface UnitWeights {
  of(gtin: string, catalogueGrams: number): UnitModel;
  /** What is to be put on record once these facts are: at most one word for each item. */
  tell(facts: readonly StockFact[]): readonly UnitWeightFact[];
  fold(fact: StockFact): void;
}

export function createUnitWeights(planogram: Planogram): UnitWeights {
  const items = new Map<string, Learned>();
  const of = (gtin: string, catalogueGrams: number) => {
    const known = items.get(gtin);
    // Whoever corrected the catalogue knows better than what was learned before.
    return known?.catalogueGrams === catalogueGrams
      ? known
      : fresh(catalogueGrams, catalogueGrams, CATALOGUE_ERROR);
  };
  const catalogueOf = (gtin: string) =>
    planogram.facingsOf(gtin).find(({ unitWeightGrams }) => unitWeightGrams !== null)?.unitWeightGrams ??
    null;
  return {
    of(gtin, catalogueGrams) {
      const { meanGrams, variance, samples } = of(gtin, catalogueGrams);
      return { meanGrams, sigmaGrams: Math.sqrt(variance), meanSigmaGrams: Math.sqrt(variance / samples) };
    },
    tell(facts) {
      const next = new Map<Gtin, Learned>();
      for (const fact of facts) {
        const weighing = weighingOf(fact, planogram);
        const grams = weighing && catalogueOf(weighing.gtin);
        if (grams)
          next.set(weighing.gtin, after(next.get(weighing.gtin) ?? of(weighing.gtin, grams), weighing));
      }
      return [...next].flatMap(([gtin, learned]) => wordOn(gtin, learned) ?? []);
    },
    fold(fact) {
      if (fact.type === 'unit_weight') {
        items.set(fact.gtin, restored(fact, items.get(fact.gtin)?.seen ?? 0));
        return;
      }
      const weighing = weighingOf(fact, planogram);
      const grams = weighing && catalogueOf(weighing.gtin);
      if (grams) items.set(weighing.gtin, after(of(weighing.gtin, grams), weighing));
    },
  };
}

/** What a fact says about the weight of units whose number is known without it; null mostly. */
function weighingOf(fact: StockFact, planogram: Planogram): Weighing | null {
  if (fact.type !== 'shelf_event' && fact.type !== 'unexplained_weight') return null;
  const { facing, gtin, evidence } = fact;
  const place = planogram.facing(facing);
  // Where items share plates a step may be of another, or of several.
  if (
    evidence.kind !== 'weights' ||
    place?.gtin !== gtin ||
    place.byWeight ||
    planogram.sharersOf(place).length > 0
  )
    return null;
  if (fact.type === 'unexplained_weight') {
    return { gtin, grams: Math.abs(evidence.deltaGrams), units: 1, isSure: false };
  }
  const { units, matched, confidence } = fact;
  const count = Math.abs(units);
  const isScanned = units > 1 && matched === units;
  if ((count !== 1 && !isScanned) || confidence < LIKELY) return null;
  return { gtin, grams: Math.abs(evidence.deltaGrams) / count, units: count, isSure: confidence >= SURE };
}
