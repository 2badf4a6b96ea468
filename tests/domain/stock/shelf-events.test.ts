import { describe, expect, it } from 'vitest';
import type { FacingConfig } from '../../../src/domain/stock/planogram.ts';
import type { WeightReading } from '../../../src/readings/reading.ts';
import { createShelfSignal, type SignalOptions, type Step } from '../../support/shelf-signal.ts';
import { createStockBench, shelfOf, testGtin } from '../../support/stock-bench.ts';

const WEIGHTS = [250, 44, 620, 120];

/** A shelf that has stood still for two seconds, so that its plates know where they rest. */
function settledShelf(facings = shelfOf(WEIGHTS), options: Partial<SignalOptions> = {}) {
  const bench = createStockBench(facings);
  const signal = createShelfSignal({ plates: 4, seed: 7, ...options });
  bench.feed(signal.run(2_000));
  return {
    bench,
    signal,
    /** Lets a step happen and waits for it to settle. */
    act(step: Step, waitMs = 3_000) {
      signal.step(step);
      return bench.feed(signal.run(waitMs));
    },
  };
}

describe('what a shelf sees', () => {
  it.each([
    ['one unit taken after a push', { plate: 1, grams: -250, pushGrams: 80 }, ['F1 -1']],
    ['two taken at once', { plate: 1, grams: -500 }, ['F1 -2']],
    ['three taken at once', { plate: 1, grams: -750, pushGrams: 150 }, ['F1 -3']],
    ['a light unit taken', { plate: 2, grams: -44 }, ['F2 -1']],
    ['a slow pick over four seconds', { plate: 3, grams: -620, rampMs: 4_000 }, ['F3 -1']],
    ['a unit a little off its catalogue weight', { plate: 3, grams: -611 }, ['F3 -1']],
    ['one unit put', { plate: 4, grams: 120 }, ['F4 1']],
    ['six units put at once', { plate: 4, grams: 720, pushGrams: 50 }, ['F4 6']],
    ['a touch', { plate: 2, grams: 0, pushGrams: 150, pushMs: 600 }, []],
    ['a long hard touch', { plate: 3, grams: 0, pushGrams: 900, pushMs: 3_000 }, []],
  ] satisfies [string, Step, string[]][])('%s', (_, step, expected) => {
    for (const noiseGrams of [0.7, 2]) {
      const { bench, act } = settledShelf(undefined, { noiseGrams });
      act(step, 8_000);
      expect(bench.events()).toEqual(expected);
    }
  });

  it.each([60, 80, 200])('works at %i samples a second', hz => {
    const { bench, act } = settledShelf(undefined, { hz });
    act({ plate: 1, grams: -250, pushGrams: 60 });
    expect(bench.events()).toEqual(['F1 -1']);
  });

  it('books a pick from the shelf to the cart, with the weights as evidence', () => {
    const { act, bench } = settledShelf();
    const atMs = bench.state.nowMs;
    const [event, movement] = act({ plate: 1, grams: -500 });
    expect(event).toMatchObject({ type: 'shelf_event', facing: 'F1', units: -2, matched: 0 });
    expect(movement).toMatchObject({ from: 'shelf:F1', to: 'cart', quantity: 2, cause: 'pick' });
    expect(movement).toMatchObject({ confidence: expect.closeTo(1, 1) });
    const { evidence } = movement as { evidence: { deltaGrams: number; settledMs: number } };
    expect(evidence).toMatchObject({ kind: 'weights', device: 'shelf-1', plates: [1] });
    expect(Math.abs(evidence.deltaGrams + 500)).toBeLessThan(5);
    expect(evidence.settledMs - atMs).toBeLessThanOrEqual(1_000);
  });

  it('follows a drift of two grams a minute without an event', () => {
    const { bench, signal } = settledShelf(undefined, { driftGramsPerS: 2 / 60 });
    bench.feed(signal.run(180_000));
    expect(bench.events()).toEqual([]);
  });

  it('tells two neighbours apart that are picked within one second', () => {
    const { bench, signal, act } = settledShelf();
    signal.step({ plate: 3, grams: -620, pushGrams: 60 });
    bench.feed(signal.run(500));
    act({ plate: 4, grams: -120, pushGrams: 60 });
    expect(bench.events().toSorted()).toEqual(['F3 -1', 'F4 -1']);
  });

  it('does not wait for a slow hand at the next facing', () => {
    const { bench, signal, act } = settledShelf();
    signal.step({ plate: 4, grams: -120, rampMs: 5_000 });
    bench.feed(signal.run(500));
    act({ plate: 3, grams: -620 }, 1_000);
    expect(bench.events()).toEqual(['F3 -1']);
    bench.feed(signal.run(6_000));
    expect(bench.events()).toEqual(['F3 -1', 'F4 -1']);
  });

  it('counts two picks from one plate half a second apart', () => {
    const { bench, signal, act } = settledShelf();
    signal.step({ plate: 1, grams: -250 });
    bench.feed(signal.run(700));
    act({ plate: 1, grams: -250 });
    const units = bench.events().map(event => Number(event.split(' ')[1]));
    expect(units.reduce((sum, n) => sum + n, 0)).toBe(-2);
  });

  it('does not take the bending of the shelf under a heavy item for a light unit', () => {
    const heavyBesideLight = shelfOf([1_500, 20, 620, 120]);
    const { bench, act } = settledShelf(heavyBesideLight);
    for (let i = 0; i < 5; i++) act({ plate: 1, grams: -1_500, pushGrams: 60 });
    expect(bench.events()).toEqual(Array(5).fill('F1 -1'));
  });

  it('adds up a unit that stood on both plates of its facing', () => {
    const wide: FacingConfig[] = [
      {
        facing: 'WIDE',
        gtin: testGtin(1),
        unitWeightGrams: 300,
        plates: [1, 2].map(plate => ({ device: 'shelf-1', plate })),
      },
    ];
    const { bench, signal, act } = settledShelf(wide);
    signal.step({ plate: 1, grams: -210 });
    act({ plate: 2, grams: -90 });
    expect(bench.events()).toEqual(['WIDE -1']);
  });
});

