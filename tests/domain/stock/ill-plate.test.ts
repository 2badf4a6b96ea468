import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { FacingConfig } from '../../../src/domain/stock/planogram.ts';
import type { WeightReading } from '../../../src/readings/reading.ts';
import { createShelfSignal } from '../../support/shelf-signal.ts';
import { createStockBench, testGtin } from '../../support/stock-bench.ts';

const [ONE, TWO] = [testGtin(1), testGtin(2)];
const plate = (number: number) => ({ device: 'shelf-1', plate: number });
/** One plate with 250 g units, and two with 120 g units. */
const FACINGS: readonly FacingConfig[] = [
  { facing: 'F1', gtin: ONE, unitWeightGrams: 250, plates: [plate(1)] },
  { facing: 'F2', gtin: TWO, unitWeightGrams: 120, plates: [plate(2), plate(3)] },
];
const facingOn = (number: number) => FACINGS[number === 1 ? 0 : 1]!;

/** A shelf that knows what really stands on each facing, and whose plates can fall ill. */
function createTruth(seed = 5) {
  const signal = createShelfSignal({ plates: 3, seed, hz: 40 });
  let bench = createStockBench(FACINGS);
  const last = new Map<number, number>();
  const ill = new Map<number, number>();
  const units = { F1: 20, F2: 20 } as Record<string, number>;
  let documents = 0;
  const spoil = (readings: readonly WeightReading[]) =>
    readings.map(reading => ({
      ...reading,
      plates: reading.plates.map(({ plate: number, grams }) => {
        const held = ill.get(number);
        last.set(number, grams[grams.length - 1]!);
        return { plate: number, grams: held === undefined ? grams : Array.from(grams, () => held) };
      }),
    }));
  const wait = (ms: number) => bench.feed(spoil(signal.run(ms)));
  const key = () => `document-${documents++}`;
  for (const { facing, gtin } of FACINGS) {
    bench.document({ type: 'delivery', key: key(), lines: [{ gtin, quantity: 1_000 }] }, signal.nowMs());
    const where = { place: 'shelf', facing } as const;
    bench.document({ type: 'count', key: key(), gtin, where, quantity: 20 }, signal.nowMs());
  }
  wait(3_000);
  const move = (number: number, quantity: number) => {
    const { facing, unitWeightGrams } = facingOn(number);
    units[facing] = units[facing]! + quantity;
    signal.step({ plate: number, grams: quantity * unitWeightGrams! });
    wait(2_500);
  };
  return {
    get bench() {
      return bench;
    },
    wait,
    move,
    sell(number: number, quantity = 1) {
      const lines = [{ gtin: facingOn(number).gtin, quantity }];
      bench.document({ type: 'sale', key: key(), till: 'till-1', lines }, signal.nowMs());
    },
    note(number: number, quantity: number) {
      const { facing } = facingOn(number);
      bench.document({ type: 'refill', key: key(), facing, quantity }, signal.nowMs());
    },
    /** A dead channel says nothing, a stuck one its last value. */
    fall(number: number, how: 'dead' | 'stuck') {
      ill.set(number, how === 'dead' ? Number.NaN : last.get(number)!);
      wait(12_000);
    },
    recover(...numbers: number[]) {
      for (const number of numbers) ill.delete(number);
      wait(9_000);
    },
    isIll: (number: number) => ill.has(number),
    restart() {
      const fallen = new Map<string, (typeof bench.facts)[number] & { type: 'plate_trouble' }>();
      for (const fact of bench.facts) {
        if (fact.type !== 'plate_trouble') continue;
        const id = `${fact.plate} ${fact.trouble}`;
        if (fact.state === 'raised') fallen.set(id, fact);
        else fallen.delete(id);
      }
      bench = createStockBench(FACINGS, { saved: { ...bench.saved(), illPlates: [...fallen.values()] } });
    },
    truth: () => ({ ...units }),
    book: () => ({
      F1: bench.quantity(ONE, 'shelf:F1'),
      F2: bench.quantity(TWO, 'shelf:F2'),
    }),
    causes: () =>
      bench.facts.flatMap(fact =>
        fact.type === 'movement' && fact.cause !== 'count' && fact.cause !== 'delivery'
          ? [`${fact.cause} ${fact.from} ${fact.to} ${fact.quantity}`]
          : [],
      ),
  };
}

