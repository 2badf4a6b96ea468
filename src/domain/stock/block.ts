/** Readings beyond this are a cell on its rail or a decoding error, never a load of a shelf plate. */
const RAIL_GRAMS = 100_000;
/** A single sample this far off its neighbours is an electrical spike, unless the plate itself is noisier. */
const SPIKE_GRAMS = 50;
const SPIKE_SIGMAS = 8;

/** The samples of one plate in one block of 100 ms (weight-shelf.md 5.2, 5.3), summed as they come. */
export interface Block {
  sumGrams: number;
  samples: number;
  /** Samples on the rail, which are no weight. */
  rails: number;
  highest: number;
  secondHighest: number;
  lowest: number;
  secondLowest: number;
}

export function createBlock(): Block {
  return {
    sumGrams: 0,
    samples: 0,
    rails: 0,
    highest: Number.NEGATIVE_INFINITY,
    secondHighest: Number.NEGATIVE_INFINITY,
    lowest: Number.POSITIVE_INFINITY,
    secondLowest: Number.POSITIVE_INFINITY,
  };
}

/** Adds samples `from` up to, not including, `to`. Returns how many were no weight at all. */
export function addSamples(block: Block, grams: ArrayLike<number>, from: number, to: number): number {
  let refused = 0;
  for (let i = from; i < to; i++) {
    const value = grams[i] as number;
    // Written so that NaN fails it too.
    if (!(value > -RAIL_GRAMS && value < RAIL_GRAMS)) {
      refused++;
      if (!Number.isNaN(value)) block.rails++;
      continue;
    }
    block.sumGrams += value;
    block.samples++;
    if (value >= block.highest) {
      block.secondHighest = block.highest;
      block.highest = value;
    } else if (value > block.secondHighest) block.secondHighest = value;
    if (value <= block.lowest) {
      block.secondLowest = block.lowest;
      block.lowest = value;
    } else if (value < block.secondLowest) block.secondLowest = value;
  }
  return refused;
}

/** Mean of the block without a lone spike, NaN when fewer than half of `expected` samples were usable. */
export function closeBlock(block: Block, expected: number, sigmaGrams: number): number {
  const { sumGrams, samples, highest, secondHighest, lowest, secondLowest } = block;
  const spike = Math.max(SPIKE_SIGMAS * sigmaGrams, SPIKE_GRAMS);
  let sum = sumGrams;
  let count = samples;
  if (samples >= 4 && highest - secondHighest > spike && highest - secondHighest > secondHighest - lowest) {
    sum -= highest;
    count--;
  }
  if (samples >= 4 && secondLowest - lowest > spike && secondLowest - lowest > highest - secondLowest) {
    sum -= lowest;
    count--;
  }
  block.sumGrams = 0;
  block.samples = 0;
  block.rails = 0;
  block.highest = Number.NEGATIVE_INFINITY;
  block.secondHighest = Number.NEGATIVE_INFINITY;
  block.lowest = Number.POSITIVE_INFINITY;
  block.secondLowest = Number.POSITIVE_INFINITY;
  return samples * 2 < expected || count === 0 ? Number.NaN : sum / count;
}
