import { changesBetween } from '../domain/configuration/changes.ts';
import type { InForce } from '../domain/configuration/configuration.ts';
import type { Policies } from '../domain/configuration/facts.ts';
import type { ConfigurationView } from '../store/views.ts';

interface ViewOptions {
  /** What the store's own files say. */
  readonly files: Policies;
  readonly inForce: () => InForce;
  readonly priceList: () => string;
  /** Over everything that the store is configured with under these policies. */
  readonly hashOf: (policies: Policies) => string;
}

/** What the store is configured with, for people and for the cloud. */
export function createConfigurationView(options: ViewOptions): () => ConfigurationView {
  const { files, inForce, priceList, hashOf } = options;
  // A hash over the whole site is worth keeping, and a change makes new policies.
  let hashed: { readonly of: Policies; readonly hash: string } | null = null;
  return () => {
    const { version, policies, sinceMs, watch, wentBack } = inForce();
    if (hashed?.of !== policies) hashed = { of: policies, hash: hashOf(policies) };
    return {
      source: version === 0 ? 'files' : 'cloud',
      version,
      hash: hashed.hash,
      sinceMs,
      confirmed: watch === null,
      watchedUntilMs: watch?.untilMs ?? null,
      wentBack,
      priceList: priceList() || null,
      policies,
      differences: changesBetween(files, policies).map(({ path, before, after }) => ({
        path,
        files: before,
        inForce: after,
      })),
    };
  };
}
