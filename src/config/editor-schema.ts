import type { TSchema } from 'typebox';

/**
 * A JSON Schema (draft 7) as text, for editors that complete and check YAML. Keys with a default may
 * be left out in a file, so they are not required here.
 */
export function editorSchema(schema: TSchema): string {
  const relaxed = relax(JSON.parse(JSON.stringify(schema)));
  const draft = { $schema: 'http://json-schema.org/draft-07/schema#', ...(relaxed as object) };
  return `${JSON.stringify(draft, null, 2)}\n`;
}

function relax(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(relax);
  if (typeof node !== 'object' || node === null) return node;
  const relaxed = Object.fromEntries(Object.entries(node).map(([key, child]) => [key, relax(child)]));
  if (!Array.isArray(relaxed.required)) return relaxed;
  const properties = (relaxed.properties ?? {}) as Readonly<Record<string, object>>;
  const required = relaxed.required.filter((key: string) => !('default' in (properties[key] ?? {})));
  return { ...relaxed, required };
}
