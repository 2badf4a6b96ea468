/** People through one door in one minute, or as many as the policy says. Carries the counter's raw totals, so that a restart counts on from them. */
export interface FootfallFact {
  readonly type: 'footfall';
  readonly door: string;
  readonly device: string;
  /** Start of the minute, Unix ms. */
  readonly minuteMs: number;
  readonly in: number;
  readonly out: number;
  readonly rawIn: number | null;
  readonly rawOut: number | null;
  /** A reset or a jump was seen, so the figures are a lower bound. */
  readonly suspect: boolean;
  /** Minutes that were put together when room ran out, `minuteMs` the start of the first; left out for one. */
  readonly minutes?: number;
  /** Minutes that the policy puts into one fact, `minuteMs` the start of the first; left out for one. */
  readonly summaryMinutes?: number;
}
