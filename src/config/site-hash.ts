import { createHash } from 'node:crypto';
import type { Site } from './site.ts';

/** SHA-256 over everything that a site is configured with, whatever order and comments its files have. */
export function siteHash({ folder: _, ...site }: Site): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(site)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (value instanceof Map) return sorted(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, inner]) => [key, sorted(inner)]);
}
