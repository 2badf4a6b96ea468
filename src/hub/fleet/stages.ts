import { createHash } from 'node:crypto';

/** How far a rollout has come: a share of its stores, and how many that are. */
export interface Stage {
  readonly percent: number;
  readonly stores: number;
}

const PERCENTS = [1, 5, 20, 50, 100] as const;

/** The stages of a rollout to so many stores, 1 or more. Each reaches stores that the one before did not, so few stores have few stages. */
export function stagesOf(stores: number): readonly Stage[] {
  const all = PERCENTS.map(percent => ({ percent, stores: Math.ceil((stores * percent) / 100) }));
  return all.filter((stage, index) => stage.stores !== all[index + 1]?.stores);
}

/**
 * The order in which a rollout reaches its stores: by a hash of both names. It is the same whenever it is asked for, and another
 * one for each rollout, so that it is not always the same stores that go first.
 */
export function orderOf(rolloutId: string, stores: readonly string[]): readonly string[] {
  const keyed = stores.map(store => ({
    store,
    key: createHash('sha256').update(`${rolloutId}\n${store}`).digest('hex'),
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ store }) => store);
}
