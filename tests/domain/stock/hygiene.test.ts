import { describe, expect, it } from 'vitest';
import type { WeightReading } from '../../../src/readings/reading.ts';
import { createShelfSignal } from '../../support/shelf-signal.ts';
import { createStockBench, type StockBench, shelfOf } from '../../support/stock-bench.ts';

const FACINGS = shelfOf([250, 44, 620, 120]);
type Spoil = (grams: number) => number;

/** What the second plate says instead of its weight. */
const spoiled = (readings: readonly WeightReading[], spoil: Spoil): readonly WeightReading[] =>
  readings.map(reading => ({
    ...reading,
    plates: reading.plates.map(({ plate, grams }) => ({
      plate,
      grams: plate === 2 ? Array.from(grams, spoil) : grams,
    })),
  }));

const troubles = (bench: StockBench) =>
  bench.facts.flatMap(fact =>
    fact.type === 'plate_trouble' && fact.trouble !== 'untared'
      ? [`${fact.plate} ${fact.facing} ${fact.trouble} ${fact.state}`]
      : [],
  );

function shelf(options = {}) {
  const signal = createShelfSignal({ plates: 4, seed: 3, ...options });
  return { signal, bench: createStockBench(FACINGS) };
}

describe('a channel that is ill', () => {
  it.each([
    ['says nothing that is a number', () => Number.NaN, 'dead'],
    ['never says another number than the first', () => 812.4, 'dead'],
    ['is on its rail', () => 8_388_607, 'rail'],
  ] satisfies [string, Spoil, string][])('is reported within 15 s when it %s', (_, spoil, trouble) => {
    const { signal, bench } = shelf();
    bench.feed(spoiled(signal.run(15_000), spoil));
    expect(troubles(bench)).toEqual([`2 F2 ${trouble} raised`]);
    expect(bench.events()).toEqual([]);
  });

  it('is stuck when it repeats itself after it was well, and well again when it moves', () => {
    const { signal, bench } = shelf();
    bench.feed(signal.run(5_000));
    bench.feed(spoiled(signal.run(15_000), () => 500));
    expect(troubles(bench)).toEqual(['2 F2 stuck raised']);
    bench.feed(signal.run(8_000));
    expect(troubles(bench)).toEqual(['2 F2 stuck raised', '2 F2 stuck cleared']);
  });

  it('is never counted from, but what was taken meanwhile is found when it is well again', () => {
    const { signal, bench } = shelf();
    bench.feed(signal.run(5_000));
    bench.feed(spoiled(signal.run(15_000), () => 500));
    signal.step({ plate: 2, grams: -44 });
    bench.feed(spoiled(signal.run(3_000), () => 500));
    expect(bench.events()).toEqual([]);
    bench.feed(signal.run(10_000));
    expect(bench.events()).toEqual(['F2 -1']);
  });

  it('is still known to be ill after a restart', () => {
    const { signal, bench } = shelf();
    bench.feed(spoiled(signal.run(15_000), () => Number.NaN));
    const illPlates = bench.facts.filter(fact => fact.type === 'plate_trouble');
    const next = createStockBench(FACINGS, { saved: { ...bench.saved(), illPlates } });
    next.feed(spoiled(signal.run(15_000), () => Number.NaN));
    expect(troubles(next)).toEqual([]);
    next.feed(signal.run(10_000));
    expect(troubles(next)).toEqual(['2 F2 dead cleared']);
  });
});

describe('a channel that is well', () => {
  it('may repeat itself where all of them speak in whole grams', () => {
    const { signal, bench } = shelf();
    const coarse = signal.run(60_000).map(reading => ({
      ...reading,
      plates: reading.plates.map(({ plate, grams }) => ({
        plate,
        grams: Array.from(grams, value => 100 * Math.round(value / 100)),
      })),
    }));
    bench.feed(coarse);
    expect(troubles(bench)).toEqual([]);
  });

  it('but for its zero counts all the same', () => {
    const { signal, bench } = shelf();
    bench.feed(spoiled(signal.run(40_000), grams => grams - 20_000));
    expect(bench.facts).toContainEqual({
      ...{ type: 'plate_trouble', device: 'shelf-1', plate: 2, facing: 'F2' },
      ...{ trouble: 'untared', state: 'raised' },
    });
    signal.step({ plate: 2, grams: -44 });
    bench.feed(spoiled(signal.run(3_000), grams => grams - 20_000));
    expect(bench.events()).toEqual(['F2 -1']);
  });
});
