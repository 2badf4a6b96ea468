import { createHash } from 'node:crypto';
import type { Document } from '../readings/documents.ts';

/** A till and a handheld may use the same number, so a key is unique within its type of document. */
export const documentKey = (document: Document): string => `${document.type}:${document.key}`;

/** Hash of the content, whatever the order of its fields. */
export function documentHash(document: Document): string {
  return createHash('sha256').update(canonicalJson(document)).digest('base64url');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
