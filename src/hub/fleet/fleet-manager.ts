import { status } from '@grpc/grpc-js';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { CommandRelay } from '../command-relay.ts';
import { createRounds, type Rounds } from '../rounds.ts';
import { isRpcError } from '../rpc-error.ts';
import { applyOrder, confirmSecondsOf, type Order, type Sign, soakMsOf, undoOrder } from './documents.ts';
import { type Decision, decide, isLookDue } from './gate.ts';
import type { RolloutBook, StoredRollout } from './rollout-book.ts';
import type { Mark, RolloutStores, TrackedStore } from './rollout-stores.ts';
import { stagesOf } from './stages.ts';
import { outcomeOf } from './store-outcome.ts';

interface FleetManagerOptions {
  /** Whether rollouts are led here, and not by another receiver. */
  readonly isOnDuty: (lastsMs: number) => Promise<boolean>;
  readonly book: RolloutBook;
  readonly stores: RolloutStores;
  readonly relay: CommandRelay;
  /** null: nothing can be signed, so nothing is sent. */
  readonly sign: Sign | null;
  readonly clock: Clock;
  readonly log: Log;
}

const ROUND_MS = 5_000;
/** After how long another receiver takes over from one that died. */
const DUTY_MS = 3 * ROUND_MS;
const ANSWER_MS = 10_000;
/** Stores told in one round, so that a change that fails is found between two rounds, and commands under way at once. */
const TOLD_PER_ROUND = 200;
const AT_ONCE = 50;

/**
 * Leads every rollout from stage to stage, and back. Everything that it knows is in the database, and each step may be made twice: a hub
 * that was killed goes on where it was, and two that lead the same rollout do not disturb each other.
 */
export function createFleetManager(options: FleetManagerOptions): Rounds {
  const { clock, log } = options;
  return createRounds({
    name: 'fleet',
    everyMs: ROUND_MS,
    work: () => tend(options),
    failed: 'rollouts could not be read',
    clock,
    log,
  });
}

async function tend(options: FleetManagerOptions): Promise<void> {
  const { isOnDuty, book, log } = options;
  if (!(await isOnDuty(DUTY_MS))) return;
  for (const rollout of await book.active()) {
    try {
      await (rollout.state === 'rolling_back' ? undo(options, rollout) : lead(options, rollout));
    } catch (error) {
      log.error({ rollout: rollout.rolloutId, error: String(error) }, 'a rollout could not be led on');
    }
  }
}

async function lead(options: FleetManagerOptions, rollout: StoredRollout): Promise<void> {
  const { stores, clock } = options;
  const nowMs = clock.nowMs();
  const { rolloutId } = rollout;
  if (rollout.state === 'completed') {
    const open = await settle(options, rollout, await stores.open(rolloutId, nowMs));
    return tell(options, rollout, open);
  }
  const progress = { ...rollout, soakMs: soakMsOf(rollout) };
  // The control group is many rows, and is needed for a look only.
  const reach = isLookDue(progress, nowMs) ? rollout.stores : reachOf(rollout);
  const tracked = await settle(options, rollout, await stores.first(rolloutId, reach, nowMs));
  const decision = decide(progress, tracked, nowMs);
  if (await take(options, rollout, decision, nowMs)) await tell(options, rollout, tracked);
}

const reachOf = ({ stores, percent }: StoredRollout): number =>
  stagesOf(stores).find(stage => stage.percent === percent)?.stores ?? 0;

/** Carries out a decision. False when the stage is over. */
async function take(
  options: FleetManagerOptions,
  rollout: StoredRollout,
  decision: Decision,
  nowMs: number,
): Promise<boolean> {
  const { book, log } = options;
  const { rolloutId, percent } = rollout;
  if (decision.kind !== 'wait') log.info({ rolloutId, percent, ...decision }, 'rollout');
  if (decision.kind === 'soak') await book.soak(rollout, nowMs);
  if (decision.kind === 'look') await book.look(rollout, decision.looks);
  if (decision.kind === 'complete') await book.complete(rollout);
  if (decision.kind === 'advance') await book.advance(rollout, decision.percent, nowMs);
  if (decision.kind === 'halt') {
    await book.halt(rolloutId, `${percent} % stage: ${decision.reason}`);
    await undo(options, rollout);
  }
  return decision.kind !== 'advance' && decision.kind !== 'halt';
}

