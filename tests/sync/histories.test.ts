import { describe, expect, it } from 'vitest';
import { liveHistory } from './history.ts';

const SEEDS = Array.from({ length: 10 }, (_, index) => index * 30);

describe('the sync protocol, over lines that lose, repeat and swap messages, crashes and restored disks', () => {
  it.each(SEEDS)('loses nothing, counts nothing twice and keeps the order: seeds from %i on', async first => {
    for (let seed = first; seed < first + 30; seed++) {
      const { violations } = await liveHistory(seed);
      expect(violations, `seed ${seed}`).toEqual([]);
    }
  });

  it('lives the same history again from the same seed', async () => {
    expect(await liveHistory(7)).toEqual(await liveHistory(7));
  });
});
