import { expect, it } from 'vitest';
import { runSharedScale } from '../../bench/stock/shared-scale.ts';

const run = (items: number) => runSharedScale({ items, unitSpread: 0.02, seed: 7, sessions: 20 });

it('one item on a scale leaves no doubt, several leave some, and the total is right all the same', () => {
  expect(run(1)).toMatchObject({
    top1: 1,
    bothRight: 1,
    unitsRight: 1,
    coverage: 1,
    onItemBefore: 1,
    onItemAfter: 1,
  });
  const three = run(3);
  expect(three.top1).toBeGreaterThan(0.6);
  expect(three.top1).toBeLessThan(1);
  expect(three.unitsRight).toBeGreaterThan(0.95);
  expect(three.onItemAfter).toBeGreaterThanOrEqual(three.onItemBefore);
});
