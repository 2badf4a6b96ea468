/** Why a value is not simply good. A reading of bad quality carries no number: stale is not 0. */
export type QualityReason =
  | 'comms' // the device did not answer
  | 'stale' // nothing new for longer than its interval allows
  | 'range' // outside what the profile says is possible
  | 'sentinel' // the device's own word for "no sensor" or "open circuit"
  | 'clock' // the device's time is too far from ours to be believed
  | 'format' // it could not be read
  | 'device'; // the device itself reports a fault

export type Quality =
  | { readonly level: 'good' }
  | { readonly level: 'uncertain' | 'bad'; readonly reason: QualityReason };

export const GOOD: Quality = { level: 'good' };
export const bad = (reason: QualityReason): Quality => ({ level: 'bad', reason });
export const uncertain = (reason: QualityReason): Quality => ({ level: 'uncertain', reason });