/** Notes what became of the stores that took the change. */
async function settle(
  { stores, clock }: FleetManagerOptions,
  rollout: StoredRollout,
  tracked: readonly TrackedStore[],
): Promise<readonly TrackedStore[]> {
  const rules = { version: rollout.version, confirmMs: confirmSecondsOf(rollout) * 1000 };
  const marks = tracked.flatMap(store => {
    const outcome = outcomeOf(store, rules);
    return outcome ? [{ store: store.store, hash: store.reported.hash, ...outcome }] : [];
  });
  await stores.mark(rollout.rolloutId, marks, clock.nowMs());
  const byStore = new Map(marks.map(mark => [mark.store, mark]));
  return tracked.map(store => ({ ...store, ...byStore.get(store.store) }));
}

async function tell(
  options: FleetManagerOptions,
  rollout: StoredRollout,
  tracked: readonly TrackedStore[],
): Promise<void> {
  const { stores, sign, clock } = options;
  if (!sign) return;
  const { rolloutId, kind, request } = rollout;
  const reach = reachOf(rollout);
  const due = tracked
    .filter(
      ({ rank, state, isOnline }) => isOnline && rank < reach && (state === 'waiting' || state === 'sent'),
    )
    .slice(0, TOLD_PER_ROUND);
  if (due.length === 0) return;
  const gtins = request.change.case === 'prices' ? request.change.value.prices.map(({ gtin }) => gtin) : [];
  const names = due.map(({ store }) => store);
  const may = await stores.tell(rolloutId, names, gtins, clock.nowMs());
  await each(
    names.filter(store => may.has(store)),
    async store => {
      const answer = await ask(options, applyOrder(rollout, store, sign));
      if (answer === 'later') return;
      const done = kind === 'prices' ? 'confirmed' : 'applied';
      const mark: Mark = {
        store,
        hash: '',
        ...(answer === 'done' ? { state: done, reason: '' } : { state: 'failed', reason: answer.refused }),
      };
      await stores.mark(rolloutId, [mark], clock.nowMs());
    },
  );
}

/** Puts back every store that has the change or may have it. Those without a link are put back when they return. */
async function undo(options: FleetManagerOptions, rollout: StoredRollout): Promise<void> {
  const { book, stores, sign, clock, log } = options;
  const { rolloutId } = rollout;
  if (!sign) return;
  await stores.undoAll(rolloutId);
  const open = (await stores.open(rolloutId, clock.nowMs())).filter(store => store.undo === 'due');
  if (open.length === 0) return book.rolledBack(rolloutId);
  const policies = await policiesBefore(book, open);
  await each(open.slice(0, TOLD_PER_ROUND), async store => {
    // It has gone back by itself already.
    const isBack = store.state === 'failed' && store.reported.version !== rollout.version;
    const order =
      isBack && rollout.kind === 'configuration'
        ? null
        : undoOrder(rollout, store, policies.get(store.before.version) ?? '', sign);
    if (order && !store.isOnline) return;
    const answer = order ? await ask(options, order) : 'done';
    if (answer === 'later') return;
    const refused = answer === 'done' ? null : `does not go back: ${answer.refused}`;
    if (refused) log.error({ rolloutId, store: store.store, refused }, 'a store could not be put back');
    await stores.undone(rolloutId, store.store, refused);
  });
}

/** Calls `work` for each, some at once. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}

/** What the versions said that stores go back to. */
async function policiesBefore(
  book: RolloutBook,
  stores: readonly TrackedStore[],
): Promise<ReadonlyMap<number, string>> {
  const versions = new Set(stores.map(({ before }) => before.version).filter(version => version > 0));
  const found = new Map<number, string>();
  for (const version of versions) {
    const [rollout] = await book.page(version + 1, 1);
    const change = rollout?.version === version ? rollout.request.change : null;
    if (change?.case === 'policiesJson') found.set(version, change.value);
  }
  return found;
}

/** Asks a store once. `later`: it gave no answer that holds, and is asked again in the next round. */
async function ask(
  { relay, clock }: FleetManagerOptions,
  order: Order,
): Promise<'done' | 'later' | { readonly refused: string }> {
  try {
    await relay({ ...order, deadlineMs: clock.nowMs() + ANSWER_MS });
    return 'done';
  } catch (error) {
    if (!isRpcError(error)) throw error;
    const mayPass = error.code === status.UNAVAILABLE || error.code === status.DEADLINE_EXCEEDED;
    return mayPass ? 'later' : { refused: `refused: ${error.details}` };
  }
}