describe('a thing in a wrong place', () => {
  it('is known by its weight while a cart holds one, and when somebody takes it away', () => {
    const { bench, act } = settledShelf();
    act({ plate: 3, grams: -620 });
    act({ plate: 1, grams: 622 });
    expect(bench.events()).toEqual(['F3 -1', 'F1 1']);
    const stranger = testGtin(3);
    expect([bench.quantity(stranger, 'cart'), bench.quantity(stranger, 'shelf:F1')]).toEqual([0, 1]);
    expect(bench.quantity(testGtin(1), 'shelf:F1')).toBe(0);
    act({ plate: 1, grams: -622 });
    expect([bench.quantity(stranger, 'cart'), bench.quantity(stranger, 'shelf:F1')]).toEqual([1, 0]);
  });

  it('is followed when it is slid from one facing to the next', () => {
    const { bench, signal, act } = settledShelf();
    signal.step({ plate: 4, grams: -120, pushGrams: 40 });
    act({ plate: 3, grams: 120, pushGrams: 40 });
    const slid = testGtin(4);
    expect([bench.quantity(slid, 'cart'), bench.quantity(slid, 'shelf:F3')]).toEqual([0, 1]);
    expect(bench.quantity(testGtin(3), 'shelf:F3')).toBe(0);
  });

  it('is one event when it is slid, and another when it is slid back', () => {
    const { bench, signal, act } = settledShelf();
    for (const grams of [-120, 120]) {
      signal.step({ plate: 4, grams, pushGrams: 40 });
      act({ plate: 3, grams: -grams, pushGrams: 40 });
    }
    const moves = bench.facts.filter(fact => fact.type === 'movement');
    expect(moves.map(({ gtin, from, to, cause }) => ({ gtin, from, to, cause }))).toEqual([
      { gtin: testGtin(4), from: 'shelf:F4', to: 'shelf:F3', cause: 'moved' },
      { gtin: testGtin(4), from: 'shelf:F3', to: 'shelf:F4', cause: 'moved' },
    ]);
    expect(bench.events()).toEqual(['F3 1', 'F4 1']);
  });

  it('is not slid where one is taken and another put back at once', () => {
    const { bench, signal, act } = settledShelf(shelfOf([250, 44, 262, 254]));
    act({ plate: 4, grams: -254 });
    signal.step({ plate: 4, grams: 254, pushGrams: 40 });
    act({ plate: 3, grams: -262, pushGrams: 40 });
    expect(bench.events()).toEqual(['F4 -1', 'F3 -1', 'F4 1']);
    expect(bench.quantity(testGtin(3), 'shelf:F4')).toBe(0);
  });

  it('is nothing that we know when no cart holds such a weight', () => {
    const { bench, act } = settledShelf();
    act({ plate: 1, grams: 622 }, 15_000);
    expect(bench.facts).toMatchObject([{ type: 'unexplained_weight', facing: 'F1' }]);
  });
});

