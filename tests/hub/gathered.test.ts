import { describe, expect, it } from 'vitest';
import { gathered } from '../../src/hub/gathered.ts';

describe('calls that are gathered', () => {
  it('run at once when nothing is under way, together when they come meanwhile, and a bounded number at a time', async () => {
    const runs: number[][] = [];
    const double = gathered<number, number>(3, async calls => {
      runs.push([...calls]);
      await new Promise<void>(resolve => setImmediate(resolve));
      return calls.map(n => 2 * n);
    });
    expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10]);
    expect(runs).toEqual([[1], [2, 3, 4], [5]]);
    expect(await double(6)).toBe(12);
  });

  it('fail together, and the next run is another one', async () => {
    let isAway = true;
    const ask = gathered<number, number>(10, async calls => {
      await Promise.resolve();
      if (isAway) throw new Error('away');
      return calls;
    });
    const first = Promise.allSettled([ask(1), ask(2)]);
    expect((await first).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isAway = false;
    expect(await ask(3)).toBe(3);
  });
});
