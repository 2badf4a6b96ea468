import type { ConfigureDocument, SettleConfigurationDocument } from '../../readings/documents.ts';
import { fail, ok, type Result } from '../../shared/result.ts';
import { changesBetween, isSame } from './changes.ts';
import type { ConfigurationFact, Policies, Watch } from './facts.ts';

/** What a store is configured with. */
export interface InForce {
  /** 0: the store's own files. */
  readonly version: number;
  readonly policies: Policies;
  /** Null while nothing but the files was ever in force. */
  readonly sinceMs: number | null;
  /** Null when the store has found itself well with it, or nothing is to be watched. */
  readonly watch: Watch | null;
  /** Why the store went back to it by itself, and from which version; null when it did not. */
  readonly wentBack: { readonly fromVersion: number; readonly reason: string } | null;
}

export interface ConfigurationBook {
  /** What the store's own files say. */
  readonly files: Policies;
  last: ConfigurationFact | null;
}

export const createConfigurationBook = (files: Policies): ConfigurationBook => ({ files, last: null });

export function apply(book: ConfigurationBook, fact: ConfigurationFact): void {
  book.last = fact;
}

export function inForce({ files, last }: ConfigurationBook): InForce {
  if (last === null) return { version: 0, policies: files, sinceMs: null, watch: null, wentBack: null };
  const { version, sinceMs, versionBefore, watch, reason } = last;
  const policies = version === 0 ? files : last.policies;
  const wentBack = last.state === 'rolled_back' ? { fromVersion: versionBefore, reason: reason ?? '' } : null;
  return { version, policies, sinceMs, watch, wentBack };
}

/**
 * After a restart. A configuration that was still watched is taken back, as a device does that is restarted before a
 * confirmed commit is confirmed (RFC 6241, section 8.4): whether it was the cause cannot be known here. So is one that this
 * software cannot use any more, and then the store's own files hold.
 */
export function start(
  book: ConfigurationBook,
  isUsable: (policies: Policies) => boolean,
  nowMs: number,
): readonly ConfigurationFact[] {
  const { watch, version, policies } = inForce(book);
  if (watch) {
    const reason = 'the gateway ended before the configuration was found well';
    const usable = watch.fallbackVersion === 0 || isUsable(watch.fallback);
    return [usable ? goBack(book, watch, reason, nowMs) : goBack(book, toFiles(book), reason, nowMs)];
  }
  if (version === 0 || isUsable(policies)) return [];
  const reason = 'the software of this store cannot use the configuration any more';
  return [goBack(book, toFiles(book), reason, nowMs)];
}

/** The plan of a new configuration, or why it is not taken. The same one again changes nothing. */
export function decideConfigure(
  book: ConfigurationBook,
  document: ConfigureDocument,
  nowMs: number,
): Result<readonly ConfigurationFact[]> {
  const { version, rollback } = document;
  const now = inForce(book);
  const highest = book.last?.highestVersion ?? 0;
  const policies = document.policies ?? book.files;
  if (version === now.version && isSame(policies, now.policies)) return ok([]);
  if (!rollback && version <= highest) {
    return fail(
      'invalid',
      `configuration ${version} is not newer than ${highest}, the highest that this store had; give it a higher version, or mark it as a rollback`,
    );
  }
  // What is gone back to was found well before; only something new is watched.
  const watch = rollback ? null : { untilMs: nowMs + document.confirmWithinMs, ...fallbackOf(now) };
  return ok([
    {
      type: 'configuration',
      state: rollback ? 'confirmed' : 'applied',
      version,
      sinceMs: nowMs,
      versionBefore: now.version,
      policies,
      changes: changesBetween(now.policies, policies),
      highestVersion: Math.max(highest, version),
      watch,
      reason: null,
    },
  ]);
}

/** The end of the watch. Says nothing when that configuration is no longer the one that is watched. */
export function decideSettle(
  book: ConfigurationBook,
  { version, trouble }: SettleConfigurationDocument,
  nowMs: number,
): readonly ConfigurationFact[] {
  const { last } = book;
  if (!last?.watch || last.version !== version) return [];
  if (trouble !== null) return [goBack(book, last.watch, trouble, nowMs)];
  return [{ ...last, state: 'confirmed', versionBefore: version, changes: [], watch: null }];
}

/** A second one before the first was confirmed goes back to where the first would have. */
const fallbackOf = ({ watch, version, policies }: InForce): Omit<Watch, 'untilMs'> =>
  watch
    ? { fallbackVersion: watch.fallbackVersion, fallback: watch.fallback }
    : { fallbackVersion: version, fallback: policies };

const toFiles = ({ files }: ConfigurationBook) => ({ fallbackVersion: 0, fallback: files });

function goBack(
  book: ConfigurationBook,
  { fallbackVersion: version, fallback }: Omit<Watch, 'untilMs'>,
  reason: string,
  nowMs: number,
): ConfigurationFact {
  const now = inForce(book);
  const policies = version === 0 ? book.files : fallback;
  return {
    type: 'configuration',
    state: 'rolled_back',
    version,
    sinceMs: nowMs,
    versionBefore: now.version,
    policies,
    changes: changesBetween(now.policies, policies),
    highestVersion: book.last?.highestVersion ?? 0,
    watch: null,
    reason,
  };
}
