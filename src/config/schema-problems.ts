import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { adviseNearest } from './nearest.ts';
import { show } from './problems.ts';
import type { SchemaNode } from './schema-node.ts';
import { leafSentence } from './schema-sentences.ts';
import type { Path } from './yaml-file.ts';

export interface SchemaProblem {
  readonly path: Path;
  readonly part: 'key' | 'value';
  readonly what: string;
  readonly mend: string;
}

/** Picks the branch of a union by what the rest of the file says, so that one mistake stays one message. */
export type ChooseBranch = (path: Path, branches: readonly SchemaNode[]) => SchemaNode | null;

interface Walk {
  readonly problems: SchemaProblem[];
  readonly choose: ChooseBranch;
}

/**
 * Everything in which `value` differs from `schema`, as sentences. Keys that have a default may be
 * absent. The library's own error list is used for single values only: it stops after eight errors
 * and reports every branch of a union.
 */
export function schemaProblems(schema: TSchema, value: unknown, choose: ChooseBranch): SchemaProblem[] {
  const walk: Walk = { problems: [], choose };
  visit(walk, schema as SchemaNode, value, []);
  return walk.problems;
}

/** `devices[2].address.unit`. */
export const pathText = (path: Path): string =>
  path
    .map((step, depth) => (typeof step === 'number' ? `[${step}]` : depth === 0 ? step : `.${step}`))
    .join('');

function visit(walk: Walk, schema: SchemaNode, value: unknown, path: Path): void {
  if (schema.anyOf) visitUnion(walk, schema, value, path);
  else if (schema.type === 'object') visitObject(walk, schema, value, path);
  else if (schema.type === 'array') visitArray(walk, schema, value, path);
  else if (!Value.Check(schema as TSchema, value))
    report(walk, path, leafSentence(schema, value, pathText(path)));
}

function visitUnion(walk: Walk, schema: SchemaNode, value: unknown, path: Path): void {
  const branches = schema.anyOf ?? [];
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const chosen = walk.choose(path, branches) ?? branches.find(branch => branch.type === kind);
  if (chosen) visit(walk, chosen, value, path);
  else report(walk, path, leafSentence(schema, value, pathText(path)));
}

function visitObject(walk: Walk, schema: SchemaNode, value: unknown, path: Path): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(walk, path, leafSentence(schema, value, pathText(path) || 'the file'));
    return;
  }
  const known = schema.properties ?? {};
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(value, key) && known[key]?.default === undefined)
      reportMissing(walk, schema, key, path);
  }
  for (const [key, child] of Object.entries(value)) {
    const childSchema = Object.hasOwn(known, key) ? known[key] : matchPattern(schema, key);
    if (childSchema) visit(walk, childSchema, child, [...path, key]);
    else if (schema.patternProperties || schema.additionalProperties === false) {
      reportUnknown(walk, schema, key, path);
    }
  }
}

const matchPattern = (schema: SchemaNode, key: string): SchemaNode | undefined =>
  Object.entries(schema.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(key))?.[1];

function visitArray(walk: Walk, schema: SchemaNode, value: unknown, path: Path): void {
  if (!Array.isArray(value) || value.length < (schema.minItems ?? 0)) {
    report(walk, path, leafSentence(schema, value, pathText(path)));
    return;
  }
  for (const [index, item] of value.entries()) visit(walk, schema.items ?? {}, item, [...path, index]);
}

function report(walk: Walk, path: Path, sentence: { what: string; mend: string }): void {
  walk.problems.push({ path, part: 'value', ...sentence });
}

function reportMissing(walk: Walk, schema: SchemaNode, key: string, path: Path): void {
  const about = schema.properties?.[key]?.description;
  walk.problems.push({
    path: [...path, key],
    part: 'key',
    what: `${pathText([...path, key])} is missing`,
    mend: `add a line "${key}: ..."${about ? ` (${about})` : ''}`,
  });
}

function reportUnknown(walk: Walk, schema: SchemaNode, key: string, path: Path): void {
  const known = Object.keys(schema.properties ?? {});
  const patterns = Object.keys(schema.patternProperties ?? {});
  const otherwise =
    known.length > 0 ? `known here: ${known.join(', ')}` : `keys here must match ${patterns.join(' or ')}`;
  walk.problems.push({
    path: [...path, key],
    part: 'key',
    what: `unknown key ${show(key)}${path.length > 0 ? ` in ${pathText(path)}` : ''}`,
    mend: adviseNearest(key, known, otherwise),
  });
}
