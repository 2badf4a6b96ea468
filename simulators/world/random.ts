/** A seeded source of chance. Streams forked by name do not disturb each other. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  uniform(from: number, to: number): number;
  /** Whole number in [from, to]. */
  integer(from: number, to: number): number;
  normal(mean: number, sd: number): number;
  exponential(mean: number): number;
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Picks with the given weights (not negative, not all 0). */
  weighted<T>(choices: readonly T[], weightOf: (choice: T) => number): T;
  /** An independent stream: the same name gives the same stream, whatever was drawn here before. */
  fork(name: string): Random;
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** mulberry32 (public domain, T. Ettinger): 32 bits of state, quick, good enough for a simulation. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed);
  const uniform = (from: number, to: number) => from + (to - from) * next();
  return {
    next,
    uniform,
    integer: (from, to) => Math.floor(uniform(from, to + 1)),
    // Box-Muller; 1 - next() is never 0.
    normal: (mean, sd) => mean + sd * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: mean => -mean * Math.log(1 - next()),
    chance: probability => next() < probability,
    pick: choices => choices[Math.floor(next() * choices.length)]!,
    weighted(choices, weightOf) {
      let left = next() * choices.reduce((sum, choice) => sum + weightOf(choice), 0);
      for (const choice of choices) {
        left -= weightOf(choice);
        if (left < 0) return choice;
      }
      return choices.at(-1)!;
    },
    fork: name => createRandom(hash(`${seed}/${name}`)),
  };
}
