import type { QualityReason } from '../../readings/quality.ts';

/** What one point said within one minute. Accumulates; becomes a fact when the minute is over. */
export interface TemperatureMinute {
  readonly minuteMs: number;
  /** The newest sample, or when it was opened. */
  lastMs: number;
  goodSamples: number;
  badSamples: number;
  badReason: QualityReason | null;
  sum: number;
  min: number;
  max: number;
}

export const MINUTE_MS = 60_000;

export function openMinute(atMs: number): TemperatureMinute {
  return {
    minuteMs: Math.floor(atMs / MINUTE_MS) * MINUTE_MS,
    lastMs: atMs,
    goodSamples: 0,
    badSamples: 0,
    badReason: null,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  };
}

/** `celsius` is null for a sample that is not good, and `reason` says why. */
export function addSample(
  minute: TemperatureMinute,
  celsius: number | null,
  reason: QualityReason | null = null,
): void {
  if (celsius === null) {
    minute.badSamples += 1;
    minute.badReason = reason;
    return;
  }
  minute.goodSamples += 1;
  minute.sum += celsius;
  minute.min = Math.min(minute.min, celsius);
  minute.max = Math.max(minute.max, celsius);
}

/** The figures of the minute; nulls when it had no good sample. The mean has two decimals. */
export function summarise(minute: TemperatureMinute) {
  const { minuteMs, goodSamples, badSamples, badReason } = minute;
  const counts = { minuteMs, goodSamples, badSamples, ...(badReason && { badReason }) };
  if (goodSamples === 0) return { ...counts, minCelsius: null, meanCelsius: null, maxCelsius: null };
  const meanCelsius = Math.round((minute.sum / goodSamples) * 100) / 100 + 0;
  return { ...counts, minCelsius: minute.min, meanCelsius, maxCelsius: minute.max };
}
