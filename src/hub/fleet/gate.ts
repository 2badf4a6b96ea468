import { chanceOfDifference, chanceOfFailures } from './chance.ts';
import { boundsOf, SILENT_MS, sicknessOf, type Watched } from './condition.ts';
import { stagesOf } from './stages.ts';

/**
 * How far a store is: not reached; told, without an answer; it took the change; it said that it is well with it; it refused, went
 * back by itself or did not become well in time.
 */
export type StoreState = 'waiting' | 'sent' | 'applied' | 'confirmed' | 'failed';

export interface RolloutStore {
  readonly store: string;
  /** Its place in the order of the rollout, from 0. */
  readonly rank: number;
  readonly state: StoreState;
  /** Why it failed. */
  readonly reason: string;
  /** null while it is not known how it was before: such a store counts neither way. */
  readonly watched: Watched | null;
  readonly isOnline: boolean;
}

export interface Progress {
  /** Stores that the rollout is for. */
  readonly stores: number;
  /** As in `Stage`. */
  readonly percent: number;
  readonly soakMs: number;
  /** Since when the stage is watched; null while its stores are still being told. */
  readonly soakFromMs: number | null;
  /** How often the stage was compared with the control group. */
  readonly looks: number;
}

export type Decision =
  | { readonly kind: 'wait' }
  /** The stores of the stage have answered: watching begins. */
  | { readonly kind: 'soak' }
  | { readonly kind: 'look'; readonly looks: number }
  | { readonly kind: 'advance'; readonly percent: number }
  | { readonly kind: 'complete' }
  | { readonly kind: 'halt'; readonly reason: string };

/** Stores that fail without any fault of the change: one in 5,000, an incident of its own in the minutes after it. */
const OWN_FAILURES = 1 / 5_000;
/** More failures than that, by chance less likely than this, halt. One of up to 50 stores is enough, of up to 743 it takes two. */
const UNLIKELY_FAILURES = 0.01;
/** A stage is compared after each fifth of its time: four early looks ask for more than the last one. */
export const LOOKS = 5;
const UNLIKELY_EARLY = 0.001;
/** With the early ones at most 1.2 % in each of the four stages that have a control group: 1 harmless rollout in 20, at most. */
const UNLIKELY_LAST = 0.008;
/** Share of a stage's stores that must have answered before it counts. */
const QUORUM = 0.5;
/** When more than this share of the watched stores is not heard of, it is the hub that sees nothing, and no stage is passed. */
const BLIND = 0.2;

/** The look that is due now, counted from 1; not higher than `looks` when none is. */
const lookAt = ({ soakFromMs, soakMs }: Progress, nowMs: number): number =>
  soakFromMs === null ? 0 : Math.min(LOOKS, Math.floor((LOOKS * (nowMs - soakFromMs)) / soakMs));

export const isLookDue = (rollout: Progress, nowMs: number): boolean =>
  lookAt(rollout, nowMs) > rollout.looks;

/**
 * What to do with a rollout now. `stores` are those that it reaches, and when a look is due all of them. No clock inside: the same
 * figures give the same decision.
 */
export function decide(rollout: Progress, stores: readonly RolloutStore[], nowMs: number): Decision {
  const answered = stores.filter(hasAnswered);
  const failed = answered.filter(({ state }) => state === 'failed');
  const isFailing =
    failed.length > 0 && chanceOfFailures(failed.length, answered.length, OWN_FAILURES) < UNLIKELY_FAILURES;
  if (isFailing) {
    const reason = `${failed.length} of ${answered.length} stores failed, ${sample(failed)}`;
    return { kind: 'halt', reason };
  }
  if (rollout.soakFromMs === null) return { kind: isSettled(rollout, stores, nowMs) ? 'soak' : 'wait' };
  if (!isLookDue(rollout, nowMs) || isBlind(stores)) return { kind: 'wait' };
  const looks = lookAt(rollout, nowMs);
  const reason = differs(stores, looks < LOOKS ? UNLIKELY_EARLY : UNLIKELY_LAST, nowMs);
  if (reason !== null) return { kind: 'halt', reason };
  return looks < LOOKS ? { kind: 'look', looks } : onward(rollout);
}

function isBlind(stores: readonly RolloutStore[]): boolean {
  const watched = stores.filter(store => store.watched !== null);
  return watched.filter(({ isOnline }) => !isOnline).length > BLIND * watched.length;
}

const hasAnswered = ({ state }: RolloutStore) =>
  state === 'applied' || state === 'confirmed' || state === 'failed';

function onward({ percent, stores }: Progress): Decision {
  const next = stagesOf(stores).find(stage => stage.percent > percent);
  return next ? { kind: 'advance', percent: next.percent } : { kind: 'complete' };
}

/**
 * Whether nobody of the stage is on the way any more, and enough of its stores have come to an end. One without a link is not waited
 * for; but when it was lost after it took the change, it is given the time after which it counts as silent.
 */
function isSettled(rollout: Progress, stores: readonly RolloutStore[], nowMs: number): boolean {
  const stages = stagesOf(rollout.stores);
  const at = stages.findIndex(stage => stage.percent === rollout.percent);
  const [from, to] = [stages[at - 1]?.stores ?? 0, stages[at]?.stores ?? 0];
  const ours = stores.filter(({ rank }) => rank >= from && rank < to);
  const ended = ours.filter(({ state }) => state === 'confirmed' || state === 'failed');
  const isLost = ({ state, watched }: RolloutStore) =>
    state === 'applied' && watched !== null && nowMs - watched.now.heardMs <= SILENT_MS;
  const isUnderWay = ours.some(store => !ended.includes(store) && (store.isOnline || isLost(store)));
  return !isUnderWay && ended.length >= QUORUM * ours.length;
}

/** Why the stores that have the change are worse off than those that do not have it yet; null when they are not. */
function differs(stores: readonly RolloutStore[], unlikely: number, nowMs: number): string | null {
  const watched = stores.flatMap(({ watched: found }) => (found ? [found] : []));
  const bounds = boundsOf(watched, nowMs);
  const judged = stores.flatMap(store => {
    if (!store.watched || store.state === 'sent') return [];
    const sickness = store.state === 'failed' ? store.reason : sicknessOf(store.watched, bounds, nowMs);
    return [{ store: store.store, isTreated: store.state !== 'waiting', reason: sickness }];
  });
  const treated = judged.filter(({ isTreated }) => isTreated);
  const control = judged.filter(({ isTreated }) => !isTreated);
  const sickOf = (group: typeof judged) => group.filter(({ reason }) => reason !== null);
  const sick = sickOf(treated);
  const sickOthers = sickOf(control).length;
  const chance = chanceOfDifference(
    { sick: sick.length, stores: treated.length },
    { sick: sickOthers, stores: control.length },
  );
  if (sick.length === 0 || chance >= unlikely) return null;
  const others = `${sickOthers} of the ${control.length} that do not have it yet`;
  return `${sick.length} of ${treated.length} stores are sick and ${others}, ${sample(sick)}`;
}

const sample = (stores: readonly { readonly store: string; readonly reason: string | null }[]) =>
  `such as ${stores[0]?.store}: ${stores[0]?.reason}`;
