/** How a device does beyond its state, as its driver knows it now. Nothing of it is stored. */
export interface DeviceVitals {
  /** Share of requests or messages of the last minutes that failed, 0 to 1; null when there were none. */
  readonly errorRate: number | null;
  /** Median time from a request to its answer, ms; null for a device that is not asked. */
  readonly roundTripMs: number | null;
  /** Device's clock less ours, ms; null when it sends no time. */
  readonly clockOffsetMs: number | null;
  /** The latest trouble in words for a technician; null when there is none. */
  readonly detail: string | null;
}