describe('what no unit explains', () => {
  it('puts a foreign thing on record after ten seconds, and counts on from there', () => {
    const { bench, act } = settledShelf();
    act({ plate: 4, grams: 190 }, 5_000);
    expect(bench.facts).toEqual([]);
    act({ plate: 4, grams: 0 }, 8_000);
    expect(bench.facts).toMatchObject([{ type: 'unexplained_weight', facing: 'F4' }]);
    act({ plate: 4, grams: -120 });
    expect(bench.events()).toEqual(['F4 -1']);
  });

  it('forgets a lean that ends', () => {
    const { bench, act } = settledShelf();
    act({ plate: 4, grams: 190 }, 6_000);
    act({ plate: 4, grams: -190 }, 15_000);
    expect(bench.facts).toEqual([]);
  });

  it('takes nothing for goods that is off the shelf again at once', () => {
    const { bench, act } = settledShelf();
    act({ plate: 1, grams: 250 });
    expect(bench.quantity(testGtin(1), 'shelf:F1')).toBe(1);
    act({ plate: 1, grams: -250 });
    expect(bench.facts.at(-1)).toMatchObject({ from: 'shelf:F1', to: 'backroom', cause: 'reverted' });
    expect([...bench.state.ledger.balances.places(testGtin(1))]).toEqual([]);
  });

  it('gives back to the cart what an arm of about that weight seemed to bring', () => {
    const { bench, act } = settledShelf();
    act({ plate: 4, grams: -120 });
    act({ plate: 4, grams: 134 });
    act({ plate: 4, grams: -134 });
    expect(bench.facts.at(-1)).toMatchObject({
      from: 'shelf:F4',
      to: 'cart',
      quantity: 1,
      cause: 'reverted',
    });
    expect(bench.events()).toEqual(['F4 -1', 'F4 1']);
    expect(bench.quantity(testGtin(4), 'cart')).toBe(1);
  });

  it('doubts a pick of what was surely put there a moment before, and books it', () => {
    const { bench, act } = settledShelf();
    act({ plate: 4, grams: -120 });
    act({ plate: 4, grams: 120 });
    const [event] = act({ plate: 4, grams: -120 });
    expect(event).toMatchObject({ type: 'shelf_event', units: -1 });
    expect((event as { confidence: number }).confidence).toBeLessThan(0.99);
    expect(bench.quantity(testGtin(4), 'cart')).toBe(1);
  });

  it('knows the echo of a heavy unit on a plate that came to rest later', () => {
    const { bench, signal, act } = settledShelf(shelfOf([1_500, 20, 620, 120]));
    signal.step({ plate: 2, grams: 0, pushGrams: 400, pushMs: 1_600 });
    act({ plate: 1, grams: -1_500, pushGrams: 60 }, 6_000);
    expect(bench.events()).toEqual(['F1 -1']);
  });

  it('sees a pick next to a thing that it does not understand yet', () => {
    const { bench, act } = settledShelf();
    act({ plate: 4, grams: 190 }, 2_000);
    act({ plate: 3, grams: -620 });
    expect(bench.events()).toEqual(['F3 -1']);
  });
});

describe('what is not a weight', () => {
  /** Changes single samples of a run of batches; null leaves a sample alone. */
  const spoil = (
    readings: readonly WeightReading[],
    sample: (plate: number, index: number) => number | null,
  ) =>
    readings.map(reading => ({
      ...reading,
      plates: reading.plates.map(({ plate, grams }) => ({
        plate,
        grams: Array.from(grams, (value, index) => sample(plate, index) ?? value),
      })),
    }));

  it('survives single spikes, also downwards', () => {
    const { bench, signal } = settledShelf();
    bench.feed(spoil(signal.run(3_000), (_, i) => (i === 3 ? 8_191 : null)));
    bench.feed(spoil(signal.run(3_000), (_, i) => (i === 5 ? -32_768 : null)));
    expect(bench.facts).toEqual([]);
  });

  it('survives the bit errors of a converter: 2^n - 1, in a block once up and once down', () => {
    const { bench, signal } = settledShelf();
    for (let bits = 10; bits <= 24; bits++) {
      const wrong = 2 ** bits - 1;
      const batch = (sign: number) => (_: number, i: number) =>
        i === 2 ? wrong : i === 6 ? sign * wrong : null;
      bench.feed(spoil(signal.run(100), batch(-1)));
      bench.feed(signal.run(1_000));
    }
    expect(bench.facts).toEqual([]);
  });

  it('survives a plate that says nothing but NaN, counts it, and works on beside it', () => {
    const { bench, signal } = settledShelf();
    bench.feed(spoil(signal.run(2_000), plate => (plate === 2 ? Number.NaN : null)));
    signal.step({ plate: 1, grams: -250 });
    bench.feed(spoil(signal.run(2_000), plate => (plate === 2 ? Number.NaN : null)));
    expect(bench.events()).toEqual(['F1 -1']);
    expect(bench.state.counters.badSamples).toBe(320);
    bench.feed(signal.run(2_000));
    expect(bench.events()).toEqual(['F1 -1']);
  });

  it('ignores and counts plates and shelves that the planogram does not name', () => {
    const { bench, signal } = settledShelf(shelfOf(WEIGHTS.slice(0, 3)));
    const before = bench.state.counters.unknownPlates;
    bench.feed(signal.run(1_000));
    expect(bench.state.counters.unknownPlates - before).toBe(10);
    bench.feed(createShelfSignal({ plates: 1, seed: 1, device: 'elsewhere' }).run(1_000));
    expect(bench.state.counters.unknownShelves).toBe(10);
  });

  it('never counts an item that is too light for its plate', () => {
    const { bench, act } = settledShelf(shelfOf([3, 44, 620, 120]));
    act({ plate: 1, grams: -30 });
    expect(bench.facts).toEqual([]);
    expect(bench.state.counters.unknownPlates).toBe(0);
  });
});
