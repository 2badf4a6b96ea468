import { afterAll, describe, expect, it } from 'vitest';
import { openHistories } from './history.ts';

const SEEDS = Array.from({ length: 10 }, (_, index) => index * 15);

const histories = openHistories();
afterAll(histories.close);

describe('the sync protocol, over lines that lose, repeat and swap messages, crashes, full disks and restored ones', () => {
  it.each(SEEDS)('loses nothing, counts nothing twice and keeps the order: seeds from %i on', async first => {
    for (let seed = first; seed < first + 15; seed++) {
      const { violations } = await histories.live(seed);
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  });

  it('lives the same history again from the same seed', async () => {
    expect(await histories.live(7)).toEqual(await histories.live(7));
  });
});
