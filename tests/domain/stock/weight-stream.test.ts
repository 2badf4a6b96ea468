import { describe, expect, it } from 'vitest';
import { takeCheckpoints } from '../../../src/domain/stock/stock.ts';
import type { WeightReading } from '../../../src/readings/reading.ts';
import { createShelfSignal } from '../../support/shelf-signal.ts';
import { createStockBench, type StockBench, shelfOf } from '../../support/stock-bench.ts';

const FACINGS = shelfOf([250, 44, 620, 120]);
const start = (seed = 11) => {
  const signal = createShelfSignal({ plates: 4, seed });
  const bench = createStockBench(FACINGS);
  bench.feed(signal.run(2_000));
  return { bench, signal };
};
const restarted = (bench: StockBench) => createStockBench(FACINGS, { saved: bench.saved() });

describe('a stream of batches', () => {
  it('means the same when every batch comes twice', () => {
    const { bench, signal } = start();
    signal.step({ plate: 1, grams: -250 });
    bench.feed(signal.run(2_000).flatMap(reading => [reading, reading]));
    expect(bench.events()).toEqual(['F1 -1']);
    expect(bench.state.counters.duplicateBatches).toBe(20);
  });

  it('drops a batch that comes after a later one, and still counts', () => {
    const { bench, signal } = start();
    signal.step({ plate: 1, grams: -250 });
    const batches = [...signal.run(3_000)];
    [batches[6], batches[7]] = [batches[7], batches[6]] as [WeightReading, WeightReading];
    bench.feed(batches);
    expect(bench.events()).toEqual(['F1 -1']);
    expect(bench.state.counters.lateBatches).toBe(1);
  });

  it('finds a pick that happened while no batches came', () => {
    const { bench, signal } = start();
    signal.step({ plate: 3, grams: -1_240 });
    signal.run(4_000);
    bench.feed(signal.run(2_000));
    expect(bench.events()).toEqual(['F3 -2']);
    expect(bench.state.counters.gaps).toBe(1);
  });

  it("goes on when the device's clock is set back by an hour", () => {
    const { bench, signal } = start();
    const setBack = (readings: readonly WeightReading[]) =>
      readings.map(reading => ({ ...reading, eventTimeMs: reading.eventTimeMs - 3_600_000 }));
    bench.feed(setBack(signal.run(2_000)));
    signal.step({ plate: 1, grams: -250 });
    bench.feed(setBack(signal.run(2_000)));
    expect(bench.events()).toEqual(['F1 -1']);
    expect(bench.state.counters.clockSteps).toBe(1);
  });

  it('takes any first level as it is, because shelves are seldom at zero', () => {
    const { bench } = start();
    expect(bench.facts).toEqual([]);
  });
});

describe('a restart', () => {
  it('changes nothing on a shelf where nothing happened', () => {
    const { bench, signal } = start();
    const next = restarted(bench);
    next.feed(signal.run(5_000));
    expect(next.facts).toEqual([]);
  });

  it('finds what was taken and put meanwhile', () => {
    const { bench, signal } = start();
    signal.step({ plate: 1, grams: -250 });
    signal.step({ plate: 4, grams: 240 });
    signal.run(20_000);
    const next = restarted(bench);
    next.feed(signal.run(2_000));
    expect(next.events()).toEqual(['F1 -1', 'F4 2']);
  });

  it('does not count a pick again that was counted before it', () => {
    const { bench, signal } = start();
    signal.step({ plate: 1, grams: -250 });
    bench.feed(signal.run(2_000));
    const next = restarted(bench);
    next.feed(signal.run(3_000));
    expect(next.events()).toEqual([]);
  });

  it('puts on record at once what it cannot explain', () => {
    const { bench, signal } = start();
    signal.step({ plate: 4, grams: 190 });
    signal.run(5_000);
    const next = restarted(bench);
    next.feed(signal.run(1_500));
    expect(next.facts).toMatchObject([{ type: 'unexplained_weight', facing: 'F4' }]);
  });

  it('finds every pick and put although all facings of the shelf have changed', () => {
    const { bench, signal } = start();
    for (const [index, grams] of [-500, 88, 1_240, -960].entries()) signal.step({ plate: index + 1, grams });
    signal.run(20_000);
    const next = restarted(bench);
    next.feed(signal.run(2_000));
    expect(next.events().toSorted()).toEqual(['F1 -2', 'F2 2', 'F3 2', 'F4 -8']);
  });

  it('never counts units when the whole shelf jumped: it was switched off or set to zero', () => {
    const { bench, signal } = start();
    for (const [index, grams] of [-500, 61, 1_410, -185].entries()) signal.step({ plate: index + 1, grams });
    signal.run(20_000);
    const next = restarted(bench);
    next.feed(signal.run(2_000));
    expect(next.events()).toEqual([]);
    expect(next.facts.map(({ type }) => type)).toEqual(Array(4).fill('unexplained_weight'));
  });

  it('never counts a jump of more than four kilograms', () => {
    const { bench, signal } = start();
    signal.step({ plate: 3, grams: -7 * 620 });
    signal.run(20_000);
    const next = restarted(bench);
    next.feed(signal.run(2_000));
    expect(next.facts).toMatchObject([{ type: 'unexplained_weight', facing: 'F3' }]);
  });
});

describe('checkpoints', () => {
  it('are handed out once for each plate that settles', () => {
    const signal = createShelfSignal({ plates: 4, seed: 3 });
    const bench = createStockBench(FACINGS);
    bench.feed(signal.run(2_000));
    expect(bench.saved().plates.map(({ plate }) => plate)).toEqual([1, 2, 3, 4]);
    expect(takeCheckpoints(bench.state)).toEqual([]);
  });

  it('follow a drift, but not more often than every 30 s', () => {
    const signal = createShelfSignal({ plates: 1, seed: 3, driftGramsPerS: 0.03 });
    const bench = createStockBench(shelfOf([250]));
    const written = signal.run(120_000).filter(reading => {
      const before = bench.saved().plates[0]?.atMs;
      bench.feed([reading]);
      return bench.saved().plates[0]?.atMs !== before;
    });
    expect(written.length).toBeGreaterThanOrEqual(4);
    expect(written.length).toBeLessThanOrEqual(5);
  });
});
