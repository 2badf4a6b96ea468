/** What has been sent and not yet acknowledged on one stream. Sequence numbers count from 1. */
export interface SendWindow {
  /** The receiver holds everything up to here. */
  readonly ackedSeq: number;
  /** Everything up to here was sent on this stream or acknowledged before it. */
  readonly sentSeq: number;
  /** Last sequence number of each batch under way, ascending. */
  readonly underWay: readonly number[];
}

export const resumeAt = (ackedSeq: number): SendWindow => ({ ackedSeq, sentSeq: ackedSeq, underWay: [] });

export const maySend = (window: SendWindow, maxBatches: number): boolean =>
  window.underWay.length < maxBatches;

/** A batch that ends with `lastSeq` was written. */
export const sent = (window: SendWindow, lastSeq: number): SendWindow => ({
  ...window,
  sentSeq: lastSeq,
  underWay: [...window.underWay, lastSeq],
});

/** A cumulative acknowledgement. Returns null when it names what was never sent, which is a broken receiver. */
export function acknowledged(window: SendWindow, ackedSeq: number): SendWindow | null {
  if (ackedSeq > window.sentSeq) return null;
  return {
    ackedSeq: Math.max(window.ackedSeq, ackedSeq),
    sentSeq: window.sentSeq,
    underWay: window.underWay.filter(lastSeq => lastSeq > ackedSeq),
  };
}

/** The receiver misses events from `expectedSeq` on: go back there. */
export function rewound(window: SendWindow, expectedSeq: number): SendWindow | null {
  if (expectedSeq < 1 || expectedSeq > window.sentSeq) return null;
  return resumeAt(expectedSeq - 1);
}