describe('a facing with an ill plate', () => {
  it('loses what a till sells and gains what a note says, at once', () => {
    const shelf = createTruth();
    shelf.fall(1, 'stuck');
    shelf.move(1, -2);
    expect(shelf.book().F1).toBe(20);
    shelf.sell(1, 2);
    expect(shelf.book().F1).toBe(18);
    shelf.note(1, 5);
    expect(shelf.book().F1).toBe(23);
  });

  it.each(['dead', 'stuck'] as const)('books nothing again when a %s plate is well again', how => {
    const shelf = createTruth();
    shelf.fall(1, how);
    shelf.move(1, -3);
    shelf.sell(1, 3);
    shelf.note(1, 4);
    shelf.move(1, 4);
    shelf.recover(1);
    expect(shelf.book()).toEqual(shelf.truth());
    expect(shelf.causes()).toEqual(['sale shelf:F1 customer 3', 'refill backroom shelf:F1 4']);
  });

  it('finds what nobody paid when the plate is well again', () => {
    const shelf = createTruth();
    shelf.fall(1, 'stuck');
    shelf.move(1, -3);
    shelf.sell(1, 2);
    shelf.recover(1);
    expect(shelf.causes()).toEqual(['sale shelf:F1 customer 2', 'pick shelf:F1 cart 1']);
    shelf.sell(1, 1);
    expect(shelf.causes().at(-1)).toBe('sale cart customer 1');
    expect(shelf.book()).toEqual(shelf.truth());
  });

  it('does not lose a unit twice that its other plate saw leave', () => {
    const shelf = createTruth();
    shelf.fall(2, 'dead');
    shelf.move(3, -1);
    shelf.sell(2);
    shelf.move(2, -1);
    shelf.sell(2);
    expect(shelf.causes()).toEqual([
      'pick shelf:F2 cart 1',
      'sale cart customer 1',
      'sale shelf:F2 customer 1',
    ]);
    shelf.recover(2);
    expect(shelf.book()).toEqual(shelf.truth());
  });

  it('takes the first level for what the documents say when its plates recovered one after the other', () => {
    const shelf = createTruth();
    shelf.fall(2, 'dead');
    shelf.fall(3, 'stuck');
    shelf.move(2, -2);
    shelf.move(3, -1);
    shelf.sell(2, 3);
    shelf.recover(2);
    shelf.recover(3);
    expect(shelf.causes()).toEqual(['sale shelf:F2 customer 3']);
    shelf.move(3, -1);
    expect(shelf.book()).toEqual(shelf.truth());
  });

  it('believes who counted it, and takes the first level for that', () => {
    const shelf = createTruth();
    shelf.fall(1, 'stuck');
    shelf.move(1, -3);
    const where = { place: 'shelf', facing: 'F1' } as const;
    shelf.bench.document({ type: 'count', key: 'counted', gtin: ONE, where, quantity: 17 });
    shelf.recover(1);
    expect(shelf.causes()).toEqual([]);
    expect(shelf.book()).toEqual(shelf.truth());
  });

  it('knows after a restart what its plate has missed', () => {
    const shelf = createTruth();
    shelf.fall(1, 'dead');
    shelf.move(1, -3);
    shelf.sell(1, 3);
    shelf.restart();
    shelf.wait(1_000);
    shelf.recover(1);
    expect(shelf.book()).toEqual(shelf.truth());
    expect(shelf.bench.events()).toEqual([]);
  });
});

const plates = fc.constantFrom(1, 2, 3);
const deeds = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ does: fc.constant('buy' as const), on: plates }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('refill' as const), on: plates }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('steal' as const), on: plates }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('fall' as const), on: plates }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant('recover' as const), on: plates }) },
  ),
  { minLength: 4, maxLength: 12 },
);

test.prop([deeds, fc.constantFrom('dead' as const, 'stuck' as const)], { seed: 31, numRuns: 40 })(
  'whenever plates fall ill and recover, the book is what stands there',
  (happenings, how) => {
    const shelf = createTruth();
    let stolen = false;
    const heal = (number: number) => shelf.isIll(number) && shelf.recover(number);
    for (const { does, on } of happenings) {
      // Of what is stolen while both plates of a facing are ill nobody can know.
      if (does === 'fall' && on !== 1) heal(5 - on);
      if (does === 'fall' && !shelf.isIll(on)) shelf.fall(on, how);
      else if (does === 'recover') heal(on);
      else if (does === 'buy') {
        shelf.move(on, -1);
        shelf.sell(on);
      } else if (does === 'refill') {
        shelf.note(on, 2);
        shelf.move(on, 2);
        // Two at once may be an arm, so that they are watched for a while.
        shelf.wait(6_000);
      } else if (does === 'steal') {
        shelf.move(on, -1);
        stolen = true;
      }
      if (!stolen) expect(shelf.book()).toEqual(shelf.truth());
    }
    for (const number of [1, 2, 3]) heal(number);
    // What the weight says of a refill's note is known when nobody can be carrying it any more.
    shelf.bench.tick(shelf.bench.state.nowMs + 60_000);
    shelf.bench.tick(shelf.bench.state.nowMs + 1_000);
    expect(shelf.book()).toEqual(shelf.truth());
  },
);
