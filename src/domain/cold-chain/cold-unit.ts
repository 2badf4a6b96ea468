/** One fridge, freezer or room and the limits of its air temperature. */
export interface ColdUnitConfig {
  readonly unit: string;
  readonly device: string;
  readonly minCelsius: number;
  readonly maxCelsius: number;
  /** An excursion shorter than this raises nothing. */
  readonly alarmAfterMs: number;
  /** Minutes of the record that one fact holds while all is well, a part of 60; one when left out. */
  readonly summaryMinutes?: number;
}
