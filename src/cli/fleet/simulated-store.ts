import type { ConfigStateInit, StoreHealthInit } from '../../cloud/sync-session.ts';

/** How the defect of a change shows in a store that has it: the store itself finds it, or only the comparison with others does. */
export type Defect = 'found' | 'creeping';

export interface SimulatedStoreOptions {
  /** How every signed configuration makes this store sick; null when none does. */
  readonly defect: Defect | null;
  /** From 0 to below 1. */
  readonly random: () => number;
}

export interface Applied {
  /** 0: the store's own files. */
  readonly version: number;
  /** Stands for what is in force, whatever it says. */
  readonly hash: string;
  readonly confirmMs: number;
  /** What is gone back to was well before. */
  readonly isRollback: boolean;
}

/** A store as far as a rollout can tell: what it has in force, how it is, and that it goes back by itself when it is not well. */
export interface SimulatedStore {
  apply(applied: Applied, nowMs: number): void;
  takePrices(listVersion: string): void;
  /** Lives on to this moment. */
  live(nowMs: number): void;
  /** Counts are since the last time that this was asked. */
  health(): StoreHealthInit;
  config(): ConfigStateInit;
  /** How often something new was put in force here. */
  changes(): number;
}

const HOUR_MS = 3_600_000;
const DEVICES = 20;
/** What a store that is well shows, per hour. */
const ERRORS = 0.1;
const DISCREPANCIES = 2;
/** A part of the devices goes offline for a while, for reasons of its own: once in four weeks. */
const OUTAGES = 1 / (28 * 24);
const OUTAGE_MS = 30 * 60_000;
const OUTAGE_DEVICES = 5;
/** Errors per hour of a defect, and how long one that creeps takes to show. */
const FOUND_ERRORS = 3_600;
const CREEPING_ERRORS = 60;
const CREEPS_AFTER_MS = 20 * 60_000;
/** So many errors since a change, and a store that watches itself goes back. */
const TOO_MANY = 3;

export function createSimulatedStore(
  { defect, random }: SimulatedStoreOptions,
  startMs: number,
): SimulatedStore {
  const files: Applied = { version: 0, hash: 'files', confirmMs: 0, isRollback: true };
  let inForce = files;
  let fallback = files;
  let sinceMs = startMs;
  let watchedUntilMs: number | null = null;
  let livedMs = startMs;
  let outageUntilMs = startMs;
  let priceList = '';
  let changed = 0;
  let errors = 0;
  let errorsSinceChange = 0;
  let discrepancies = 0;

  const errorsPerHour = (nowMs: number) => {
    if (inForce.version === 0 || inForce.isRollback || defect === null) return ERRORS;
    if (defect === 'found') return FOUND_ERRORS;
    return nowMs - sinceMs > CREEPS_AFTER_MS ? CREEPING_ERRORS : ERRORS;
  };
  const put = (next: Applied, nowMs: number) => {
    inForce = next;
    sinceMs = nowMs;
    errorsSinceChange = 0;
  };
  return {
    apply(applied, nowMs) {
      if (applied.version === inForce.version) return;
      // A second change before the first was confirmed goes back to where the first would have.
      if (watchedUntilMs === null) fallback = inForce;
      watchedUntilMs = applied.isRollback ? null : nowMs + applied.confirmMs;
      if (!applied.isRollback) changed += 1;
      put(applied, nowMs);
    },
    takePrices(listVersion) {
      priceList = listVersion;
    },
    live(nowMs) {
      const hours = Math.max(0, nowMs - livedMs) / HOUR_MS;
      livedMs = nowMs;
      const more = countOf(errorsPerHour(nowMs) * hours, random);
      errors += more;
      errorsSinceChange += more;
      discrepancies += countOf(DISCREPANCIES * hours, random);
      if (random() < OUTAGES * hours) outageUntilMs = nowMs + OUTAGE_MS;
      if (watchedUntilMs === null) return;
      const isSick = errorsSinceChange >= TOO_MANY;
      if (isSick) put(fallback, nowMs);
      if (isSick || nowMs >= watchedUntilMs) watchedUntilMs = null;
    },
    health() {
      const counts = { errors, discrepancies };
      errors = 0;
      discrepancies = 0;
      const offline = livedMs < outageUntilMs ? OUTAGE_DEVICES : 0;
      const confirmed = watchedUntilMs === null;
      return { ...counts, devices: DEVICES, devicesOnline: DEVICES - offline, confirmed };
    },
    config: () => ({
      effectiveHash: inForce.hash,
      version: BigInt(inForce.version),
      priceListVersion: priceList,
    }),
    changes: () => changed,
  };
}

/** How often something happens that is expected so often, at random (a Poisson count; a large one is as expected). */
function countOf(expected: number, random: () => number): number {
  if (expected > 30) return Math.round(expected);
  const limit = Math.exp(-expected);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}
