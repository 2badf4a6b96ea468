/** A point on the earth, degrees of WGS 84. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** One item at one store, as the hub knows it. */
export interface ItemAtStore {
  readonly gtin: string;
  /** Units that the store would promise, as of its last word. */
  readonly available: number;
  /** Probability that the count is right, 0 to 1. */
  readonly confidence: number;
  /** Units that the cloud may promise alone. */
  readonly leased: number;
}

/** A store that might fill an order. */
export interface Candidate {
  readonly store: string;
  readonly isOnline: boolean;
  /** Age of what is known of it, ms. */
  readonly ageMs: number;
  /** null where nobody has said; then it fills only orders that name it. */
  readonly place: Place | null;
  readonly items: ReadonlyMap<string, ItemAtStore>;
}

export interface Wanted {
  readonly lines: readonly { readonly gtin: string; readonly quantity: number }[];
  readonly near: Place;
  /** Infinity when a store is named, wherever it is. */
  readonly withinKm: number;
}

/** What a candidate can do for an order. */
export interface Offer {
  readonly candidate: Candidate;
  readonly distanceKm: number;
  /** Probability that all units are found there, 0 to 1. */
  readonly confidence: number;
}

const EARTH_KM = 6371.0088;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Great-circle distance by the haversine formula, kilometres. */
export function distanceKm(a: Place, b: Place): number {
  const half = (degrees: number) => Math.sin(radians(degrees) / 2) ** 2;
  const north = half(b.latitude - a.latitude);
  const east = half(b.longitude - a.longitude);
  const h = north + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * east;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Each unit of margin halves what a wrong count may spoil: a count is rarely off by more than a few. */
const SPOILED_PER_UNIT = 0.5;
/** What was known of a store that is away is worth half after this long. */
const HALF_LIFE_MS = 2 * 60 * 60_000;

/** Probability that `quantity` units are there, from the margin, the trust in the count and its age. */
export function confidenceOf(item: ItemAtStore, quantity: number, ageMs: number): number {
  const margin = item.available - quantity;
  if (margin < 0) return 0;
  const spoiled = (1 - item.confidence) * SPOILED_PER_UNIT ** margin;
  return (1 - spoiled) * 0.5 ** (Math.max(0, ageMs) / HALF_LIFE_MS);
}

/**
 * Stores that can promise everything that is wanted, near enough, the surest first and the nearer of two that are as sure. A
 * store that is away can only promise out of its leases.
 */
export function rankOffers(wanted: Wanted, candidates: readonly Candidate[]): readonly Offer[] {
  const offers = candidates.flatMap(candidate => offerOf(wanted, candidate) ?? []);
  const percent = ({ confidence }: Offer) => Math.round(confidence * 100);
  return offers.toSorted((a, b) => percent(b) - percent(a) || a.distanceKm - b.distanceKm);
}

function offerOf({ lines, near, withinKm }: Wanted, candidate: Candidate): Offer | null {
  const km = candidate.place ? distanceKm(near, candidate.place) : 0;
  if (km > withinKm || (!candidate.place && Number.isFinite(withinKm))) return null;
  let confidence = 1;
  for (const { gtin, quantity } of lines) {
    const item = candidate.items.get(gtin);
    if (!item) return null;
    const promisable = candidate.isOnline ? item : { ...item, available: item.leased };
    confidence *= confidenceOf(promisable, quantity, candidate.isOnline ? 0 : candidate.ageMs);
  }
  return confidence > 0 ? { candidate, distanceKm: km, confidence } : null;
}
