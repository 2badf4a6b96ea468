import { createRandom } from '../../simulators/world/random.ts';

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value below which this share of the others lie; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1_000;

/** The mean of one figure per seed with its 95 % bootstrap interval (seeds are drawn anew with replacement). */
export function bootstrap(values: readonly number[]): Estimate {
  const random = createRandom(7);
  const means = Array.from({ length: RESAMPLES }, () => mean(values.map(() => random.pick(values))));
  return { mean: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

export interface Judged {
  readonly confidence: number;
  readonly right: boolean;
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly confidence: number;
  readonly right: number;
}

export function reliability(judged: readonly Judged[], bins = 10): readonly ReliabilityBin[] {
  return Array.from({ length: bins }, (_, i) => {
    const from = i / bins;
    const to = (i + 1) / bins;
    const inside = judged.filter(
      ({ confidence }) => confidence >= from && (confidence < to || (i === bins - 1 && confidence <= 1)),
    );
    return {
      from,
      to,
      count: inside.length,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      right: mean(inside.map(({ right }) => (right ? 1 : 0))),
    };
  });
}

/** Expected calibration error: mean distance of stated confidence and share of right ones, weighted by count. */
export function calibrationError(judged: readonly Judged[]): number {
  return (
    reliability(judged)
      .filter(({ count }) => count > 0)
      .reduce((sum, { count, confidence, right }) => sum + count * Math.abs(confidence - right), 0) /
    judged.length
  );
}
