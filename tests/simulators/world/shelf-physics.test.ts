import { describe, expect, it } from 'vitest';
import { handGoneMs, overMs, reach } from '../../../simulators/world/hand-motion.ts';
import { createRandom } from '../../../simulators/world/random.ts';
import { createShelfPhysics, QUANTUM_GRAMS, TICK_MS } from '../../../simulators/world/shelf-physics.ts';
import { createBand } from '../../../simulators/world/vibration.ts';

const PLATES = [1, 2, 3, 4, 5, 6, 7, 8];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map(value => (value - middle) ** 2)));
};

/** A shelf and its plates' samples over stretches of time. */
function shelf(seed: number) {
  const physics = createShelfPhysics(PLATES, createRandom(seed));
  let nowMs = 0;
  return {
    physics,
    nowMs: () => nowMs,
    watch(seconds: number, busy = 0): number[][] {
      const seen: number[][] = PLATES.map(() => []);
      for (const endMs = nowMs + seconds * 1000; nowMs < endMs; nowMs += TICK_MS) {
        physics.sample(nowMs, busy).forEach((grams, i) => void seen[i]!.push(...grams));
      }
      return seen;
    },
  };
}

const medianDeviation = (busy: number) => {
  const all = [1, 2, 3, 4, 5].flatMap(seed => shelf(seed).watch(20, busy).map(deviation));
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
};

describe('a plate at rest', () => {
  it('has the noise of a real plate in a quiet store: about 0.7 g', () => {
    expect(medianDeviation(0)).toBeGreaterThan(0.55);
    expect(medianDeviation(0)).toBeLessThan(0.85);
  });

  it('shakes three times as much when people walk by: about 2.2 g', () => {
    expect(medianDeviation(1)).toBeGreaterThan(1.8);
    expect(medianDeviation(1)).toBeLessThan(2.6);
  });

  it('vibrates in narrow bands, so that half a second of averaging brings busy noise below 0.6 g', () => {
    const [plate] = shelf(1).watch(60, 1);
    const means: number[] = [];
    for (let i = 0; i + 40 <= plate!.length; i += 40) means.push(mean(plate!.slice(i, i + 40)));
    const steps = means.slice(1).map((value, i) => value - means[i]!);
    expect(deviation(steps) / Math.SQRT2).toBeLessThan(0.6);
  });

  it('stands anywhere within 5 kg of zero and speaks in quanta of the converter', () => {
    const levels = shelf(2).watch(0.1).flat();
    expect(Math.max(...levels.map(Math.abs))).toBeLessThan(5100);
    expect(new Set(levels.map(grams => Math.sign(grams)))).toEqual(new Set([-1, 1]));
    for (const grams of levels)
      expect(Math.abs(grams / QUANTUM_GRAMS - Math.round(grams / QUANTUM_GRAMS))).toBeLessThan(1e-6);
  });
});

describe('a hand that takes an item', () => {
  const taken = (grams: number) => {
    const stand = shelf(11);
    stand.physics.load(4, 2000);
    const before = stand.watch(10).map(mean);
    const motion = reach(stand.nowMs(), -1, createRandom(3));
    stand.physics.reach(motion, [{ plate: 4, grams: -grams }]);
    const during = stand.watch(Math.ceil((overMs(motion) - stand.nowMs()) / 1000));
    const after = stand.watch(10).map(mean);
    return { change: after.map((value, i) => value - before[i]!), during, before, motion };
  };

  it('leaves its plate lighter by the weight of the item', () => {
    expect(taken(620).change[3]).toBeCloseTo(-620, 0);
  });

  it('moves only the next plates, by 0.4 to 1.4 % of the step', () => {
    const { change } = taken(620);
    for (const neighbour of [2, 4]) {
      expect(change[neighbour]! / -620).toBeGreaterThan(0.002);
      expect(change[neighbour]! / -620).toBeLessThan(0.016);
    }
    for (const far of [0, 1, 5, 6, 7]) expect(Math.abs(change[far]!)).toBeLessThan(0.5);
  });

  it('pushes the plate down first, for at most 150 g', () => {
    const { during, before, motion } = taken(620);
    const highest = Math.max(...during[3]!) - before[3]!;
    expect(highest).toBeGreaterThan(5);
    expect(highest).toBeLessThan(motion.pushGrams + 10);
  });

  it('is gone after the push and the ramp, and leaves nothing behind when it only touched', () => {
    const stand = shelf(4);
    const before = stand.watch(10).map(mean);
    const motion = reach(stand.nowMs(), 0, createRandom(9));
    stand.physics.reach(motion, [{ plate: 2, grams: 0 }]);
    expect(handGoneMs(motion)).toBeLessThanOrEqual(stand.nowMs() + 850);
    stand.watch(5);
    const after = stand.watch(10).map(mean);
    after.forEach((value, i) => void expect(Math.abs(value - before[i]!)).toBeLessThan(0.5));
  });
});

describe('a band of vibration', () => {
  it.each([
    [1.5, 0.97],
    [7.8, 0.97],
    [24, 0.9],
  ])('at %f Hz has standard deviation 1', (hz, damping) => {
    const band = createBand(hz, damping, 80, createRandom(5));
    const values = Array.from({ length: 40_000 }, band.next);
    expect(deviation(values)).toBeGreaterThan(0.9);
    expect(deviation(values)).toBeLessThan(1.1);
  });
});
