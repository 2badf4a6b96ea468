import {
  createSimulatedStore,
  type Defect,
  type SimulatedStore,
} from '../../../src/cli/fleet/simulated-store.ts';
import type { Vitals } from '../../../src/hub/fleet/condition.ts';
import { decide, isLookDue, type RolloutStore } from '../../../src/hub/fleet/gate.ts';
import { orderOf, stagesOf } from '../../../src/hub/fleet/stages.ts';
import { outcomeOf } from '../../../src/hub/fleet/store-outcome.ts';
import { randomOf } from '../../sync/random.ts';

export interface TrialOptions {
  readonly seed: number;
  readonly stores: number;
  /** The change makes one store of so many sick; null for a harmless one. */
  readonly oneIn: number | null;
  readonly defect: Defect;
}

export interface TrialOutcome {
  /** The stage at which it was halted; null when it reached every store. */
  readonly haltedAt: number | null;
  /** Stores that ever had the change. */
  readonly reached: number;
  /** Of these, stores that it made sick. */
  readonly hit: number;
  readonly reason: string;
  readonly hours: number;
}

const SOAK_MS = 24 * 60 * 60_000;
const CONFIRM_MS = 600_000;
const STEP_MS = SOAK_MS / 100;
const VERSION = 2;
/** A link is cut once a week for 20 minutes. */
const CUTS_PER_STEP = STEP_MS / (7 * 24 * 60 * 60_000);
const CUT_MS = 20 * 60_000;

interface TrialStore {
  readonly name: string;
  readonly rank: number;
  readonly hasDefect: boolean;
  readonly store: SimulatedStore;
  readonly total: { errors: number; discrepancies: number };
  state: RolloutStore['state'];
  reason: string;
  appliedMs: number | null;
  cutUntilMs: number;
  now: Vitals;
  base: { readonly vitals: Vitals; readonly sinceMs: number } | null;
}

/** One rollout of a day per stage in virtual time: the real stages and the real gate, over stores that live by chance. */
export function runTrial(options: TrialOptions): TrialOutcome {
  const random = randomOf(options.seed);
  const stores = createStores(options, random);
  const progress = {
    stores: stores.length,
    percent: stagesOf(stores.length)[0]!.percent,
    soakMs: SOAK_MS,
    soakFromMs: null as number | null,
    looks: 0,
  };
  takeBase(stores, 0);
  for (let nowMs = STEP_MS; ; nowMs += STEP_MS) {
    for (const store of stores) live(store, nowMs, random);
    const reach = stagesOf(stores.length).find(({ percent }) => percent === progress.percent)!.stores;
    const asked = stores.slice(0, isLookDue(progress, nowMs) ? stores.length : reach);
    const decision = decide(
      progress,
      asked.map(store => view(store, nowMs)),
      nowMs,
    );
    if (decision.kind === 'soak') progress.soakFromMs = nowMs;
    if (decision.kind === 'look') progress.looks = decision.looks;
    if (decision.kind === 'advance') {
      Object.assign(progress, { percent: decision.percent, soakFromMs: null, looks: 0 });
      takeBase(stores, nowMs);
    }
    if (decision.kind === 'halt' || decision.kind === 'complete') {
      const reached = stores.filter(({ store }) => store.changes() > 0);
      return {
        haltedAt: decision.kind === 'halt' ? progress.percent : null,
        reached: reached.length,
        hit: reached.filter(({ hasDefect }) => hasDefect).length,
        reason: decision.kind === 'halt' ? decision.reason : '',
        hours: nowMs / 3_600_000,
      };
    }
    for (const each of stores.slice(0, reach)) if (each.state === 'waiting') tell(each, nowMs);
  }
}

function createStores(
  { seed, stores: count, oneIn, defect }: TrialOptions,
  random: () => number,
): TrialStore[] {
  const names = Array.from({ length: count }, (_, index) => `store-${index}`);
  return orderOf(`trial-${seed}`, names).map((name, rank) => {
    const hasDefect = oneIn !== null && random() < 1 / oneIn;
    return {
      name,
      rank,
      hasDefect,
      store: createSimulatedStore({ defect: hasDefect ? defect : null, random }, 0),
      total: { errors: 0, discrepancies: 0 },
      state: 'waiting',
      reason: '',
      appliedMs: null,
      cutUntilMs: 0,
      now: { errors: 0, discrepancies: 0, devices: 20, devicesOffline: 0, pendingEvents: 0, heardMs: 0 },
      base: null,
    };
  });
}

function live(each: TrialStore, nowMs: number, random: () => number): void {
  each.store.live(nowMs);
  if (random() < CUTS_PER_STEP) each.cutUntilMs = nowMs + CUT_MS;
  if (nowMs < each.cutUntilMs) return;
  const { errors = 0, discrepancies = 0, devices = 0, devicesOnline = 0, confirmed } = each.store.health();
  each.total.errors += errors;
  each.total.discrepancies += discrepancies;
  each.now = {
    ...each.total,
    devices,
    devicesOffline: devices - devicesOnline,
    pendingEvents: 0,
    heardMs: nowMs,
  };
  const reported = {
    version: Number(each.store.config().version),
    hash: '',
    isConfirmed: confirmed === true,
    atMs: nowMs,
  };
  const outcome = outcomeOf({ ...each, reported }, { version: VERSION, confirmMs: CONFIRM_MS });
  if (outcome) Object.assign(each, outcome);
}

function tell(each: TrialStore, nowMs: number): void {
  if (nowMs < each.cutUntilMs) return;
  each.base ??= { vitals: each.now, sinceMs: nowMs };
  each.store.apply({ version: VERSION, hash: '', confirmMs: CONFIRM_MS, isRollback: false }, nowMs);
  each.state = 'applied';
  each.appliedMs = nowMs;
}

function takeBase(stores: readonly TrialStore[], nowMs: number): void {
  for (const each of stores)
    each.base = nowMs < each.cutUntilMs ? null : { vitals: each.now, sinceMs: nowMs };
}

const view = (
  { name, rank, state, reason, base, now, cutUntilMs }: TrialStore,
  nowMs: number,
): RolloutStore => ({
  store: name,
  rank,
  state,
  reason,
  watched: base && { sinceMs: base.sinceMs, base: base.vitals, now },
  isOnline: nowMs >= cutUntilMs,
});
