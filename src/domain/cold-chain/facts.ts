import type { QualityReason } from '../../readings/quality.ts';

/** One minute, or as many as the policy says, of one temperature of one unit. Without a good sample it carries no numbers. */
export interface TemperatureFact {
  readonly type: 'temperature';
  readonly unit: string;
  readonly device: string;
  readonly point: string;
  /** Start of the minute, Unix ms. */
  readonly minuteMs: number;
  readonly goodSamples: number;
  readonly badSamples: number;
  /** Why the last of the bad samples was bad; left out when there was none. */
  readonly badReason?: QualityReason | null;
  /** Degrees Celsius; null when the minute had no good sample. */
  readonly minCelsius: number | null;
  readonly meanCelsius: number | null;
  readonly maxCelsius: number | null;
  /** Minutes that were put together when room ran out, `minuteMs` the start of the first; left out for one. */
  readonly minutes?: number;
  /** Minutes that the policy puts into one fact, `minuteMs` the start of the first; left out for one. */
  readonly summaryMinutes?: number;
}

export type ColdAlarmKind = 'too_warm' | 'too_cold' | 'no_data';

export interface ColdAlarmFact {
  readonly type: 'cold_alarm';
  readonly unit: string;
  readonly device: string;
  readonly alarm: ColdAlarmKind;
  readonly state: 'raised' | 'cleared';
  /** When the excursion began, not when the alarm was raised. */
  readonly sinceMs: number;
  readonly celsius: number | null;
  readonly limitCelsius: number | null;
  readonly reason: QualityReason | null;
}

export type ColdFact = TemperatureFact | ColdAlarmFact;
