import type { DocumentReading, Reading } from '../readings/reading.ts';
import type { Outcome } from '../readings/submit.ts';
import { type Failure, fail, type Result } from '../shared/result.ts';
import type { Fact, LogEntry, NewEntry } from '../store/fact.ts';
import type { CommitBatch, DocumentKey, FacingTrust, PlateCheckpoint, Store } from '../store/store.ts';
import { documentHash, documentKey } from './document-key.ts';
import type { Delivery } from './inbox.ts';

/**
 * The domains as the step sees them. `decide` says what a reading means, `apply` folds a fact into memory;
 * several readings of one batch build on each other before anything is stored.
 */
export interface Domains {
  decide(reading: Reading): Result<readonly Fact[]>;
  apply(fact: Fact, eventTimeMs: number): void;
  /** What other domains make of these facts, which are applied already. Its answer is offered to nobody. */
  react(facts: readonly Fact[], reading: Reading): readonly Fact[];
  takeCheckpoints(): readonly PlateCheckpoint[];
  takeTrust(): readonly FacingTrust[];
}

export interface StepDeps {
  readonly store: Store;
  /** Makes the domains anew from what is stored: after a commit that failed. */
  readonly restore: () => Domains;
  /** Whether there is room for such a fact; left out where there always is. */
  readonly takes?: (fact: Fact) => boolean;
  /** The domains to begin with. */
  readonly domains: Domains;
  readonly onCommitted: (entries: readonly LogEntry[]) => void;
  readonly onStorageFailure: (error: unknown) => void;
}

export interface Step {
  /** Decides and commits one batch; the outcomes stand in the order of the deliveries. */
  run(deliveries: readonly Delivery[]): readonly Outcome[];
}

/** What one reading led to, before the commit has given out sequence numbers. */
type Decided =
  | { readonly status: 'accepted' | 'repeated'; readonly firstEntry: number | null }
  | { readonly status: 'duplicate'; readonly seq: number | null }
  | { readonly status: 'refused'; readonly failure: Failure };

interface Batch {
  readonly entries: NewEntry[];
  readonly keys: Map<string, DocumentKey>;
}

export function createStep(deps: StepDeps): Step {
  let { domains } = deps;

  const run = (deliveries: readonly Delivery[]): readonly Outcome[] => {
    const batch: Batch = { entries: [], keys: new Map() };
    const decided = deliveries.map(({ readings }) =>
      readings.map(reading => decideOne(deps, domains, batch, reading)),
    );
    const committed = commit(deps, {
      entries: batch.entries,
      keys: [...batch.keys.values()],
      plates: domains.takeCheckpoints(),
      trust: domains.takeTrust(),
    });
    if (!committed.ok) {
      domains = deps.restore();
      return decided.map(results =>
        summarise(results.map(result => outcomeOf(result, null, committed.error))),
      );
    }
    if (committed.value.length > 0) deps.onCommitted(committed.value);
    return decided.map(results => summarise(results.map(result => outcomeOf(result, committed.value, null))));
  };
  return { run };
}

function decideOne(
  { store, takes = () => true }: Pick<StepDeps, 'store' | 'takes'>,
  domains: Domains,
  batch: Batch,
  reading: Reading,
): Decided {
  const keyed = reading.kind === 'document' ? keyOf(reading) : null;
  const known = keyed && (findInBatch(batch, keyed) ?? findStored(store, keyed));
  if (known) return known;

  const result = domains.decide(reading);
  if (!result.ok) return { status: 'refused', failure: result.error };
  const facts = result.value.filter(takes);
  // Points cannot be refused, and what they say of alarms is taken; whoever hands in a document is told.
  if (keyed && facts.length < result.value.length) return { status: 'refused', failure: NO_ROOM };
  const firstEntry = facts.length > 0 ? batch.entries.length : null;
  const add = (facts: readonly Fact[]) => {
    for (const fact of facts) {
      domains.apply(fact, reading.eventTimeMs);
      batch.entries.push({ fact, eventTimeMs: reading.eventTimeMs, receivedTimeMs: reading.receivedTimeMs });
    }
  };
  add(facts);
  // One round, so that domains can never keep each other busy.
  if (facts.length > 0) add(domains.react(facts, reading));
  if (keyed) batch.keys.set(keyed.key, { ...keyed, firstEntry });
  return { status: 'accepted', firstEntry };
}

const NO_ROOM: Failure = {
  code: 'storage',
  message:
    'the room for events that the cloud has not heard is used up; this is taken again when there is some',
  retry: false,
};

const keyOf = ({ document }: DocumentReading) => ({
  key: documentKey(document),
  hash: documentHash(document),
});

function findInBatch(batch: Batch, { key, hash }: { key: string; hash: string }): Decided | null {
  const found = batch.keys.get(key);
  if (!found) return null;
  return found.hash === hash ? { status: 'repeated', firstEntry: found.firstEntry } : conflict(key);
}

function findStored(store: Store, { key, hash }: { key: string; hash: string }): Decided | null {
  const found = store.findKey(key);
  if (!found) return null;
  return found.hash === hash ? { status: 'duplicate', seq: found.seq } : conflict(key);
}

const conflict = (key: string): Decided => ({
  status: 'refused',
  failure: fail(
    'conflict',
    `${key} was accepted before with other content; give the new document a key of its own`,
  ).error,
});

function commit(deps: StepDeps, batch: CommitBatch): Result<readonly LogEntry[]> {
  const { entries, keys, plates, trust = [] } = batch;
  if (entries.length + keys.length + plates.length + trust.length === 0) return { ok: true, value: [] };
  try {
    return { ok: true, value: deps.store.commit(batch) };
  } catch (error) {
    deps.onStorageFailure(error);
    return fail('storage', 'the database could not store this; send it again', true);
  }
}

/** Without a commit everything but a stored duplicate or a refusal has to come again. */
function outcomeOf(decided: Decided, entries: readonly LogEntry[] | null, failure: Failure | null): Outcome {
  if (decided.status === 'refused' || decided.status === 'duplicate') return decided;
  if (failure) return { status: 'refused', failure };
  const seq = decided.firstEntry === null ? null : (entries?.[decided.firstEntry]?.seq ?? null);
  return { status: decided.status === 'accepted' ? 'accepted' : 'duplicate', seq };
}

function summarise(outcomes: readonly Outcome[]): Outcome {
  return (
    outcomes.find(outcome => outcome.status === 'refused') ??
    outcomes.find(outcome => outcome.status === 'accepted' && outcome.seq !== null) ??
    outcomes.find(outcome => outcome.status === 'accepted') ??
    outcomes[0] ?? { status: 'accepted', seq: null }
  );
}
