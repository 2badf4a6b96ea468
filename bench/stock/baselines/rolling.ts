/** Mean and variance of the last `length` values, kept up to date in constant time. */
export interface Rolling {
  push(value: number): void;
  readonly isFull: boolean;
  readonly mean: number;
  readonly variance: number;
}

export function createRolling(length: number): Rolling {
  const values = new Float64Array(length);
  let count = 0;
  let at = 0;
  let origin = Number.NaN;
  let sum = 0;
  let squares = 0;
  return {
    push(value) {
      // Far from zero the squares would lose the small differences.
      if (Number.isNaN(origin)) origin = value;
      const next = value - origin;
      if (count === length) {
        const old = values[at]!;
        sum -= old;
        squares -= old * old;
      } else count++;
      values[at] = next;
      sum += next;
      squares += next * next;
      at = (at + 1) % length;
    },
    get isFull() {
      return count === length;
    },
    get mean() {
      return origin + sum / count;
    },
    get variance() {
      return Math.max(0, squares / count - (sum / count) ** 2);
    },
  };
}
